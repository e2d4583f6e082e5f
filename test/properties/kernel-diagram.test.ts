// Diagrams of small machines, whole: composite, nested twice, flat, and with transitions of the machine itself.
import { expect, test } from 'vitest'
import { mermaid } from '../../src/machines/kernel/diagram.ts'
import { does, ignores, type Listed, rejects } from '../../src/machines/kernel/listed.ts'
import { defineMachine, type Effect } from '../../src/machines/kernel/machine.ts'

interface States {
  readonly initial: string
  readonly states: Readonly<Record<string, Partial<States> & { readonly on?: On }>>
  readonly on?: On
}
type On = Readonly<Record<string, Listed | readonly Listed[]>>

function drawn(config: States): string {
  const events = ['go', 'back']
  const guards = { ready: () => true }
  const parts = { id: 'm', events, guards, actions: { act: () => ({}) }, config: config as never }
  return mermaid(defineMachine<null, { readonly type: string }, Effect>(parts))
}

const to = (target: string, guard?: string) =>
  does('act', ['D-1'], guard === undefined ? { target } : { target, guard })
const stays = does('act', ['D-1'])

test('arrows between two states are one, with their labels in order; what is ignored or rejected is none', () => {
  const diagram = drawn({
    initial: 'b',
    states: {
      a: { on: { go: [to('b', 'ready'), ignores('no', ['D-1'])], back: to('b') } },
      b: { on: { go: [to('a', 'ready'), stays], back: rejects('no', ['D-1']) } },
    },
  })
  expect(diagram).toBe(`stateDiagram-v2
  a
  b
  [*] --> b
  a --> b : go [ready], back
  b --> a : go [ready]
  b --> b : go
`)
})

test('composite states are drawn as such, however deep, where no arrow leads from inside one to inside another', () => {
  const diagram = drawn({
    initial: 'out',
    states: {
      out: { on: { go: to('in.deep.two'), back: stays } },
      in: {
        initial: 'deep',
        on: { back: to('out') },
        states: {
          deep: {
            initial: 'one',
            states: { one: { on: { go: to('two') } }, two: { on: { go: to('one', 'ready') } } },
          },
          shallow: { on: { go: ignores('no', ['D-1']) } },
        },
      },
    },
  })
  expect(diagram).toBe(`stateDiagram-v2
  out
  state in {
    state in_deep {
      state "one" as in_deep_one
      state "two" as in_deep_two
      [*] --> in_deep_one
    }
    state "shallow" as in_shallow
    [*] --> in_deep
  }
  [*] --> out
  out --> in_deep_two : go
  out --> out : back
  in_deep_one --> in_deep_two : go
  in --> out : back
  in_deep_two --> in_deep_one : go [ready]
`)
})

test('where one does, all states are drawn flat', () => {
  const diagram = drawn({
    initial: 'a',
    states: {
      a: { initial: 'x', states: { x: { on: { go: to('#m.b.y') } } }, on: { back: to('end') } },
      b: { initial: 'z', states: { y: { on: { go: to('z') } }, z: {} }, on: { back: stays } },
      end: {},
    },
  })
  expect(diagram).toBe(`stateDiagram-v2
  state "a.x" as a_x
  state "b.y" as b_y
  state "b.z" as b_z
  end
  [*] --> a_x
  a_x --> b_y : go
  a_x --> end : back
  b_y --> b_z : go
  b_y --> b_y : back
  b_z --> b_z : back
`)
})

test('a transition of the machine itself leaves all of its states', () => {
  const diagram = drawn({
    initial: 'a',
    on: { back: to('.a') },
    states: { a: { on: { go: to('b') } }, b: { on: { go: ignores('no', ['D-1']) } } },
  })
  expect(diagram).toBe(`stateDiagram-v2
  a
  b
  [*] --> a
  a --> b : go
  all --> a : back
`)
})

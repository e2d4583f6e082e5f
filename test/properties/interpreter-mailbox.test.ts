// The single-writer loop: order, bounds, defects, journals and crashes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mailbox } from '../../src/effects/mailbox.ts'
import { defineMachine, type State } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'

interface Context {
  readonly taken: readonly number[]
}
type Event = { readonly type: 'note'; readonly n: number; readonly echo: number } | { readonly type: 'fail' }
type Effect = { readonly type: 'say'; readonly n: number; readonly echo: number }

/** Notes numbers; each note wants `echo` effects said. */
const notes = defineMachine<Context, Event, Effect>({
  id: 'notes',
  events: ['note'],
  guards: {},
  actions: {
    note: ({ taken }: Context, { n, echo }: Extract<Event, { type: 'note' }>) => ({
      context: { taken: [...taken, n] },
      effects: Array.from({ length: echo }, (_, i) => ({ type: 'say' as const, n: n * 10 + i, echo: 0 })),
    }),
  },
  config: { initial: 'on', states: { on: { on: { note: { actions: 'note', meta: { req: [] } } } } } },
})
const initial = { value: 'on', context: { taken: [] } }
const note = (n: number, echo = 0): Event => ({ type: 'note', n, echo })

function box(
  options: { capacity?: number; perform?: (effect: Effect) => void; afterEffect?: (n: number) => void } = {},
) {
  const defects: string[] = []
  const journal: Event[] = []
  const made = mailbox<Context, Event, Effect>({
    machine: notes,
    initial,
    perform: options.perform ?? (() => {}),
    capacity: options.capacity ?? 100,
    journal: (event) => journal.push(event),
    ...(options.afterEffect && { afterEffect: options.afterEffect }),
    defect: (code) => defects.push(code),
  })
  return { made, defects, journal }
}

test('events that arrive while effects are handed out are taken after them, in their order [RELAY-021]', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), (echoes) => {
      const said: number[] = []
      let depth = 0
      const { made } = box({
        capacity: 1000,
        perform({ n }) {
          depth++
          expect(depth).toBe(1)
          said.push(n)
          if (n < 1000) expect(made.dispatch(note(n, n % 2))).toBe('queued')
          depth--
        },
      })
      for (const [i, echo] of echoes.entries()) expect(made.dispatch(note(i + 1, echo))).toBe('taken')
      const { taken } = made.state().context
      expect(made.waiting).toBe(0)
      expect(taken.length).toBe(echoes.length + said.filter((n) => n < 1000).length)
      expect(new Set(taken).size).toBe(taken.length)
    }),
  )
})

test('the queue is bounded and says so [RELAY-021]', () => {
  const answers: string[] = []
  const { made } = box({
    capacity: 3,
    perform: () => {
      for (let n = 0; n < 5; n++) answers.push(made.dispatch(note(n)))
    },
  })
  made.dispatch(note(9, 1))
  expect(answers).toEqual(['queued', 'queued', 'queued', 'full', 'full'])
  expect(made.state().context.taken).toEqual([9, 0, 1, 2])
})

test('a handler or a machine that throws is reported, and the loop goes on [RELAY-021]', () => {
  const { made, defects } = box({
    perform() {
      throw new Error('handler')
    },
  })
  made.dispatch(note(1, 2))
  made.dispatch({ type: 'fail' })
  made.dispatch(note(2))
  expect(defects).toEqual(['handlerFailed', 'handlerFailed', 'machineFailed'])
  expect(made.state().context.taken).toEqual([1, 2])
})

test('a journal replays to the same state [INV-008.1, INV-008.2]', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3)), (echoes) => {
      const { made, journal } = box({ perform: ({ n }) => n < 50 && made.dispatch(note(n)) })
      for (const [i, echo] of echoes.entries()) made.dispatch(note(i, echo))
      const replayed = journal.reduce<State<Context>>((state, event) => step(notes, state, event).state, initial)
      expect(replayed).toEqual(made.state())
    }),
  )
})

test('a crash at an effect boundary stops every further effect and event [INV-009]', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), (boundary) => {
      let performed = 0
      const { made } = box({
        perform: () => performed++,
        afterEffect: (n) => {
          if (n === boundary) throw new Error('crash')
        },
      })
      made.dispatch(note(1, 4))
      const second = made.dispatch(note(2, 4))
      expect(second).toBe(boundary <= 4 ? 'closed' : 'taken')
      expect(performed).toBe(boundary)
      expect(made.dispatch(note(3))).toBe('closed')
    }),
  )
})

test('`taken` is called between the step and its effects [RELAY-111]', () => {
  const order: string[] = []
  const { made } = box({ perform: () => order.push('effect') })
  made.dispatch(note(1, 1), ({ state }) => order.push(`taken ${state.context.taken}`))
  expect(order).toEqual(['taken 1', 'effect'])
})

test('after close nothing is taken, also nothing that waited [RELAY-021]', () => {
  const { made } = box({
    perform() {
      made.dispatch(note(7))
      made.close()
    },
  })
  made.dispatch(note(1, 2))
  expect([made.dispatch(note(2)), made.state().context.taken]).toEqual(['closed', [1]])
})

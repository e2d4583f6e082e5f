// The explorer's liveness against what it means, on drawn graphs: what can always still happen, and what no fair run stays away from.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explore, type Liveness } from '../../src/machines/kernel/explore.ts'
import { type Stuck, stuck } from '../../src/machines/kernel/explore-liveness.ts'
import { eventsOf, pathTo } from '../../src/machines/kernel/explore-run.ts'
import { ends, modelOf } from './fakes/counter.ts'
import {
  type Drawn,
  type DrawnGraph,
  drawings,
  drawnModel,
  edgesAt,
  type Move,
  type Place,
} from './fakes/drawn-graph.ts'

interface Question {
  readonly drawn: Drawn
  readonly from: readonly number[]
  readonly until: readonly number[]
  /** Only fair edges count. */
  readonly fairly: boolean
}

const places = fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 4 })
const questions: fc.Arbitrary<Question> = fc.record({
  drawn: drawings,
  from: fc.oneof(fc.constant([0, 1, 2, 3, 4, 5]), places),
  until: places,
  fairly: fc.boolean(),
})

function livenessOf(kind: 'can' | 'must', { from, until, fairly }: Question): Liveness<null, Move, Place> {
  return {
    name: 'arrives',
    kind,
    from: ({ world }) => from.includes(world.place),
    until: ({ world }) => until.includes(world.place),
    ...(fairly ? { fair: (event: Move | null) => event === null || event.fair } : {}),
  }
}

const counted = ({ drawn, fairly }: Question, place: number) =>
  edgesAt(drawn, place).filter(({ fair, silent }) => !fairly || silent || fair)

/** The places that are left when those are taken away, as often as there are places, where `goes` says so. */
function left(
  { drawn, until }: Question,
  goes: (place: number, rest: readonly number[]) => boolean,
): readonly number[] {
  let rest = [...drawn.edges.keys()].filter((place) => !until.includes(place))
  for (const _ of drawn.edges) rest = rest.filter((place) => !goes(place, rest))
  return rest
}

const cutOff = (question: Question) =>
  left(question, (place, rest) => counted(question, place).some(({ to }) => !rest.includes(to)))

const avoiding = (question: Question) =>
  left(question, (place, rest) => {
    const edges = counted(question, place)
    return edges.length > 0 && edges.every(({ to }) => !rest.includes(to))
  })

const placeOf = (graph: DrawnGraph, node: number) => graph.nodes[node]?.world.place ?? -1

/** The number of the first node, as found from the roots, that is one of those and begins what is asked. */
function firstOf(graph: DrawnGraph, { from }: Question, wrong: readonly number[]): number {
  return graph.nodes.findIndex(({ world: { place } }) => wrong.includes(place) && from.includes(place))
}

/** The nodes that a run passes, its root first. */
function passedBy(graph: DrawnGraph, { root, choices }: Stuck): readonly number[] {
  const nodes = [root]
  for (const choice of choices) nodes.push(graph.to[(graph.first[nodes.at(-1) ?? -1] ?? 0) + choice] ?? -1)
  return nodes
}

test('what can happen does so from everywhere, or the nearest place from which it cannot is shown by the shortest way', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const graph = explore(drawnModel(question.drawn), { maxStates: 100 })
      const lost = firstOf(graph, question, cutOff(question))
      expect(stuck(graph, livenessOf('can', question))).toEqual(
        lost < 0 ? null : { name: 'arrives', ...pathTo(graph, lost), cycle: 0 },
      )
    }),
    { numRuns: 300 },
  )
})

test('what must happen does so on every fair run, or one is shown that ends or repeats before it', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const graph = explore(drawnModel(question.drawn), { maxStates: 100 })
      const wrong = avoiding(question)
      const start = firstOf(graph, question, wrong)
      const found = stuck(graph, livenessOf('must', question))
      expect(found === null).toBe(start < 0)
      if (found === null) return
      const lead = pathTo(graph, start)
      expect([found.name, found.root]).toEqual(['arrives', lead.root])
      expect(found.choices.slice(0, lead.choices.length)).toEqual(lead.choices)
      const astray = passedBy(graph, found).slice(lead.choices.length)
      for (const node of astray) expect(wrong).toContain(placeOf(graph, node))
      for (const [i, choice] of found.choices.slice(lead.choices.length).entries())
        expect(counted(question, placeOf(graph, astray[i] ?? -1))).toContain(
          edgesAt(question.drawn, placeOf(graph, astray[i] ?? -1))[choice],
        )
      expectEnd(question, graph, astray, found.cycle)
    }),
    { numRuns: 300 },
  )
})

/** Nothing fair is left to do, or the last place is the one that the cycle began in; no place comes twice before. */
function expectEnd(question: Question, graph: DrawnGraph, astray: readonly number[], cycle: number): void {
  const last = astray.at(-1) ?? -1
  if (cycle === 0) expect(counted(question, placeOf(graph, last))).toEqual([])
  else expect(astray.at(-1 - cycle)).toBe(last)
  const once = cycle === 0 ? astray : astray.slice(0, -1)
  expect(new Set(once).size).toBe(once.length)
}

describe('of a counter', () => {
  const explored = () => explore(modelOf(), { maxStates: 100 })

  test('what can always happen, and what cannot from somewhere, by the shortest way there', () => {
    const graph = explored()
    expect(stuck(graph, { ...ends, kind: 'can' })).toBeNull()
    const back = stuck(graph, { ...ends, kind: 'can', until: ({ state }) => state.context.count === 1 })
    expect(back && eventsOf(graph, back).map(({ type }) => type)).toEqual(['up', 'up', 'up', 'end'])
    const noReset = stuck(graph, {
      ...ends,
      kind: 'can',
      until: ({ state }) => state.context.count === 1,
      fair: (event) => event?.type !== 'reset',
    })
    expect(noReset && eventsOf(graph, noReset).map(({ type }) => type)).toEqual(['up', 'up'])
  })

  test('what must happen: no cycle and no end of a fair run before it', () => {
    const graph = explored()
    const byUps = stuck(graph, {
      ...ends,
      until: ({ state }) => state.context.count === 3,
      fair: (event) => event?.type === 'up',
    })
    expect(byUps).toBeNull()
    const resets = stuck(graph, { ...ends, fair: (event) => event?.type === 'up' || event?.type === 'reset' })
    expect(resets?.cycle).toBeGreaterThan(0)
    const silence = stuck(graph, { ...ends, fair: () => false })
    expect(silence).toMatchObject({ choices: [], cycle: 0 })
    const waits = stuck(graph, { ...ends, fair: (event) => event === null })
    expect(waits).toMatchObject({ choices: [3], cycle: 0 })
  })

  test('what is fair may depend on the node', () => {
    const graph = explored()
    const evenUps = stuck(graph, {
      ...ends,
      until: ({ state }) => state.context.count === 2,
      fair: (event, { state }) => event?.type === 'up' && state.context.count === 0,
    })
    expect(evenUps).toMatchObject({ choices: [0], cycle: 0 })
  })
})

// The explorer itself, on drawn graphs and on a counter whose whole graph fits a page.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explore } from '../../src/machines/kernel/explore.ts'
import { check } from '../../src/machines/kernel/explore-check.ts'
import { choiceOf, eventsOf, pathTo, rootOf } from '../../src/machines/kernel/explore-run.ts'
import { type CountModel, counter, endless, ends, modelOf } from '../properties/fakes/counter.ts'
import { distances, drawings, drawnModel, edgesAt } from '../properties/fakes/drawn-graph.ts'

describe('breadth first', () => {
  test('every place and every edge is there, once, the nearest first; the path to a place is as short as any', () => {
    fc.assert(
      fc.property(drawings, (drawn) => {
        const graph = explore(drawnModel(drawn), { maxStates: 100 })
        const reachable = distances(drawn)
        const places = graph.nodes.map(({ world }) => world.place)
        expect(graph.complete).toBe(true)
        expect([...places].sort()).toEqual([...reachable.keys()].sort())
        expect(graph.first).toHaveLength(places.length + 1)
        for (const [node, place] of places.entries()) {
          const edges = edgesAt(drawn, place)
          const targets = graph.to.slice(graph.first[node], graph.first[node + 1])
          expect(targets.map((target) => places[target])).toEqual(edges.map(({ to }) => to))
          const run = pathTo(graph, node)
          expect(run.choices).toHaveLength(reachable.get(place) ?? -1)
          expect(rootOf(graph, run).world.place).toBe(places[run.root])
          const way = run.choices.reduce((at, choice) => edgesAt(drawn, at)[choice]?.to ?? -1, places[run.root] ?? -1)
          expect(way).toBe(place)
        }
        const lengths = graph.nodes.map((_, node) => pathTo(graph, node).choices.length)
        expect(lengths).toEqual([...lengths].sort())
      }),
    )
  })

  test('what essence leaves out makes no state of its own', () => {
    const graph = explore(modelOf(), { maxStates: 100 })
    // (0 to 3, off) at two times; three events in each, and time passes in the first.
    expect([graph.nodes.length, graph.to.length, graph.complete]).toEqual([10, 5 * 4 + 5 * 3, true])
    expect(graph.violations).toEqual([])
  })

  test('the events on the way leave out that time passes', () => {
    const graph = explore(modelOf(), { maxStates: 100 })
    const offAt = (now: number) =>
      graph.nodes.findIndex(({ state, world }) => state.value === 'off' && world.now === now)
    const namesTo = (node: number) => eventsOf(graph, pathTo(graph, node)).map(({ type }) => type)
    expect(namesTo(offAt(0))).toEqual(['up', 'up', 'up', 'end'])
    expect(pathTo(graph, offAt(1)).choices).toHaveLength(5)
    expect(namesTo(offAt(1))).toEqual(['up', 'up', 'up', 'end'])
  })

  test('a choice that a node does not have is a defect', () => {
    const graph = explore(modelOf(), { maxStates: 100 })
    expect(choiceOf(graph, 0, 3)).toEqual({ event: null, world: { now: 1 } })
    expect(() => choiceOf(graph, 0, 4)).toThrow(new RangeError('counter: node 0 has no choice 4'))
  })

  test('an event that changes nothing is not looked into', () => {
    let looks = 0
    const model = modelOf()
    const essence: CountModel['essence'] = (state) => {
      looks++
      return model.essence(state)
    }
    explore({ ...model, essence }, { maxStates: 100 })
    // The root; time passes in 5 nodes; at each time 3 times up, 4 resets and an end that ends. All else changes nothing.
    expect(looks).toBe(1 + 5 + 2 * (3 + 4 + 1))
  })

  test('a limit that is reached is told, and judges no liveness', () => {
    const cannot = { ...ends, kind: 'can', until: () => false } as const
    const { graph, findings } = check(modelOf(counter, { liveness: [cannot] }), { maxStates: 3 })
    expect([graph.complete, findings]).toEqual([false, []])
    expect(check(modelOf(counter, { liveness: [cannot] }), { maxStates: 10 }).findings).toHaveLength(1)
  })

  test('progress is told now and then', () => {
    const seen: (readonly [number, number])[] = []
    const line = {
      roots: [0],
      edges: Array.from({ length: 1100 }, (_, i) => [{ to: i + 1, fair: true, silent: false }]),
    }
    explore(drawnModel(line), { maxStates: 2000, onProgress: (...found) => seen.push(found) })
    expect(seen).toEqual([
      [2, 1],
      [1026, 1025],
    ])
  })
})

describe('findings', () => {
  test('a search that is to stop at the first finding does, and judges no liveness', () => {
    const model = modelOf(endless(), { liveness: [{ ...ends, fair: () => false }] })
    const { findings, graph } = check(model, { maxStates: 100, stopAtFirst: true })
    expect(findings.map(({ name }) => name)).toEqual(['C-1: at most three'])
    expect([graph.complete, graph.nodes.length < 14]).toEqual([false, true])
  })

  test('else it goes on, tells of each invariant once, by a shortest run, and judges liveness too', () => {
    const model = modelOf(endless(), {
      liveness: [
        { ...ends, fair: () => false },
        { ...ends, kind: 'can' },
      ],
    })
    const { findings, graph } = check(model, { maxStates: 100 })
    expect([graph.complete, graph.nodes.length]).toEqual([true, 14])
    expect(findings.map(({ name, counterexample }) => [name, counterexample.steps.length])).toEqual([
      ['C-1: at most three', 4],
      ['L-1: ends', 0],
    ])
  })

  test('a machine that throws is a finding, and the search goes on', () => {
    const model = modelOf()
    const take: CountModel['take'] = (state, event) => {
      if (event.type === 'reset' && state.context.count === 2) throw new TypeError('no transition')
      return model.take(state, event)
    }
    const { findings, graph } = check({ ...model, take }, { maxStates: 100 })
    expect(findings.map(({ name }) => name)).toEqual(['every step is total: no transition'])
    expect(findings[0]?.counterexample.steps).toHaveLength(3)
    expect([graph.complete, graph.to.length]).toEqual([true, 35])
    const two = explore({ ...model, take }, { maxStates: 100 }).nodes.findIndex(
      ({ state }) => state.context.count === 2,
    )
    expect(graph.to[(graph.first[two] ?? -1) + 1]).toBe(two)
  })

  test('so is one that throws what is no error', () => {
    const take: CountModel['take'] = () => {
      throw 'a text'
    }
    const { findings } = check(modelOf(counter, { take }), { maxStates: 100 })
    expect(findings.map(({ name }) => name)).toEqual(['every step is total: a text'])
  })
})

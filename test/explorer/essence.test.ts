// What the explorer takes for one state behaves as one: whatever `essence` leaves out decides nothing that can be seen.
import { expect, test } from 'vitest'
import { auditorModels } from '../../src/adapters/conform/explore-models.ts'
import { relayModel } from '../../src/adapters/conform/worlds/relay/minimal.ts'
import { scenes } from '../../src/adapters/conform/worlds/relay/minimal-scene.ts'
import { canonicalText } from '../../src/machines/kernel/canonical.ts'
import { type AnyModel, explore, follow, type Node } from '../../src/machines/kernel/explore.ts'
import { choiceOf } from '../../src/machines/kernel/explore-run.ts'

const models: readonly AnyModel[] = [
  relayModel(scenes.one, 'seed'),
  relayModel(scenes.one, 'hardened'),
  relayModel(scenes.hops, 'hardened'),
  ...auditorModels.filter(({ id }) => !id.startsWith('log view')),
]

/** So many edges are looked at, evenly: all of them take minutes. */
const most = 1200

// biome-ignore lint/suspicious/noExplicitAny: as AnyModel.
type AnyNode = Node<any, any>

test.each(models.map((model) => ({ id: model.id, model })))(
  '$id: two runs into one state go on alike [INV-008]',
  ({ model }) => {
    const graph = explore(model, { maxStates: 4000 })
    const stride = Math.ceil(graph.to.length / most)
    let compared = 0
    for (let from = 0; from + 1 < graph.first.length; from++)
      for (let edge = graph.first[from] ?? 0; edge < (graph.first[from + 1] ?? 0); edge++) {
        if (edge % stride !== 0 || graph.to[edge] === from) continue
        const reached = follow(
          model,
          graph.nodes[from] as AnyNode,
          choiceOf(graph, from, edge - (graph.first[from] ?? 0)),
        )
        if ('thrown' in reached) expect.fail(reached.thrown)
        expectAlike(model, reached.node, graph.nodes[graph.to[edge] ?? 0] as AnyNode)
        compared++
      }
    expect(compared).toBeGreaterThan(100)
  },
)

function expectAlike(model: AnyModel, one: AnyNode, other: AnyNode): void {
  const [choices, others] = [one, other].map(({ state, world }) => model.choices(state, world))
  expect(choices?.length).toBe(others?.length)
  for (const [i, choice] of (choices ?? []).entries())
    expect(seen(model, one, choice)).toBe(seen(model, other, others?.[i] ?? choice))
}

/** Everything but names: round numbers differ, and so do the effects that bear them. */
function seen(model: AnyModel, node: AnyNode, choice: ReturnType<AnyModel['choices']>[number]): string {
  const reached = follow(model, node, choice)
  if ('thrown' in reached) return reached.thrown
  const { state, world } = reached.node
  const step = reached.observed?.step
  const effects = step?.effects.map(({ type }) => type) ?? []
  return canonicalText([model.essence(state), world, step?.disposition ?? '', step?.reason ?? '', effects])
}

// Everything that the explorer asks of a model: its invariants on every edge, its liveness over the whole graph.
// Invariant: liveness is judged on a complete graph only, since what is not explored yet might be the way out.
import { type AnyModel, explore, type Graph, type Limits } from './explore.ts'
import { stuck } from './explore-liveness.ts'
import { type Counterexample, vectorOf, vectorOfStuck } from './explore-vector.ts'

export interface Finding {
  readonly name: string
  readonly counterexample: Counterexample
}

export interface Checked {
  readonly graph: Graph<unknown, { readonly type: string }, { readonly type: string }, unknown>
  readonly findings: readonly Finding[]
}

export function check(model: AnyModel, limits: Limits): Checked {
  const graph: Checked['graph'] = explore(model, limits)
  const broken = graph.violations.map((one) => ({ name: one.invariant, counterexample: vectorOf(graph, one) }))
  if (!graph.complete) return { graph, findings: broken }
  const lost = graph.model.liveness.flatMap((liveness) => {
    const found = stuck(graph, liveness)
    return found === null ? [] : [{ name: liveness.name, counterexample: vectorOfStuck(graph, found) }]
  })
  return { graph, findings: [...broken, ...lost] }
}

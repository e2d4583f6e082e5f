// What a machine lists, as a table: for each leaf state and event the transitions that are tried, in order.
// Invariant: read from the machine that runs, so that diagrams, coverage and tests cannot differ from it.
import type { AnyStateNode } from 'xstate'
import type { Listed } from './listed.ts'
import type { AnyMachine } from './machine.ts'

export interface Row {
  /** Path of the leaf state, as `active.connecting`. */
  readonly state: string
  readonly event: string
  /** Path of the state that lists the transition: the leaf or one of its parents; empty for the machine itself. */
  readonly listedAt: string
  readonly guard: string | null
  /** `ignore` and `reject` do nothing but give the reason. */
  readonly action: string
  readonly reason: string | null
  /** Path of the target, null where the state stays. */
  readonly target: string | null
  readonly req: readonly string[]
  readonly step: number | null
}

/** One row a transition: the last of a (state, event) pair is the one that no guard keeps from being taken. */
export function tableOf(machine: AnyMachine): readonly Row[] {
  return leavesOf(machine.logic.root).flatMap((leaf) => machine.events.flatMap((event) => rowsOf(leaf, event)))
}

/** Every state that has no states of its own, in the order of the machine. */
export function leavesOf(node: AnyStateNode): readonly AnyStateNode[] {
  const children = Object.values(node.states) as AnyStateNode[]
  return children.length === 0 ? [node] : children.flatMap(leavesOf)
}

export function pathOf(node: AnyStateNode): string {
  return node.path.join('.')
}

function rowsOf(leaf: AnyStateNode, event: string): readonly Row[] {
  const rows: Row[] = []
  for (let node: AnyStateNode | undefined = leaf; node !== undefined; node = node.parent)
    for (const transition of node.transitions.get(event) ?? []) {
      const [action] = transition.actions as readonly [Listed['actions']]
      const { req, step = null } = transition.meta as Listed['meta']
      const target = transition.target?.[0] as AnyStateNode | undefined
      rows.push({
        state: pathOf(leaf),
        event,
        listedAt: pathOf(node),
        guard: transition.guard === undefined ? null : String(transition.guard),
        action: typeof action === 'string' ? action : action.type,
        reason: typeof action === 'string' ? null : action.params.reason,
        target: target === undefined ? null : pathOf(target),
        req,
        step,
      })
      if (transition.guard === undefined) return rows
    }
  return rows
}

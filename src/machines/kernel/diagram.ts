// Draws a machine as a Mermaid state diagram: what moves it, not what it ignores or rejects.
// Invariant: generated from the running machine in a stable order; a test compares it with what is checked in.
import type { AnyStateNode } from 'xstate'
import type { AnyMachine } from './machine.ts'
import { leavesOf, pathOf, type Row, tableOf } from './structure.ts'

/** A `stateDiagram-v2`, each line ended by a newline. Arrows bear `event [guard]`; those between two states are drawn as one. */
export function mermaid(machine: AnyMachine): string {
  const { root } = machine.logic
  const handled = tableOf(machine).filter(({ action }) => action !== 'ignore' && action !== 'reject')
  // Mermaid draws no arrow from inside one composite state to the inside of another: such a machine is drawn flat.
  const flat = handled.some(leadsAcross)
  const arrows = flat ? arrowsOf(handled, (row) => row.state) : arrowsOf(handled, (row) => row.listedAt)
  const lines = flat ? leavesOf(root).map((leaf) => named(leaf, pathOf(leaf))) : composites(root)
  const start = `[*] --> ${idOf(pathOf(flat ? firstLeaf(root) : (root.initial.target[0] as AnyStateNode)))}`
  return ['stateDiagram-v2', ...[...lines, start, ...arrows].map((line) => `  ${line}`), ''].join('\n')
}

function leadsAcross({ state, target }: Row): boolean {
  if (target === null || !state.includes('.') || !target.includes('.')) return false
  return parentOf(state) !== parentOf(target)
}

/** One arrow a pair of states, where it first occurs, with all its labels. */
function arrowsOf(rows: readonly Row[], from: (row: Row) => string): readonly string[] {
  const labels = new Map<string, Set<string>>()
  for (const row of rows) {
    const arrow = `${idOf(from(row))} --> ${idOf(row.target ?? from(row))}`
    const known = labels.get(arrow) ?? new Set()
    labels.set(arrow, known.add(row.guard === null ? row.event : `${row.event} [${row.guard}]`))
  }
  return Array.from(labels, ([arrow, texts]) => `${arrow} : ${[...texts].join(', ')}`)
}

function composites(node: AnyStateNode): readonly string[] {
  return (Object.values(node.states) as AnyStateNode[]).flatMap((child) => {
    const inner = composites(child)
    if (inner.length === 0) return [named(child, child.key)]
    const start = `[*] --> ${idOf(pathOf(child.initial.target[0] as AnyStateNode))}`
    return [`state ${idOf(pathOf(child))} {`, ...[...inner, start].map((line) => `  ${line}`), '}']
  })
}

function named(node: AnyStateNode, label: string): string {
  const id = idOf(pathOf(node))
  return label === id ? id : `state "${label}" as ${id}`
}

function idOf(path: string): string {
  return path === '' ? 'all' : path.replaceAll('.', '_')
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('.'))
}

function firstLeaf(node: AnyStateNode): AnyStateNode {
  const isLeaf = Object.keys(node.states).length === 0
  return isLeaf ? node : firstLeaf(node.initial.target[0] as AnyStateNode)
}

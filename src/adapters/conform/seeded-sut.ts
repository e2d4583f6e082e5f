// A seeded bug behind the conformance protocol [spec/conformance.md, L1]: this implementation, one of whose machines is wrong in one place.
// Invariant: it starts where the bug's model starts, and everything but that machine's first state and steps is right.
import { canonicalText } from '../../machines/kernel/canonical.ts'
import { spell } from '../../machines/kernel/explore-vector.ts'
import { configOf } from './configs.ts'
import { fromWire, type WireObject } from './json.ts'
import { type ConformMachine, machines } from './machines.ts'
import { ownSut } from './own-sut.ts'
import type { SeededBug } from './seeded-bug.ts'
import type { SutParts } from './sut.ts'

export function seededSut(bug: SeededBug): SutParts {
  return { ...ownSut(), machines: { ...machines, [bug.model.kind]: seededMachine(bug) } }
}

/** @throws Error where the bug's model has no such start. */
export function seededMachine({ model }: SeededBug): ConformMachine {
  const right = machines[model.kind]
  if (right === undefined) throw new Error(`no machine ${model.kind}`)
  const configured = (root: (typeof model.roots)[number]): string => {
    const parsed = fromWire(right.config, configOf('minimal', model.kind, spell(root.config) as WireObject))
    return canonicalText(parsed.ok ? parsed.value : null)
  }
  const starts = new Map(model.roots.map((root) => [configured(root), root.state]))
  const initial = (config: never) => {
    const state = starts.get(canonicalText(config))
    if (state === undefined) throw new Error(`${model.id} does not start so`)
    return state as ReturnType<ConformMachine['initial']>
  }
  return { ...right, initial, step: model.take as unknown as ConformMachine['step'] }
}

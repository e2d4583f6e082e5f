// One edge of the relay's graph, and the effects of one type that its step has.
// Invariant: nothing is looked at but the step.
import type { Observed as Edge } from '../../../../machines/kernel/explore.ts'
import type { RelayContext, RelayEffect, RelayEvent } from '../../../../machines/relay/types.ts'
import type { RelayWorld } from './minimal-scene.ts'

export type Observed = Edge<RelayContext, RelayEvent, RelayEffect, RelayWorld>
type Of<T extends RelayEffect['type']> = Extract<RelayEffect, { type: T }>

export function effectsOf<T extends RelayEffect['type']>({ step }: Observed, type: T): readonly Of<T>[] {
  return step.effects.filter((effect): effect is Of<T> => effect.type === type)
}

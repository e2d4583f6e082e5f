// What ties the relay machine to its model [spec/quint/relay.qnt]. Invariant: the model's configuration is the machine's.
import { initialRelay } from '../../../machines/relay/initial.ts'
import type { RelayConfig, RelayContext, RelayEffect, RelayEvent } from '../../../machines/relay/types.ts'
import type { Trace } from './quint.ts'
import { modelRelayState, relayEffect, relayState } from './relay-abstraction.ts'
import { relayEvent } from './relay-events.ts'
import { idOf } from './relay-words.ts'
import type { Refinement } from './replay.ts'

export function configOf({ config }: Trace['states'][number]): RelayConfig {
  const { selfCtr, family, ...rest } = config
  return { ...rest, self: idOf(selfCtr), family: family.map(idOf) }
}

export const relayRefinement: Refinement<RelayContext, RelayEvent, RelayEffect> = {
  initial: (first) => initialRelay(configOf(first)),
  event: relayEvent,
  effect: relayEffect,
  state: relayState,
  modelState: modelRelayState,
}

// One pure step of a machine: (State, Event) -> State, Effects. With snapshot.ts the only file that touches xstate's internals.
// Invariant: equal to xstate's own `transition()`, which test/properties/kernel.test.ts holds it to.
import type { AnyActorScope, AnyMachineSnapshot } from 'xstate'
import type { Effect, Machine, Reason, State, Step } from './machine.ts'
import { type Marker, snapshotOf } from './snapshot.ts'

const executed: Marker[] = []

/**
 * `transition()` builds an actor for each event (16 to 25 us). The machines start no actors and never read `self`, so one
 * inert scope serves every step; steps are synchronous, so its action list is never shared by two of them.
 */
const inertScope = {
  self: {},
  id: 'step',
  sessionId: 'step',
  logger: () => undefined,
  defer: () => undefined,
  emit: () => undefined,
  stopChild: () => undefined,
  system: { _sendInspectionEvent: () => undefined },
  actionExecutor: (action: Marker) => {
    executed.push(action)
  },
} as unknown as AnyActorScope

/**
 * Takes one event in one state. Neither argument is changed.
 * @throws TypeError when the machine lists no transition for this event in this state: a defect of the machine, since every
 * (state, event) pair must be listed.
 */
export function step<C, E extends { type: string }, F extends Effect>(
  machine: Machine<C, E, F>,
  state: State<C>,
  event: E,
): Step<C, F> {
  executed.length = 0
  const next = machine.logic.transition(snapshotOf(machine.logic, state), event, inertScope) as AnyMachineSnapshot
  const result = {
    state: { value: next.value, context: next.context } as State<C>,
    effects: [] as F[],
    disposition: 'accepted' as Step<C, F>['disposition'],
  }
  let reason: Reason | undefined
  let listed = false
  for (const { type, params } of executed) {
    if (type === 'effect') result.effects.push(params as F)
    else if (type === 'ignore' || type === 'reject') {
      result.disposition = type === 'ignore' ? 'ignored' : 'rejected'
      reason = (params as { reason: Reason }).reason
    } else if (type !== 'took') throw new TypeError(`${machine.id}: action ${type} is none of effect, ignore, reject`)
    listed = true
  }
  if (!listed) throw new TypeError(`${machine.id}: no transition for ${event.type} in ${JSON.stringify(state.value)}`)
  return reason === undefined ? result : { ...result, reason }
}

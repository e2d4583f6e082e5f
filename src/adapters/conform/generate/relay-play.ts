// Plays a relay through rounds in which logs, peers and auditors answer as a scenario says. Its events become vectors.
// Invariant: each answer belongs to an effect of the machine; what an environment would not send is sent by a scenario itself.
import type { Outcome, ProofPair, Sth } from '../../../machines/ct/types.ts'
import type { State } from '../../../machines/kernel/machine.ts'
import { step } from '../../../machines/kernel/step.ts'
import { initialRelay } from '../../../machines/relay/initial.ts'
import { relayMachine } from '../../../machines/relay/machine.ts'
import type {
  RelayConfig,
  RelayContext,
  RelayEffect,
  RelayEvent,
  SfoRef,
  StepName,
} from '../../../machines/relay/types.ts'
import { encodeOnionAddress } from '../../../machines/tor/onion-address.ts'
import type { Consensus } from '../../../machines/tor/types.ts'
import { minimalRelay } from '../worlds/relay/minimal.ts'

export const idOf = (number: number): string => number.toString(16).padStart(64, '0')
export const [logA, logB] = [idOf(0xa), idOf(0xb)]
export const mmd = 10
export const start = 1000
const url = 'http://127.0.0.1/'

export function sthAt(logId: string, timestamp: number): Sth {
  return { logId, timestamp, size: timestamp, root: idOf(timestamp), signature: '' }
}

/** CTR 0 is this relay. */
export function consensusAt(
  validAfter: number,
  sthTimes: readonly number[],
  changed: Partial<Consensus> = {},
): Consensus {
  const logs = [logA, logB].map((logId) => ({ logId, key: '', mmd, url }))
  return {
    digest: idOf(validAfter),
    validAfter,
    freshUntil: validAfter + 1,
    validUntil: validAfter + 3,
    logs,
    sths: logs.flatMap(({ logId }) => sthTimes.map((at) => sthAt(logId, at))),
    ctrs: [0, 1, 2].map((ctr) => ({ ctrId: idOf(ctr), url, family: [] })),
    auditors: [2, 1].map((number) => ({ auditorId: idOf(number), key: idOf(number), url })),
    ...changed,
  }
}

/** Received at `start` it is due then. */
export function sfoOf(number: number, changed: Partial<SfoRef> = {}): SfoRef {
  const logId = changed.logId ?? logA
  return {
    sfoId: idOf(number),
    leafId: `${logId}:${idOf(number)}`,
    logId,
    sctTimestamp: start - mmd,
    hops: 0,
    ...changed,
  }
}

export function pairOf(leafId: string, sth: Sth): ProofPair {
  return { leafId, sth, proof: { leafIndex: 0, path: [] } }
}

export const onion = (number: number): string => encodeOnionAddress(new Uint8Array(32).fill(number))

export interface Answers {
  readonly outcome?: (leafId: string) => Outcome
  readonly breakerOpen?: boolean
  /** Sent in step 5, before it is done. */
  readonly pairs?: readonly { readonly pair: ProofPair; readonly verified: boolean }[]
  readonly delivered?: (ctrId: string, sfoId: string) => boolean
  /** Events that come before the named step is done. */
  readonly during?: Partial<Record<StepName, (round: number) => readonly RelayEvent[]>>
  /** The round goes no further than before this step is done. */
  readonly until?: StepName
  readonly draw?: readonly number[]
}

export type Act = RelayEvent | ({ readonly type: 'round'; readonly at: number } & Answers)

/** The events; numbers are those of the `minimal` preset. */
export function play(
  config: Partial<RelayConfig> & Pick<RelayConfig, 'policy'>,
  acts: readonly Act[],
): readonly RelayEvent[] {
  const events: RelayEvent[] = []
  let state: State<RelayContext> = initialRelay({ ...minimalRelay, ...config })
  const send = (event: RelayEvent): readonly RelayEffect[] => {
    events.push(event)
    const taken = step(relayMachine, state, event)
    state = taken.state
    return taken.effects
  }
  for (const act of acts) {
    if (act.type !== 'round') send(act)
    else playRound(act, send)
  }
  return events
}

function playRound(act: Extract<Act, { type: 'round' }>, send: (event: RelayEvent) => readonly RelayEffect[]): void {
  const { at, during = {}, until, draw = [0, 2 ** 31, 0, 0, 0, 0, 0, 0] } = act
  const queue = [...send({ type: 'waited', at, draw })]
  for (let effect = queue.shift(); effect !== undefined; effect = queue.shift()) {
    for (const answer of answersTo(effect, act)) queue.push(...send(answer))
    const done = doneBy(effect)
    if (done === null || !('round' in effect)) continue
    for (const event of during[done]?.(effect.round) ?? []) queue.push(...send(event))
    if (done === until) return
    queue.push(...send({ type: 'stepDone', round: effect.round, step: done, at }))
  }
}

function answersTo(effect: RelayEffect, act: Extract<Act, { type: 'round' }>): readonly RelayEvent[] {
  const { at, outcome = () => 'unreachable', breakerOpen = false, pairs = [], delivered = () => true } = act
  if (effect.type === 'challenge')
    return effect.groups.flatMap(({ challenges }) =>
      challenges.map(({ leafId, sth }): RelayEvent => {
        const ended = outcome(leafId)
        const pair = ended === 'proven' ? pairOf(leafId, sth) : null
        return { type: 'challenged', round: effect.round, leafId, outcome: ended, pair, breakerOpen, at }
      }),
    )
  if (effect.type === 'fetch') return pairs.map((one) => ({ type: 'pair', round: effect.round, ...one, at }))
  if (effect.type === 'forward')
    return effect.deliveries.flatMap(({ ctr: { ctrId }, sfoIds }) =>
      sfoIds.map(
        (sfoId): RelayEvent => ({
          type: 'delivered',
          round: effect.round,
          ctrId,
          sfoId,
          ok: delivered(ctrId, sfoId),
          at,
        }),
      ),
    )
  return []
}

const steps: Partial<Record<RelayEffect['type'], StepName>> = {
  connect: 'connect',
  challenge: 'challenge',
  fetch: 'fetch',
  forward: 'forward',
  announce: 'announce',
  forgetProofs: 'rotate',
  emptyBuckets: 'empty',
}

function doneBy(effect: RelayEffect): StepName | null {
  return 'round' in effect ? (steps[effect.type] ?? null) : null
}

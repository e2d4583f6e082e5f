// Which events are possible in a state of the minimal world: answers that are awaited, and whatever strangers may send.
// Invariant: pure in scene, state and world; draws are one of each outcome that they can have.
import { outcomes, type Sth } from '../../../../machines/ct/types.ts'
import { drawsNeeded } from '../../../../machines/relay/draws.ts'
import { logOf } from '../../../../machines/relay/reference.ts'
import type { RelayContext, RelayEvent, Round, StepName } from '../../../../machines/relay/types.ts'
import {
  pairOf,
  type RelayChoice,
  type RelayNode,
  type RelayWorld,
  type Scene,
  sthAt,
  stranger,
} from './minimal-scene.ts'

/** The lower and the upper half of the draws: heads or tails, the first or the second of two. */
const half = 2 ** 31
const coin = [0, half] as const

export function minimalChoices(scene: Scene, state: RelayNode['state'], world: RelayWorld): readonly RelayChoice[] {
  const { context } = state
  const at = scene.instants[world.now] as number
  const events = [
    ...progress(context, world, at),
    ...answers(scene, context, world, at),
    ...fromAnyone(scene, context, at),
    ...(scene.noise ? noise(scene, context, world, at) : []),
  ]
  const choices: RelayChoice[] = events.map((event) => ({ event, world }))
  if (world.now + 1 < scene.instants.length) choices.push({ event: null, world: { ...world, now: world.now + 1 } })
  return choices
}

/** The timers, and the end of the step that runs. */
function progress(context: RelayContext, world: RelayWorld, at: number): readonly RelayEvent[] {
  const { roundNumber: round } = context
  const events: RelayEvent[] = []
  if (world.waiting) for (const draw of roundDraws(context)) events.push({ type: 'waited', at, draw })
  if (world.deadline) events.push({ type: 'deadline', at, round })
  if (world.step !== null) events.push({ type: 'stepDone', at, round, step: world.step })
  return events
}

/** What logs, peers and the auditor say, in any order, or never. */
function answers(scene: Scene, { round, proofs }: RelayContext, world: RelayWorld, at: number): readonly RelayEvent[] {
  const events: RelayEvent[] = []
  for (const sfoId of world.reports) for (const ok of [true, false]) events.push({ type: 'reported', at, sfoId, ok })
  if (round === null) return events
  const { number } = round
  if (world.step === 'challenge')
    for (const [leafId, sth] of [...round.asked].sort(byKey)) events.push(...verdicts(number, leafId, sth, at))
  if (world.step === 'fetch')
    for (const leafId of leavesOf(scene)) {
      const pair = pairOf(leafId, sthAt(logOf(leafId), at))
      events.push({ type: 'pair', at, round: number, pair, verified: true })
      if (!proofs.has(leafId)) events.push({ type: 'pair', at, round: number, pair, verified: false })
    }
  if (world.step === 'forward')
    for (const [sfoId, bits] of [...round.pending].sort(byKey))
      for (const [i, { ctr }] of round.peers.entries())
        if (bits & (1 << i))
          for (const ok of [true, false])
            events.push({ type: 'delivered', at, round: number, ctrId: ctr.ctrId, sfoId, ok })
  return events
}

/** Each outcome; for each of them but `proven` it is the same to the relay, unless the log's breaker opens. */
function verdicts(round: number, leafId: string, sth: Sth, at: number): readonly RelayEvent[] {
  const answer = { type: 'challenged', at, round, leafId, pair: null, breakerOpen: false } as const
  return [
    ...outcomes.map(
      (outcome): RelayEvent => ({
        ...answer,
        outcome,
        pair: outcome === 'proven' ? pairOf(leafId, sth) : null,
      }),
    ),
    { ...answer, outcome: 'unreachable', breakerOpen: true },
    { ...answer, outcome: 'proven', pair: pairOf(leafId, { ...sth, root: stranger }) },
  ]
}

function leavesOf({ sfos }: Scene): readonly string[] {
  return [...new Set(sfos.map(({ leafId }) => leafId))]
}

function fromAnyone(scene: Scene, context: RelayContext, at: number): readonly RelayEvent[] {
  const events: RelayEvent[] = []
  const next = scene.consensuses.find(({ validAfter }) => validAfter > (context.consensus?.validAfter ?? -1))
  if (next !== undefined) events.push({ type: 'consensus', at, consensus: next })
  for (const sfo of scene.sfos) for (const draw of sfoDraws(context)) events.push({ type: 'sfo', at, sfo, draw })
  for (const address of scene.addresses) events.push({ type: 'address', at, address, draw: [0] })
  return events
}

/** Late, repeated, unasked for, with too few draws, or without consequence for the state. */
function noise(scene: Scene, context: RelayContext, { step }: RelayWorld, at: number): readonly RelayEvent[] {
  const { roundNumber, consensus, round } = context
  const active = round !== null
  const stale = active ? roundNumber + 1 : roundNumber
  const sfo = scene.sfos[0]
  const leafId = sfo?.leafId ?? ''
  const pair = pairOf(leafId, sthAt(logOf(leafId), at))
  const reading = Array.from({ length: drawsNeeded(context, 'proofsRequested') }, () => half)
  const events: RelayEvent[] = [
    { type: 'invalidSfo', at, error: 'badSctSignature' },
    { type: 'proofsRequested', at, request: 'r', draw: reading },
    { type: 'deadline', at, round: stale },
    { type: 'stepDone', at, round: stale, step: 'connect' },
    { type: 'challenged', at, round: stale, leafId, outcome: 'proven', pair, breakerOpen: false },
    { type: 'pair', at, round: stale, pair, verified: true },
    { type: 'delivered', at, round: stale, ctrId: stranger, sfoId: sfo?.sfoId ?? stranger, ok: true },
    { type: 'reported', at, sfoId: stranger, ok: true },
    { type: 'address', at, address: 'short.onion', draw: [0] },
    { type: 'address', at, address: 'short.onion', draw: [] },
  ]
  if (consensus !== null) events.push({ type: 'consensus', at, consensus })
  if (sfo !== undefined) events.push({ type: 'sfo', at, sfo, draw: [] })
  if (active) events.push({ type: 'waited', at, draw: [0, 0, 0, 0] })
  if (reading.length > 0) events.push({ type: 'proofsRequested', at, request: 'r', draw: [] })
  if (drawsNeeded(context, 'waited') > 0) events.push({ type: 'waited', at, draw: [] })
  if (round !== null) events.push(...unasked(round, leafId, step, at))
  return events
}

/** Of the running round, but never asked for. */
function unasked(
  { number: round, asked, pending }: Round,
  leafId: string,
  step: StepName | null,
  at: number,
): readonly RelayEvent[] {
  const events: RelayEvent[] = [
    { type: 'stepDone', at, round, step: step === 'empty' ? 'connect' : 'empty' },
    { type: 'delivered', at, round, ctrId: stranger, sfoId: [...pending.keys()].sort()[0] ?? stranger, ok: true },
  ]
  const pair = pairOf(leafId, sthAt(logOf(leafId), at))
  if (step !== 'fetch') events.push({ type: 'pair', at, round, pair, verified: true })
  if (!asked.has(leafId))
    events.push({ type: 'challenged', at, round, leafId, outcome: 'proven', pair, breakerOpen: false })
  return events
}

const knownDraws = new Map<string, readonly (readonly number[])[]>()

/** One of each choice of buckets; where full ones evict, one of each element that may have to go. */
function sfoDraws({ config, buckets }: RelayContext): readonly (readonly number[])[] {
  const { n, k, bucketCapacity, policy } = config
  const full = buckets.map(({ list }) => policy.bucketFull === 'evict' && list.size === bucketCapacity)
  const key = `${policy.bucketing} ${k} ${bucketCapacity} ${full.join()}`
  const known = knownDraws.get(key)
  if (known !== undefined) return known
  const into = policy.bucketing === 'choose' ? choosing(n, k) : sequences(full.map(() => coin))
  const leaving = sequences(full.map((isFull) => (isFull ? anyIndex(bucketCapacity) : [0])))
  const draws = into.flatMap((head) => leaving.map((tail) => [...head, ...tail]))
  knownDraws.set(key, draws)
  return draws
}

/** Draws beyond the first k decide nothing. */
function choosing(n: number, k: number): readonly (readonly number[])[] {
  return sequences(Array.from({ length: n }, (_, i) => (i < k ? anyIndex(n - i) : [0])))
}

/** One of each order of the peers and the logs. */
function roundDraws(context: RelayContext): readonly (readonly number[])[] {
  const { config, consensus, logs, held } = context
  const candidates = (consensus?.ctrs ?? []).filter(({ ctrId }) => ctrId !== config.self).length
  const peers = Math.min(config.n, consensus?.ctrs.length ?? 0)
  const asked = held.size === 0 ? 0 : new Set(Array.from(held.values(), ({ logId }) => logId)).size
  return sequences([
    ...Array.from({ length: peers }, (_, i) => anyIndex(candidates - i)),
    ...Array.from({ length: logs.size }, (_, i) => anyIndex(asked - i)),
  ])
}

/** A draw for each index below m: the middle of its share. */
function anyIndex(m: number): readonly number[] {
  return m <= 1 ? [0] : Array.from({ length: m }, (_, i) => Math.floor(((2 * i + 1) * half) / m))
}

function sequences(each: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return each.reduce<readonly (readonly number[])[]>(
    (done, options) => done.flatMap((head) => options.map((option) => [...head, option])),
    [[]],
  )
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

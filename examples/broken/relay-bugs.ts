// Bugs of level L1 in the relay.
import type { RelayConfig, RelayContext, RelayEffect, RelayEvent, Round } from '../../src/machines/relay/types.ts'
import { type Breaks, type Bug, machineBugs } from './bug.ts'

const relay = machineBugs<RelayContext, RelayEvent, RelayEffect, RelayConfig>('relay')

/** It knows one value of a policy parameter alone. */
const always = (policy: Partial<RelayConfig['policy']>): Breaks =>
  relay.config((config) => ({ ...config, policy: { ...config.policy, ...policy } }))

const withConfig = (change: Partial<RelayConfig>): Breaks => relay.config((config) => ({ ...config, ...change }))

type Of<T extends RelayEffect['type']> = Extract<RelayEffect, { type: T }>

function effect<T extends RelayEffect['type']>(type: T, change: (effect: Of<T>) => readonly RelayEffect[]): Breaks {
  return relay.effects((one) => (one.type === type ? change(one as Of<T>) : [one]))
}

const inRound = (context: RelayContext, change: (round: Round) => Partial<Round>): RelayContext =>
  context.round === null ? context : { ...context, round: { ...context.round, ...change(context.round) } }

export const relayBugs: Readonly<Record<string, Bug>> = {
  'drops-while-active': { req: 'RELAY-001.1', does: 'never defers', breaks: always({ whileActive: 'drop' }) },
  'never-holds': { req: 'RELAY-002.1', does: 'challenges what is not due', breaks: always({ notDue: 'challenge' }) },
  'always-latest': {
    req: 'RELAY-003.1',
    does: 'challenges with the latest STH',
    breaks: always({ referenceSth: 'latest' }),
  },
  'any-proof-proves': {
    req: 'RELAY-004.1',
    does: 'takes a proof of another leaf or tree head for the one asked',
    breaks: relay.event((event, { round }) => {
      const asked = event.type === 'challenged' ? round?.asked.get(event.leafId) : undefined
      if (event.type !== 'challenged' || event.pair === null || asked === undefined) return event
      return { ...event, pair: { ...event.pair, leafId: event.leafId, sth: asked } }
    }),
  },
  'never-reports': { req: 'RELAY-005.1', does: 'tells no auditor', breaks: always({ reporting: 'never' }) },
  'trusts-peers': {
    req: 'RELAY-007.1',
    does: "inserts peers' pairs unverified",
    breaks: relay.event((event) => (event.type === 'pair' ? { ...event, verified: true } : event)),
  },
  'always-coins': {
    req: 'RELAY-009.1',
    does: 'throws coins where it should choose',
    breaks: always({ bucketing: 'coin' }),
  },
  'forwards-for-ever': {
    req: 'RELAY-010.1',
    does: 'forwards what came from a CTR',
    breaks: always({ forwardHops: 'unbounded' }),
  },
  'never-evicts': {
    req: 'RELAY-011.1',
    does: 'lets a full bucket end the wait',
    breaks: always({ bucketFull: 'end-wait' }),
  },
  'invalid-uncounted': {
    req: 'RELAY-012.1',
    does: 'does not count what is invalid',
    breaks: relay.step(({ step, event, before }) =>
      event.type === 'invalidSfo' ? { ...step, state: { ...step.state, context: before } } : step,
    ),
  },
  'any-number-of-variants': {
    req: 'RELAY-013.1',
    does: 'holds all variants of a leaf',
    breaks: withConfig({ variantsPerLeaf: 1000 }),
  },
  'higher-hops-stay': {
    req: 'RELAY-014.2',
    does: 'keeps the hops that an SFO first came with',
    breaks: relay.event((event, { held, round }) => {
      if (event.type !== 'sfo') return event
      const known = held.get(event.sfo.sfoId) ?? round?.taken.get(event.sfo.sfoId)
      return known === undefined ? event : { ...event, sfo: { ...event.sfo, hops: known.hops } }
    }),
  },
  'logs-in-order': {
    req: 'RELAY-103.1',
    does: 'connects to logs in the order of their IDs',
    breaks: relay.step(({ step, event }) => {
      if (event.type !== 'waited' || step.state.context.round === null) return step
      const context = inRound(step.state.context, ({ logOrder }) => ({ logOrder: logOrder.toSorted() }))
      const effects = step.effects.map((one) =>
        one.type === 'connect' ? { ...one, logIds: one.logIds.toSorted() } : one,
      )
      return { ...step, effects, state: { ...step.state, context } }
    }),
  },
  'one-circuit-for-all': {
    req: 'RELAY-015.1',
    does: 'asks all logs on one circuit',
    breaks: effect('challenge', (one) => {
      const [first, ...others] = one.groups
      if (first === undefined) return [one]
      const challenges = [first, ...others].flatMap((group) => group.challenges)
      return [{ ...one, groups: [{ ...first, challenges }] }]
    }),
  },
  'samples-its-family': {
    req: 'RELAY-016.1',
    does: 'samples itself and its family',
    breaks: withConfig({ self: 'f'.repeat(64), family: [] }),
  },
  'no-second-try': {
    req: 'RELAY-017.1',
    does: 'does not try a failed delivery again',
    breaks: relay.context((context) => inRound(context, () => ({ retrying: true }))),
  },
  'never-retires': {
    req: 'RELAY-018.1',
    does: 'retires onion services a round too late',
    breaks: effect('announce', (one) => [{ ...one, retire: one.retire - 1 }]),
  },
  'endless-addresses': {
    req: 'RELAY-019.1',
    does: 'stores any number of addresses',
    breaks: withConfig({ addressCapacity: 1000 }),
  },
  'endless-proofs': {
    req: 'RELAY-020.1',
    does: 'keeps any number of proofs',
    breaks: withConfig({ proofCapacity: 1000 }),
  },
  'stale-rounds': {
    req: 'RELAY-021.1',
    does: 'takes answers of an earlier round for those of this one',
    breaks: relay.event((event, { roundNumber }) => ('round' in event ? { ...event, round: roundNumber } : event)),
  },
  'silent-where-nothing': {
    req: 'RELAY-025.1',
    does: 'connects only where it has something to send',
    breaks: effect('forward', (one) => [
      { ...one, deliveries: one.deliveries.filter(({ sfoIds }) => sfoIds.length > 0) },
    ]),
  },
  'waits-twice': {
    req: 'RELAY-110.1',
    does: 'waits too long after a round',
    breaks: effect('startWait', (one) => [{ ...one, ms: one.ms * 2 + 1 }]),
  },
  'no-deadline': { req: 'RELAY-001.2', does: 'starts no deadline', breaks: effect('startDeadline', () => []) },
  'buckets-stay': {
    req: 'RELAY-102.1',
    does: 'leaves in its buckets what a round took',
    breaks: relay.step(({ step, event, before }) =>
      event.type === 'waited' && step.disposition === 'accepted'
        ? { ...step, state: { ...step.state, context: { ...step.state.context, held: before.held } } }
        : step,
    ),
  },
  'one-challenge-a-log': {
    req: 'RELAY-104.1',
    does: 'challenges one leaf of each log',
    breaks: effect('challenge', (one) => [
      { ...one, groups: one.groups.map((group) => ({ ...group, challenges: group.challenges.slice(0, 1) })) },
    ]),
  },
  'fetches-nothing': {
    req: 'RELAY-105.1',
    does: 'fetches from nobody',
    breaks: effect('fetch', (one) => [{ ...one, addresses: [] }]),
  },
  'bucket-to-another-ctr': {
    req: 'RELAY-106.1',
    does: 'sends bucket i to the CTR after i',
    breaks: effect('forward', (one) => {
      const sfoIds = one.deliveries.map((delivery) => delivery.sfoIds)
      return [{ ...one, deliveries: one.deliveries.map(({ ctr }, at) => ({ ctr, sfoIds: sfoIds.at(at - 1) ?? [] })) }]
    }),
  },
  'announces-to-nobody': {
    req: 'RELAY-107.1',
    does: 'tells nobody its address',
    breaks: effect('announce', (one) => [{ ...one, ctrs: [] }]),
  },
  'proofs-for-ever': {
    req: 'RELAY-108.1',
    does: 'never lets a proof expire',
    breaks: withConfig({ proofLifetimeMs: 31_536_000_000 }),
  },
  'forgets-no-bytes': {
    req: 'RELAY-109.1',
    does: 'does not release what the round is done with',
    breaks: effect('emptyBuckets', (one) => [{ ...one, sfoIds: [] }]),
  },
  'proven-taken-again': {
    req: 'RELAY-111.2',
    does: 'takes an SFO that is proven already',
    breaks: relay.step(({ step }) =>
      step.reason === 'alreadyProven' ? { state: step.state, effects: [], disposition: 'accepted' } : step,
    ),
  },
  'any-address': {
    req: 'RELAY-112.1',
    does: 'ignores an address that is none where it should reject it',
    breaks: relay.step(({ step }) =>
      step.reason === 'badAddress' ? { ...step, disposition: 'ignored', reason: 'alreadyKnown' } : step,
    ),
  },
  'serves-in-order': {
    req: 'RELAY-113.1',
    does: 'serves its pairs in the order in which it has them',
    breaks: relay.event((event) =>
      event.type === 'proofsRequested' ? { ...event, draw: event.draw.map(() => 0) } : event,
    ),
  },
  'one-order': {
    req: 'RELAY-120.1',
    does: 'challenges first, whatever the policy',
    breaks: always({ order: 'challenge-first' }),
  },
  'duplicates-not-received': {
    req: 'INV-006.2',
    does: 'drops a duplicate without having received it',
    breaks: relay.step(({ step, before }) => {
      if (step.reason !== 'duplicate') return step
      const { context } = step.state
      const counters = { ...context.counters, received: before.counters.received }
      return { ...step, state: { ...step.state, context: { ...context, counters } } }
    }),
  },
  'too-few-draws': {
    req: 'INV-008.1',
    does: 'makes up the draws that an event lacks',
    breaks: relay.event((event) =>
      'draw' in event ? { ...event, draw: [...event.draw, ...Array<number>(512).fill(0)] } : event,
    ),
  },
  'takes-while-active': {
    req: 'RELAY-111.1',
    does: 'never drops what comes in a round',
    breaks: always({ whileActive: 'defer' }),
  },
  'bucket-for-everyone': {
    req: 'RELAY-111.4',
    does: 'takes an SFO for which no coin showed heads for one that it holds',
    breaks: relay.step(({ step }) => (step.reason === 'noBucket' ? { ...step, reason: 'duplicate' } : step)),
  },
  'full-bucket-waits': {
    req: 'RELAY-011.2',
    does: 'waits on although a bucket is full',
    breaks: relay.step(({ step, event }) =>
      event.type === 'sfo' ? { ...step, effects: step.effects.filter(({ type }) => type !== 'startWait') } : step,
    ),
  },
  'full-bucket-starts-round': {
    req: 'RELAY-011.3',
    does: 'lets a full bucket end the wait whatever the policy',
    breaks: relay.step(({ step, event }) => {
      const { config, buckets } = step.state.context
      const full = buckets.some(({ list }) => list.size >= config.bucketCapacity)
      if (event.type !== 'sfo' || !full || config.policy.bucketFull !== 'evict') return step
      return { ...step, effects: [...step.effects, { type: 'startWait', ms: 0 }] }
    }),
  },
  'eternal-addresses': {
    req: 'RELAY-019.2',
    does: 'contacts addresses however old',
    breaks: withConfig({ addressLifetimeMs: 31_536_000_000 }),
  },
  'peers-of-a-new-consensus': {
    req: 'RELAY-016.2',
    does: 'takes the auditors of a consensus that came in the round',
    breaks: relay.step(({ step, event }) => {
      if (event.type !== 'consensus' || step.disposition !== 'accepted') return step
      const auditors = event.consensus.auditors.map(({ auditorId }) => auditorId)
      return { ...step, state: { ...step.state, context: inRound(step.state.context, () => ({ auditors })) } }
    }),
  },
  'holds-for-ever': {
    req: 'RELAY-002.2',
    does: 'holds an SFO that never becomes due for ever',
    breaks: withConfig({ holdLimitMs: 31_536_000_000 }),
  },
  'always-first-due': {
    req: 'RELAY-003.2',
    does: 'challenges with the first-due STH whatever the policy',
    breaks: always({ referenceSth: 'first-due' }),
  },
  'keeps-no-pair': {
    req: 'RELAY-104.2',
    does: 'does not keep the pair of what a log proved',
    breaks: effect('keepPair', () => []),
  },
  'forwards-nothing': {
    req: 'RELAY-006.1',
    does: 'leaves step 6 out',
    breaks: effect('forward', () => []),
  },
  'never-waits': {
    req: 'RELAY-101.1',
    does: 'starts the next round at once',
    breaks: effect('startWait', (one) => [{ ...one, ms: 0 }]),
  },
  'unacknowledged-is-reported': {
    req: 'RELAY-005.2',
    does: 'counts a report as made that no auditor acknowledged',
    breaks: relay.event((event) => (event.type === 'reported' ? { ...event, ok: true } : event)),
  },
  'endless-reports': {
    req: 'RELAY-005.3',
    does: 'queues any number of reports',
    breaks: withConfig({ reportCapacity: 1000 }),
  },
  'refused-is-forwarded': {
    req: 'RELAY-017.2',
    does: 'counts as forwarded what no CTR took',
    breaks: relay.event((event) => (event.type === 'delivered' ? { ...event, ok: true } : event)),
  },
  'proven-uncounted': {
    req: 'INV-006.1',
    does: 'does not count what it proved',
    breaks: relay.step(({ step, before }) => {
      const { context } = step.state
      const counters = { ...context.counters, proven: before.counters.proven }
      return { ...step, state: { ...step.state, context: { ...context, counters } } }
    }),
  },
  'round-survives-deadline': {
    req: 'INV-002.1',
    does: 'keeps what an aborted round took',
    breaks: relay.step(({ step, event, before }) =>
      event.type === 'deadline' && step.disposition === 'accepted'
        ? { ...step, state: { ...step.state, context: { ...step.state.context, round: before.round } } }
        : step,
    ),
  },
  'believes-peers': {
    req: 'INV-003.1',
    does: 'takes a pair whose verification failed',
    breaks: relay.event((event) => (event.type === 'pair' ? { ...event, verified: true } : event)),
  },
}

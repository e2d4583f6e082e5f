// Relays whose rounds or policies are wrong in one place. Invariant: each of them is found on the `minimal` preset.
import { emptyRound } from '../../machines/relay/empty.ts'
import { fetchProofs } from '../../machines/relay/fetch.ts'
import { forwardSfos } from '../../machines/relay/forward.ts'
import { receiveSfo } from '../../machines/relay/receive.ts'
import { startRound } from '../../machines/relay/round.ts'
import type { Policy, RelayContext, RelayEvent, Round } from '../../machines/relay/types.ts'
import { altered, mutated, type SeededBug, without } from './seeded-bug.ts'
import { relayModel } from './worlds/relay/minimal.ts'
import { scenes } from './worlds/relay/minimal-scene.ts'

type Of<T extends RelayEvent['type']> = Extract<RelayEvent, { type: T }>

const seed = relayModel(scenes.one, 'seed')
const hardened = relayModel(scenes.one, 'hardened')
const hops = relayModel(scenes.hops, 'hardened')
const variants = relayModel(scenes.variants, 'seed')

const withPolicy = (context: RelayContext, policy: Partial<Policy>): RelayContext => ({
  ...context,
  config: { ...context.config, policy: { ...context.config.policy, ...policy } },
})
const roundOf = (context: RelayContext): Round => context.round as Round

export const rounds: readonly SeededBug[] = [
  mutated('the deadline is ignored', seed, {
    guards: { otherRound: (holds, _, event) => holds || event.type === 'deadline' },
  }),
  mutated('answers of another round are taken', seed, { guards: { otherRound: () => false } }),
  mutated('the end of a round starts no wait', seed, { actions: { endRound: without('startWait') } }),
  mutated('no deadline is set', hardened, { actions: { startRound: without('startDeadline') } }),
  mutated('step 5 is skipped where there is no address', seed, {
    actions: {
      fetchProofs: (change, { addresses }) =>
        addresses.length === 0 ? without<RelayContext>('fetch')(change) : change,
    },
  }),
  mutated('a consensus changes the peers of the running round', hardened, {
    actions: {
      learnConsensus: (change, { round }) =>
        round === null ? change : { ...change, context: { ...change.context, round: { ...round, peers: [] } } },
    },
  }),
  mutated('an SFO enters the running round', hardened, {
    actions: {
      receiveSfo: (change, { round }, event) => {
        const { sfo } = event as Of<'sfo'>
        const added = change.context?.held?.get(sfo.sfoId)
        if (round === null || added === undefined || change.ignored !== undefined) return change
        return {
          ...change,
          context: {
            ...change.context,
            held: change.context?.held?.delete(sfo.sfoId),
            buckets: change.context?.buckets?.map(({ list }) => ({ list: list.filter((one) => one !== sfo.sfoId) })),
            round: { ...round, taken: round.taken.set(sfo.sfoId, added) },
          } as Partial<RelayContext>,
        }
      },
    },
  }),
  mutated('failed deliveries are tried again for ever', hops, { guards: { canRedeliver: () => true } }),
]

export const policies: readonly SeededBug[] = [
  mutated('forwardHops is ignored', hops, {
    actions: { forwardSfos: (_, context) => forwardSfos(withPolicy(context, { forwardHops: 'unbounded' })) },
  }),
  mutated('hold is ignored: what is not due is challenged', hardened, {
    actions: {
      startRound: (_, context, event) =>
        startRound(withPolicy(context, { notDue: 'challenge' }), event as Of<'waited'>),
    },
  }),
  mutated('the latest STH in place of the one that is due first', hops, {
    actions: {
      startRound: (_, context, event) =>
        startRound(withPolicy(context, { referenceSth: 'latest' }), event as Of<'waited'>),
    },
  }),
  mutated('the seed reports to an auditor', seed, {
    actions: { emptyRound: (_, context) => emptyRound(withPolicy(context, { reporting: 'auditor' })) },
  }),
  mutated('a report is queued and never sent', hardened, { actions: { emptyRound: without('report') } }),
  mutated('a duplicate is drawn buckets for again', seed, {
    actions: {
      receiveSfo: (change, context, event) => {
        const received = event as Of<'sfo'>
        if (change.ignored !== 'duplicate') return change
        return receiveSfo({ ...context, held: context.held.delete(received.sfo.sfoId) }, received)
      },
    },
  }),
  mutated('a full bucket does not end the wait', variants, { actions: { receiveSfo: without('startWait') } }),
  mutated('who has nothing to get is not connected to', hardened, {
    actions: {
      forwardSfos: (change) => ({
        ...change,
        effects: (change.effects ?? []).map((one) => ({
          ...one,
          deliveries: (one as unknown as { deliveries: { sfoIds: string[] }[] }).deliveries.filter(
            ({ sfoIds }) => sfoIds.length > 0,
          ),
        })),
      }),
    },
  }),
  mutated('the second try goes to the CTR that failed', hops, {
    actions: {
      redeliver: (change, context) => {
        const failed = roundOf(context).peers
        return {
          ...change,
          effects: (change.effects ?? []).map((one) => {
            const { deliveries } = one as unknown as { deliveries: { ctr: { ctrId: string } }[] }
            const other = (ctrId: string) => failed.find(({ ctr }) => ctr.ctrId !== ctrId)?.ctr
            return {
              ...one,
              deliveries: deliveries.map((delivery) => ({ ...delivery, ctr: other(delivery.ctr.ctrId) })),
            }
          }),
        }
      },
    },
  }),
  mutated('addresses are used again', variants, {
    actions: {
      fetchProofs: (_, context, event) => ({
        ...fetchProofs(context, event),
        context: { addresses: context.addresses },
      }),
    },
  }),
  altered('an SFO from a CTR loses its hops', hops, (taken, _, event) =>
    event.type !== 'sfo' || taken.disposition !== 'accepted'
      ? taken
      : {
          ...taken,
          state: {
            ...taken.state,
            context: { ...taken.state.context, held: taken.state.context.held.map((sfo) => ({ ...sfo, hops: 0 })) },
          },
        },
  ),
]

// Relays whose books or proof set are wrong in one place. Invariant: each of them is found on the `minimal` preset.
import { challengeLogs } from '../../machines/relay/challenge.ts'
import { keepProof } from '../../machines/relay/proofs.ts'
import { startRound } from '../../machines/relay/round.ts'
import type { RelayContext, RelayEffect, RelayEvent, Round } from '../../machines/relay/types.ts'
import { mutated, type SeededBug } from './seeded-bug.ts'
import { relayModel } from './worlds/relay/minimal.ts'
import { scenes } from './worlds/relay/minimal-scene.ts'

type Of<T extends RelayEvent['type']> = Extract<RelayEvent, { type: T }>

const seed = relayModel(scenes.one, 'seed')
const hardened = relayModel(scenes.one, 'hardened')
const roundOf = (context: RelayContext): Round => context.round as Round

export const books: readonly SeededBug[] = [
  mutated('an SFO is dropped without being counted', seed, {
    actions: { dropWhileActive: ({ context: _, ...rest }) => rest },
  }),
  mutated('one that is evicted is not counted', relayModel(scenes.full, 'hardened'), {
    actions: {
      receiveSfo: ({ context, ...rest }, { counters }) =>
        context?.counters?.dropped.evicted === counters.dropped.evicted || context?.counters === undefined
          ? { ...rest, ...(context === undefined ? {} : { context }) }
          : { ...rest, context: { ...context, counters: { ...context.counters, dropped: counters.dropped } } },
    },
  }),
  mutated('a bucket is kept after the round took it', seed, {
    actions: {
      startRound: ({ context, ...rest }, { held, buckets }) => ({ ...rest, context: { ...context, held, buckets } }),
    },
  }),
  mutated('step 9 keeps what the round took', seed, {
    actions: {
      emptyRound: ({ context, ...rest }, before) => ({ ...rest, context: { ...context, round: roundOf(before) } }),
    },
  }),
  mutated('the bytes of what the round is done with are not dropped', seed, {
    actions: {
      emptyRound: (change) => ({
        ...change,
        effects: (change.effects ?? []).map((one) => (one.type === 'emptyBuckets' ? { ...one, sfoIds: [] } : one)),
      }),
    },
  }),
  mutated('variants of a leaf are counted up but never down', seed, {
    actions: {
      emptyRound: ({ context, ...rest }, { variants: known }) => ({
        ...rest,
        context: { ...context, variants: known },
      }),
    },
  }),
  mutated('a report that ended is not counted', hardened, {
    actions: {
      settleReport: ({ context, ...rest }, { counters }) => ({
        ...rest,
        ...(context && { context: { ...context, counters } }),
      }),
    },
  }),
]

export const proofs: readonly SeededBug[] = [
  mutated('a pair that does not verify enters the proof set', seed, {
    actions: {
      takePair: (change, context, event) => {
        const { pair, at } = event as Of<'pair'>
        return change.ignored === 'notVerified' ? keepProof(context, pair, at) : change
      },
    },
  }),
  mutated('what was proven meanwhile is challenged all the same', hardened, {
    actions: {
      startRound: (_, context, event) =>
        startRound({ ...context, proofs: context.proofs.clear() }, event as Of<'waited'>),
    },
  }),
  mutated('only the first log is challenged', relayModel(scenes.logs, 'hardened'), {
    actions: {
      challengeLogs: (_, context) => {
        const round = roundOf(context)
        return challengeLogs({ ...context, round: { ...round, logOrder: round.logOrder.slice(0, 1) } })
      },
    },
  }),
  mutated('a proof outlives its lifetime', seed, {
    actions: {
      rotate: ({ context, effects }, { proofs: known, proofsByAge }) => ({
        context: { ...context, proofs: known, proofsByAge },
        effects: (effects ?? []).map((one) => ({ ...one, leafIds: [] })),
      }),
    },
  }),
  mutated('what is served is served twice', seed, {
    actions: {
      serveProofs: ({ effects = [] }) => ({
        effects: (effects as readonly Extract<RelayEffect, { type: 'serveProofs' }>[]).map((one) => ({
          ...one,
          leafIds: [...one.leafIds, ...one.leafIds],
        })),
      }),
    },
  }),
]

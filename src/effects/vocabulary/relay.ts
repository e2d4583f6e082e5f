// The relay machine's alphabet as schemas: every event and every effect [RELAY-021]. Journals, vectors and JSON Schemas are made
// from them. Invariant: a schema's output type is the machine's type, checked by the compiler.
import { z } from 'zod'
import { type RelayEffect, type RelayEvent, steps } from '../../machines/relay/types.ts'
import { at, consensus, ctr, draw, hex32, leafId, outcome, proofPair, sth, whole } from './nouns.ts'
import type { Holds, Same } from './same.ts'

const round = { round: whole }
const leafIds = z.array(leafId).readonly()
const sfoIds = z.array(hex32).readonly()
const address = z.string().max(128)
const request = z.string().max(128)

export const sfoRef = z
  .strictObject({
    sfoId: hex32,
    leafId,
    logId: hex32,
    sctTimestamp: whole,
    leafIndex: whole.exactOptional(),
    hops: whole,
  })
  .readonly()

export const relayEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('consensus'), consensus, ...at }).readonly(),
  z.strictObject({ type: z.literal('sfo'), sfo: sfoRef, ...at, draw }).readonly(),
  z.strictObject({ type: z.literal('invalidSfo'), error: z.string().max(64), ...at }).readonly(),
  z.strictObject({ type: z.literal('address'), address, ...at, draw }).readonly(),
  z.strictObject({ type: z.literal('proofsRequested'), request, ...at, draw }).readonly(),
  z.strictObject({ type: z.literal('waited'), ...at, draw }).readonly(),
  z.strictObject({ type: z.literal('deadline'), ...round, ...at }).readonly(),
  z
    .strictObject({
      type: z.literal('challenged'),
      ...round,
      leafId,
      outcome,
      pair: proofPair.nullable(),
      breakerOpen: z.boolean(),
      ...at,
    })
    .readonly(),
  z.strictObject({ type: z.literal('pair'), ...round, pair: proofPair, verified: z.boolean(), ...at }).readonly(),
  z
    .strictObject({ type: z.literal('delivered'), ...round, ctrId: hex32, sfoId: hex32, ok: z.boolean(), ...at })
    .readonly(),
  z.strictObject({ type: z.literal('stepDone'), ...round, step: z.enum(steps), ...at }).readonly(),
  z.strictObject({ type: z.literal('reported'), sfoId: hex32, ok: z.boolean(), ...at }).readonly(),
])

const challenge = z.strictObject({ leafId, sfoId: hex32, sth }).readonly()
const group = z.strictObject({ logId: hex32, challenges: z.array(challenge).readonly() }).readonly()
const delivery = z.strictObject({ ctr, sfoIds }).readonly()

export const relayEffect = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('startWait'), ms: whole }).readonly(),
  z.strictObject({ type: z.literal('startDeadline'), ...round, ms: whole }).readonly(),
  z.strictObject({ type: z.literal('endRound'), ...round }).readonly(),
  z.strictObject({ type: z.literal('connect'), ...round, logIds: z.array(hex32).readonly() }).readonly(),
  z.strictObject({ type: z.literal('challenge'), ...round, groups: z.array(group).readonly() }).readonly(),
  z
    .strictObject({ type: z.literal('fetch'), ...round, addresses: z.array(address).readonly(), limit: whole })
    .readonly(),
  z.strictObject({ type: z.literal('forward'), ...round, deliveries: z.array(delivery).readonly() }).readonly(),
  z.strictObject({ type: z.literal('announce'), ...round, ctrs: z.array(ctr).readonly(), retire: z.int() }).readonly(),
  z.strictObject({ type: z.literal('forgetProofs'), ...round, leafIds }).readonly(),
  z.strictObject({ type: z.literal('emptyBuckets'), ...round, sfoIds }).readonly(),
  z.strictObject({ type: z.literal('forgetSfos'), sfoIds }).readonly(),
  z.strictObject({ type: z.literal('forgetPairs'), leafIds }).readonly(),
  z.strictObject({ type: z.literal('keepPair'), pair: proofPair }).readonly(),
  z.strictObject({ type: z.literal('serveProofs'), request, leafIds }).readonly(),
  z.strictObject({ type: z.literal('report'), sfoId: hex32, auditorId: hex32 }).readonly(),
])

export type CheckedAlphabet = readonly [
  Holds<Same<z.output<typeof relayEvent>, RelayEvent>>,
  Holds<Same<z.output<typeof relayEffect>, RelayEffect>>,
]

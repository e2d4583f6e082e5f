// The auditor machines' alphabets as schemas: sfo, round, circuit, log view, report [AUD-101 to AUD-120]. Invariant: a schema's
// output type is the machine's type, checked by the compiler.
import { z } from 'zod'
import {
  auditorSteps,
  type CircuitEffect,
  type CircuitEvent,
  incidentKinds,
  type LogViewEffect,
  type LogViewEvent,
  type ReportEffect,
  type ReportEvent,
  type RoundEffect,
  type RoundEvent,
  type SfoContext,
  type SfoEffect,
  type SfoEvent,
} from '../../machines/auditor/types.ts'
import { at, consensus, draw, hashPath, hex32, inclusionProof, leafId, outcome, sth, whole } from './nouns.ts'
import type { Holds, Same } from './same.ts'

const sfoErrorClass = z.enum(['malformed', 'unknownLog', 'badSct', 'badChain', 'oversize', 'futureSct'])
const spansGap = { spansGap: z.boolean() }
const round = { round: whole }
const logIds = z.array(hex32).readonly()

export const evidence = z
  .strictObject({
    kind: z.enum(incidentKinds),
    logId: hex32,
    sfoId: hex32.nullable(),
    sths: z.array(sth).readonly(),
    proof: inclusionProof.nullable(),
    leafHash: hex32.exactOptional(),
    otherSfoId: hex32.exactOptional(),
    path: hashPath.exactOptional(),
    lastOutcome: outcome.nullable(),
    since: whole,
    ...spansGap,
  })
  .readonly()

const escalate = z.strictObject({ type: z.literal('escalate'), evidence }).readonly()

// ---------------------------------------------------------------------------------------------------------------- sfo

export const sfoContext = z
  .strictObject({
    sfoId: hex32,
    leafId,
    logId: hex32,
    sctTimestamp: whole,
    leafIndex: whole.exactOptional(),
    receivedAt: whole,
    dueAt: whole,
    graceEndsAt: whole,
    attempts: whole,
    lastOutcome: outcome.nullable(),
    sth: sth.nullable(),
    refusedBy: sth.nullable(),
    latest: sth.nullable(),
    raised: z.array(z.enum(incidentKinds)).readonly(),
  })
  .readonly()

export const sfoEvent = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('challengeNow'),
      firstDue: sth.nullable(),
      latest: sth.nullable(),
      ...spansGap,
      ...at,
    })
    .readonly(),
  z
    .strictObject({
      type: z.literal('answered'),
      outcome,
      proof: inclusionProof.nullable(),
      leafHash: hex32.exactOptional(),
      ...spansGap,
      ...at,
    })
    .readonly(),
  z.strictObject({ type: z.literal('resubmitted'), ...at }).readonly(),
  z.strictObject({ type: z.literal('logRemoved'), ...at }).readonly(),
  z.strictObject({ type: z.literal('restarted'), ...at }).readonly(),
])

export const sfoEffect = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('challenge'), sfoId: hex32, leafId, sth }).readonly(),
  escalate,
  z.strictObject({ type: z.literal('purgeChain'), sfoId: hex32 }).readonly(),
])

// -------------------------------------------------------------------------------------------------------------- round

export const roundEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('due'), draw, ...at }).readonly(),
  z.strictObject({ type: z.literal('consensus'), consensus, ...at }).readonly(),
  z.strictObject({ type: z.literal('noNewerConsensus'), ...at }).readonly(),
  z.strictObject({ type: z.literal('consensusFailed'), error: z.string().max(64), ...at }).readonly(),
  z.strictObject({ type: z.literal('stepDone'), ...round, step: z.enum(auditorSteps), ...at }).readonly(),
  z.strictObject({ type: z.literal('deadline'), ...round, draw, ...at }).readonly(),
])

export const roundEffect = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('startTimer'), ms: whole }).readonly(),
  z.strictObject({ type: z.literal('startDeadline'), ...round, ms: whole }).readonly(),
  z.strictObject({ type: z.literal('endRound'), ...round }).readonly(),
  z.strictObject({ type: z.literal('fetchConsensus'), ...round, newerThan: whole.nullable() }).readonly(),
  z.strictObject({ type: z.literal('checkSths'), ...round, consensus }).readonly(),
  z.strictObject({ type: z.literal('recordGap'), from: whole, to: whole }).readonly(),
  z.strictObject({ type: z.literal('connect'), ...round, logIds }).readonly(),
  z.strictObject({ type: z.literal('challengePending'), ...round, logIds }).readonly(),
  z.strictObject({ type: z.literal('analyze'), ...round, ctrs: whole }).readonly(),
])

// ------------------------------------------------------------------------------------------------------------ circuit

export const reportEntry = z
  .strictObject({
    ctrId: hex32,
    circuit: z.string().max(128),
    at: whole,
    valid: whole,
    duplicate: whole,
    invalid: z.partialRecord(sfoErrorClass, whole).readonly(),
    perLog: z.record(hex32, whole).readonly(),
  })
  .readonly()

export const judged = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('invalid'), class: sfoErrorClass }).readonly(),
  z
    .strictObject({
      verdict: z.literal('valid'),
      sfoId: hex32,
      leafId,
      logId: hex32,
      sctTimestamp: whole,
      leafIndex: whole.exactOptional(),
      future: z.boolean(),
      known: z.enum(['new', 'pending', 'resolved']),
      graceMs: whole,
      mmd: whole,
    })
    .readonly(),
])

export const circuitEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('nonceRequested'), nonce: hex32, ...at }).readonly(),
  z
    .strictObject({
      type: z.literal('authenticate'),
      nonce: z.string().max(128),
      verdict: z.enum(['ctr', 'notCtr', 'badProof']),
      ctrId: z.string().max(128),
      ...at,
    })
    .readonly(),
  z.strictObject({ type: z.literal('submitted'), items: z.array(judged).readonly(), quota: whole, ...at }).readonly(),
  z.strictObject({ type: z.literal('stored'), ok: z.boolean(), ...at }).readonly(),
  z.strictObject({ type: z.literal('closed'), ...at }).readonly(),
])

const newSfo = z
  .strictObject({
    state: z.strictObject({ value: z.record(z.string(), z.string()).readonly(), context: sfoContext }).readonly(),
    escalate: evidence.nullable(),
  })
  .readonly()

export const circuitEffect = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('sendNonce'), nonce: hex32 }).readonly(),
  z.strictObject({ type: z.literal('store'), rows: z.array(newSfo).readonly(), entry: reportEntry }).readonly(),
  z
    .strictObject({
      type: z.literal('reply'),
      status: z.literal([200, 401, 403, 429, 503]),
      error: z.string().max(64).nullable(),
    })
    .readonly(),
  z.strictObject({ type: z.literal('closeCircuit') }).readonly(),
])

// ----------------------------------------------------------------------------------------------------------- log view

const seenSth = z
  .strictObject({ sth, seenAt: whole, status: z.enum(['unchecked', 'consistent', 'inconsistent']) })
  .readonly()

export const logViewEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('sth'), sth, signatureValid: z.boolean(), ...at }).readonly(),
  z
    .strictObject({
      type: z.literal('consistency'),
      first: sth,
      second: sth,
      answer: z.enum(['consistent', 'inconsistent', 'unavailable']),
      path: hashPath.exactOptional(),
      ...at,
    })
    .readonly(),
  z.strictObject({ type: z.literal('recheck'), ...at }).readonly(),
  z.strictObject({ type: z.literal('reporters'), distinct: whole, ctrs: whole, ...at }).readonly(),
])

export const logViewEffect = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('saveSth'), seen: seenSth }).readonly(),
  z.strictObject({ type: z.literal('proveConsistency'), logId: hex32, first: sth, second: sth }).readonly(),
  escalate,
])

// ------------------------------------------------------------------------------------------------------ report window

const mean = z.number().nonnegative()

export const reportEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('entry'), entry: reportEntry, ...at }).readonly(),
  z
    .strictObject({
      type: z.literal('analyze'),
      expected: mean,
      expectedInvalid: mean,
      downLogs: z.array(hex32).readonly().exactOptional(),
      ...at,
    })
    .readonly(),
])

export const reportEffect = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('alert'),
      ctrId: hex32,
      kind: z.enum(['excess', 'invalid']),
      seen: whole,
      expected: mean,
      p: z.string().max(64),
    })
    .readonly(),
  z.strictObject({ type: z.literal('alertEnded'), ctrId: hex32 }).readonly(),
])

export type CheckedAlphabets = readonly [
  Holds<Same<z.output<typeof sfoContext>, SfoContext>>,
  Holds<Same<z.output<typeof sfoEvent>, SfoEvent>>,
  Holds<Same<z.output<typeof sfoEffect>, SfoEffect>>,
  Holds<Same<z.output<typeof roundEvent>, RoundEvent>>,
  Holds<Same<z.output<typeof roundEffect>, RoundEffect>>,
  Holds<Same<z.output<typeof circuitEvent>, CircuitEvent>>,
  Holds<Same<z.output<typeof circuitEffect>, CircuitEffect>>,
  Holds<Same<z.output<typeof logViewEvent>, LogViewEvent>>,
  Holds<Same<z.output<typeof logViewEffect>, LogViewEffect>>,
  Holds<Same<z.output<typeof reportEvent>, ReportEvent>>,
  Holds<Same<z.output<typeof reportEffect>, ReportEffect>>,
]

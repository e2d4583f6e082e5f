// What a vector says of an auditor machine's state [spec/conformance.md, States]: its context without its configuration.
// Invariant: every member is one that spec/auditor.md needs; a consensus stands by its digest.
import { z } from 'zod'
import { reportEntry, sfoContext } from '../../effects/vocabulary/auditor.ts'
import { hex32, sth, whole } from '../../effects/vocabulary/nouns.ts'
import {
  type CircuitContext,
  incidentKinds,
  type LogViewContext,
  type ReportContext,
  type RoundContext,
  type SfoContext,
} from '../../machines/auditor/types.ts'

export const sfoState = sfoContext

export function projectSfo(context: SfoContext): z.output<typeof sfoState> {
  return context
}

export const roundState = z.strictObject({
  number: whole,
  startedAt: whole.nullable(),
  consensus: hex32.nullable(),
  draw: whole,
})

export function projectRound({ number, startedAt, consensus, draw }: RoundContext): z.output<typeof roundState> {
  return { number, startedAt, consensus: consensus?.digest ?? null, draw }
}

export const circuitState = z.strictObject({
  nonce: hex32.nullable(),
  nonceIssuedAt: whole,
  ctrId: z.string().nullable(),
  entry: reportEntry.nullable(),
  saved: reportEntry.nullable(),
})

export function projectCircuit(context: CircuitContext): z.output<typeof circuitState> {
  const { nonce, nonceIssuedAt, ctrId, entry, saved } = context
  return { nonce, nonceIssuedAt, ctrId, entry, saved }
}

export const logViewState = z.strictObject({
  sths: z.array(z.strictObject({ sth, seenAt: whole, status: z.enum(['unchecked', 'consistent', 'inconsistent']) })),
  asked: z.array(z.string()),
  unanswered: z.record(z.string(), whole),
  problemSince: whole.nullable(),
  problemRaised: z.boolean(),
  raised: z.array(z.enum(incidentKinds)),
})

export function projectLogView(context: LogViewContext): z.output<typeof logViewState> {
  const { sths, asked, unanswered, problemSince, problemRaised, raised } = context
  return {
    sths: [...sths],
    asked: [...asked],
    unanswered: { ...unanswered },
    problemSince,
    problemRaised,
    raised: [...raised],
  }
}

export const reportState = z.strictObject({
  entries: z.array(reportEntry),
  pruned: whole,
  alerting: z.array(z.enum(['excess', 'invalid'])),
})

export function projectReport({ entries, pruned, alerting }: ReportContext): z.output<typeof reportState> {
  return { entries: [...entries], pruned, alerting: [...alerting] }
}

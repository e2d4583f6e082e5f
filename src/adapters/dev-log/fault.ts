// Test equipment, not for operators: the closed set of ways in which the development log misbehaves [EVID-001, RELAY-004].
// Invariant: every fault is plain data with defaults, at most one of each kind, and all are switchable while the log runs.
import * as z from 'zod'
import { indexOf, toHex, utf8 } from '../../machines/ct/bytes.ts'
import type { Result } from '../../machines/ct/types.ts'

/** Which leaves a fault is about: all, by leaf hash (64 hex digits), or by a name that occurs in the certificate. */
const leaves = z
  .union([
    z.literal('all'),
    z.strictObject({ hashes: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(10_000) }),
    z.strictObject({ names: z.array(z.string().min(1).max(253)).max(100) }),
  ])
  .default('all')

/** Which requests a fault is about: get-proof-by-hash and get-sth-consistency, or everything under /ct/v1/. */
const at = z.enum(['proofs', 'all'])

const ms = z.int().min(0).max(2_592_000_000)

export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('honest') }).describe('none: the log keeps its promises'),
  z.strictObject({ kind: z.literal('down'), at: at.default('all') }).describe('the connection is torn down'),
  z
    .strictObject({ kind: z.literal('slow'), ms: ms.max(600_000).default(5000), at: at.default('all') })
    .describe('every answer is ms late'),
  z
    .strictObject({ kind: z.literal('refusing'), status: z.int().min(400).max(599).default(404), leaves })
    .describe('an error status instead of proofs; of all leaves: consistency proofs too'),
  z
    .strictObject({ kind: z.literal('withhold'), leaves })
    .describe('the SCT is issued, but nothing is merged for as long as the fault is set'),
  z
    .strictObject({ kind: z.literal('late-merge'), ms: ms.default(60_000), leaves })
    .describe('merged only ms after the MMD'),
  z
    .strictObject({ kind: z.literal('wrong-proof'), leaves })
    .describe('one bit of a proof is flipped; of all leaves: consistency proofs too'),
  z
    .strictObject({ kind: z.literal('wrong-size'), leaves })
    .describe('the inclusion proof is one for another tree size'),
  z
    .strictObject({
      kind: z.literal('split-view'),
      serve: z.enum(['alternate', 'shadow']).default('alternate'),
      leaves,
    })
    .describe(
      'a shadow tree of equal size, in which these leaves are others, is what every second get-sth, or each, shows',
    ),
  z
    .strictObject({ kind: z.literal('inconsistent') })
    .describe('the log rewrites its history once, when this is set: a leaf more, before all others'),
  z
    .strictObject({ kind: z.literal('rollback'), by: z.int().min(1).default(1) })
    .describe('later STHs are of a smaller tree'),
  z
    .strictObject({ kind: z.literal('backdated'), ms: ms.default(86_400_000) })
    .describe('STHs are dated ms before they are signed'),
  z.strictObject({ kind: z.literal('bad-signature') }).describe('one bit of the signature on an STH is flipped'),
  z
    .strictObject({ kind: z.literal('wrong-index'), by: z.int().min(1).max(1_000_000).default(1) })
    .describe('static-ct: SCTs bear a leaf index that is too large'),
  z.strictObject({ kind: z.literal('same-index') }).describe('static-ct: SCTs bear the leaf index of the SCT before'),
  z.strictObject({ kind: z.literal('no-index') }).describe('static-ct: SCTs bear no leaf index'),
  z
    .strictObject({ kind: z.literal('tile-flip'), level: z.int().min(0).max(5).default(0) })
    .describe('static-ct: one bit of each hash tile of a level is flipped'),
  z
    .strictObject({ kind: z.literal('no-partials') })
    .describe('static-ct: partial tiles are gone where the full one exists, as they may be'),
  z
    .strictObject({ kind: z.literal('tiles-behind'), by: z.int().min(1).max(1_000_000).default(1) })
    .describe('static-ct: the last leaves are in the checkpoint, but in no tile'),
  z.strictObject({ kind: z.literal('endless'), at: at.default('proofs') }).describe('the body never ends'),
  z.strictObject({ kind: z.literal('malformed'), at: at.default('proofs') }).describe('the body is no JSON'),
])

export type Fault = z.infer<typeof faultSchema>
/** With what has a default left out. */
export type FaultInput = z.input<typeof faultSchema>
export type FaultKind = Fault['kind']
export type Leaves = z.infer<typeof leaves>

/** At most one of each kind; `honest` beside others means nothing. */
export const faultsSchema = z
  .array(faultSchema)
  .max(30)
  .refine((faults) => new Set(faults.map((fault) => fault.kind)).size === faults.length, 'a kind of fault occurs twice')

/** Of each kind: its name, what it does, and the parameters that it has where none are given. */
export const faultKinds: readonly {
  readonly kind: FaultKind
  readonly does: string
  readonly defaults: Readonly<Record<string, string | number>>
}[] = faultSchema.options.map((option) => {
  const { kind, ...defaults } = option.parse({ kind: option.shape.kind.value })
  return { kind, does: option.description ?? '', defaults: defaults as Record<string, string | number> }
})

/** The fault of this kind, if it is set. */
export function faultOf<K extends FaultKind>(
  faults: readonly Fault[],
  kind: K,
): Extract<Fault, { readonly kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { readonly kind: K }> => fault.kind === kind)
}

export function concerns(chosen: Leaves, leafHash: Uint8Array, leaf: Uint8Array): boolean {
  if (chosen === 'all') return true
  if ('hashes' in chosen) return chosen.hashes.includes(toHex(leafHash))
  return chosen.names.some((name) => indexOf(leaf, utf8(name)) >= 0)
}

/** From a command line: a kind alone (with its defaults), or the fault as JSON. */
export function parseFault(text: string): Result<Fault, 'badFault'> {
  const json = text.startsWith('{') ? jsonOf(text) : { kind: text }
  if (json === null) return { ok: false, error: 'badFault', detail: 'It begins as JSON, and is none.' }
  const given = faultSchema.safeParse(json)
  if (given.success) return { ok: true, value: given.data }
  const problems = given.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}.`)
  return { ok: false, error: 'badFault', detail: problems.join(' ') }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

// A submission circuit in a finite world: who it is, what it submits, whether the store takes it [AUD-101..103].
// Invariant: what is `known` of an SFO is what the store has taken; at most three submissions, since an entry only grows.

import { circuitMachine, initialCircuit } from '../../../../machines/auditor/circuit.ts'
import { circuitIsSound, entryMatches } from '../../../../machines/auditor/invariants.ts'
import type {
  CircuitContext,
  CircuitEffect,
  CircuitEvent,
  Judged,
  ReportEntry,
} from '../../../../machines/auditor/types.ts'
import type { Choice, Observed as Edge, Model, Node } from '../../../../machines/kernel/explore.ts'
import { step } from '../../../../machines/kernel/step.ts'
import { ctrId, idOf, logId, otherCtrId, otherLogId } from './minimal-nouns.ts'

export interface CircuitWorld {
  readonly now: number
  readonly submissions: number
  /** SFOs that are durable. */
  readonly rows: readonly string[]
  /** What was acknowledged, and what the running submission holds. */
  readonly counted: readonly Judged[]
  readonly storing: readonly Judged[] | null
}

type Observed = Edge<CircuitContext, CircuitEvent, CircuitEffect, CircuitWorld>
type CircuitNode = Node<CircuitContext, CircuitWorld>
export type CircuitModel = Model<CircuitContext, CircuitEvent, CircuitEffect, CircuitWorld>
type Submitted = Extract<CircuitEvent, { type: 'submitted' }>

const nonceLifetimeMs = 60_000
const instants = [0, nonceLifetimeMs - 1, nonceLifetimeMs] as const
const [nonce, otherNonce] = [idOf(1), idOf(2)]
const sfos = [
  { sfoId: idOf(1), logId, future: false },
  { sfoId: idOf(2), logId: otherLogId, future: true },
] as const
const invalid: Judged = { verdict: 'invalid', class: 'badSct' }

export const circuitModel: CircuitModel = {
  kind: 'circuit',
  id: 'circuit',
  machine: circuitMachine,
  take: (state, event) => step(circuitMachine, state, event),
  roots: [
    {
      config: {},
      state: initialCircuit('circuit', nonceLifetimeMs),
      world: { now: 0, submissions: 0, rows: [], counted: [], storing: null },
    },
  ],
  choices,
  hear,
  essence: ({ value, context }) => [value, context],
  invariants: {
    'AUD-101: only a CTR has an entry, and a spent nonce is forgotten': ({ step: { state } }) => circuitIsSound(state),
    'AUD-101: nothing is stored before the submitter proved to be a CTR': ({ before, step: { effects } }) =>
      effects.every(({ type }) => type !== 'store') || before.context.ctrId !== null,
    'AUD-002: a proof counts with the nonce that is live': admitsRightly,
    'AUD-102: an entry is made with the first SFO, not before': ({ step: { state }, after }) =>
      state.value === 'closed' ||
      (state.context.entry === null) === (after.counted.length === 0 && after.storing === null),
    'INV-007: the entry counts what the circuit submitted': ({ step: { state }, after }) =>
      state.value === 'closed' || entryMatches(state.context.entry, [...after.counted, ...(after.storing ?? [])]),
    'INV-006: each SFO of a submission is a row, a duplicate or invalid': storesAll,
    'AUD-007: beyond the quota nothing changes': ({ before, event, step: { state, effects } }) =>
      event.type !== 'submitted' ||
      before.value !== 'authenticated' ||
      newOnes(event.items).length <= event.quota ||
      (state.context.entry === before.context.entry &&
        effects.every((one) => one.type === 'reply' && one.status === 429)),
    'AUD-011: what is from the future is escalated at once': ({ step: { effects } }) =>
      effects.every(
        (one) =>
          one.type !== 'store' ||
          one.rows.every(({ state, escalate }) => (escalate !== null) === (state.value.resolved === 'escalated')),
      ),
    'AUD-027: 200 only once all is durable': acknowledgesDurable,
  },
  liveness: [
    {
      name: 'AUD-027: a submission gets its reply once the store has answered',
      kind: 'must',
      from: ({ state }) => state.value === 'storing',
      until: ({ state }) => state.value !== 'storing',
      fair: (event) => event?.type === 'stored',
    },
    {
      name: 'AUD-101: a circuit can always be closed',
      kind: 'can',
      from: () => true,
      until: ({ state }) => state.value === 'closed',
    },
  ],
}

function hear(world: CircuitWorld, event: CircuitEvent, { effects }: Observed['step']): CircuitWorld {
  const submissions = world.submissions + (event.type === 'submitted' && effects.length > 0 ? 1 : 0)
  if (event.type === 'submitted' && effects.some(({ type }) => type === 'store'))
    return { ...world, submissions, storing: event.items }
  if (event.type === 'stored' && world.storing !== null) {
    const rows = newOnes(world.storing)
    return event.ok
      ? {
          ...world,
          storing: null,
          rows: [...world.rows, ...rows].sort(),
          counted: [...world.counted, ...world.storing],
        }
      : { ...world, storing: null }
  }
  return submissions === world.submissions ? world : { ...world, submissions }
}

function newOnes(items: readonly Judged[]): readonly string[] {
  return [...new Set(items.flatMap((item) => (item.verdict === 'valid' && item.known === 'new' ? [item.sfoId] : [])))]
}

function admitsRightly({ before, event, step: { state } }: Observed): boolean {
  if (state.value !== 'authenticated' || before.value !== 'challenged') return true
  const { nonce: given, nonceIssuedAt } = before.context
  return (
    event.type === 'authenticate' &&
    event.verdict === 'ctr' &&
    event.nonce === given &&
    event.at - nonceIssuedAt < nonceLifetimeMs
  )
}

function storesAll({ before, event, step: { effects } }: Observed): boolean {
  return effects.every((effect) => {
    if (effect.type !== 'store' || event.type !== 'submitted') return true
    const [was, is] = [sums(before.context.entry), sums(effect.entry)]
    const fresh = is.valid + is.future - was.valid - was.future
    return fresh === effect.rows.length && is.all - was.all === event.items.length
  })
}

function sums(entry: ReportEntry | null) {
  const invalidOnes = Object.values(entry?.invalid ?? {}).reduce((a, b) => a + b, 0)
  const valid = entry?.valid ?? 0
  return { valid, future: entry?.invalid.futureSct ?? 0, all: valid + (entry?.duplicate ?? 0) + invalidOnes }
}

function acknowledgesDurable({ before, event, world, step: { effects } }: Observed): boolean {
  return effects.every((effect) => {
    if (effect.type !== 'reply' || effect.status !== 200) return true
    if (event.type === 'stored') return event.ok && world.storing !== null
    return event.type === 'submitted' && event.items.length === 0 && before.value === 'authenticated'
  })
}

function choices(
  { context }: CircuitNode['state'],
  world: CircuitWorld,
): readonly Choice<CircuitEvent, CircuitWorld>[] {
  const at = instants[world.now] as number
  const events: CircuitEvent[] = [
    { type: 'nonceRequested', nonce, at },
    { type: 'stored', ok: true, at },
    { type: 'stored', ok: false, at },
    { type: 'closed', at },
    { type: 'authenticate', nonce: otherNonce, verdict: 'ctr', ctrId, at },
    { type: 'authenticate', nonce, verdict: 'ctr', ctrId: otherCtrId, at },
  ]
  for (const verdict of ['ctr', 'notCtr', 'badProof'] as const)
    events.push({ type: 'authenticate', nonce, verdict, ctrId, at })
  if (world.submissions < 3 || context.ctrId === null) events.push(...submissions(world, at))
  const moves = world.now + 1 < instants.length ? [{ event: null, world: { ...world, now: world.now + 1 } }] : []
  return [...events.map((event) => ({ event, world })), ...moves]
}

function submissions({ rows }: CircuitWorld, at: number): readonly Submitted[] {
  const [one, two] = sfos.map(
    (sfo): Judged => ({
      verdict: 'valid',
      ...sfo,
      leafId: `${sfo.logId}:${sfo.sfoId}`,
      sctTimestamp: sfo.future ? 10 ** 6 : 0,
      known: !rows.includes(sfo.sfoId) ? 'new' : sfo.future ? 'resolved' : 'pending',
      graceMs: 20,
      mmd: 10,
    }),
  ) as [Judged, Judged]
  const bodies = [[], [one], [one, one], [two, invalid], [invalid], [one, two]]
  return bodies.map((items) => ({ type: 'submitted' as const, items, quota: 1, at }))
}

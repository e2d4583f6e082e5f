// Submission circuits [AUD-101 to AUD-103, AUD-002, AUD-007, AUD-027]: a nonce, a proof to be a CTR, one submission. Invariant: a nonce
// is used once; 200 is answered only after the store called the rows durable; the number of open circuits is bounded.
import { circuitMachine, initialCircuit } from '../../machines/auditor/circuit.ts'
import type { CircuitContext, CircuitEffect, CircuitEvent, Judged, NewSfo } from '../../machines/auditor/types.ts'
import { toHex } from '../../machines/ct/bytes.ts'
import type { SfoError } from '../../machines/ct/errors.ts'
import { decodeSfoBody } from '../../machines/ct/sfo.ts'
import type { LogId, Result, Sfo } from '../../machines/ct/types.ts'
import { type CtrCheck, type CtrVerdict, decodeCtrProof, verifyCtrProof } from '../../machines/tor/ctr-proof.ts'
import type { Consensus, CtrId } from '../../machines/tor/types.ts'
import type { SubmitReply } from '../api.ts'
import { freshIsolation } from '../draw.ts'
import { concurrencyLimit } from '../limit.ts'
import { type Mailbox, mailbox } from '../mailbox.ts'
import { tokenBuckets } from '../quota.ts'
import type { Consensuses } from './consensuses.ts'
import type { Incidents } from './incidents.ts'
import { type Judgements, judgeOf } from './judge.ts'
import type { AuditorWorld } from './world.ts'

export interface Circuits {
  challenge(): string | null
  submit(proof: string | undefined, body: Uint8Array): Promise<SubmitReply>
}

/** A circuit while its nonce is out, or its submission under way. */
interface Circuit {
  readonly nonce: string
  readonly issuedAt: number
  readonly box: Mailbox<CircuitContext, CircuitEvent>
  judgements: Judgements | null
  reply: SubmitReply | null
  storing: Promise<void>
}

interface Proven {
  readonly verdict: CtrVerdict
  /** A consensus that the CTR may have and this auditor's round has not taken. */
  readonly newer: Consensus | null
}

interface Authenticated extends Pick<Proven, 'newer'> {
  /** Null where the circuit was refused. */
  readonly ctrId: CtrId | null
}

const refused = (status: SubmitReply['status'], error: string): SubmitReply => ({ status, error })

/** Of its own, or against an SFO that has its place. */
function mayRaise({ escalate, state }: NewSfo): boolean {
  return escalate !== null || state.context.leafIndex !== undefined
}

export function circuitsOf(
  world: AuditorWorld,
  consensuses: Consensuses,
  ahead: () => Promise<Consensus | null>,
  incidents: Incidents,
): Circuits {
  const { clock, config, limits, store, tools, writes } = world
  const open = new Map<string, Circuit>()
  const judge = judgeOf(world)
  const quotas = tokenBuckets(clock, limits.quota)
  const turns = concurrencyLimit(limits.submissions)

  function forgetExpired() {
    for (const [nonce, { issuedAt }] of open) {
      if (clock.now() - issuedAt < config.nonceLifetimeMs && clock.now() >= issuedAt) return
      open.delete(nonce)
    }
  }

  function newCircuit(nonce: string): Circuit {
    const circuit: Circuit = {
      nonce,
      issuedAt: clock.now(),
      judgements: null,
      reply: null,
      storing: Promise.resolve(),
      box: mailbox<CircuitContext, CircuitEvent, CircuitEffect>({
        machine: circuitMachine,
        initial: initialCircuit(freshIsolation(world.random), config.nonceLifetimeMs),
        perform: (effect) => perform(circuit, effect),
        capacity: limits.mailbox,
        defect: tools.defect,
      }),
    }
    return circuit
  }

  function perform(circuit: Circuit, effect: CircuitEffect) {
    if (effect.type === 'store') circuit.storing = insert(circuit, effect)
    else if (effect.type === 'reply') circuit.reply = { status: effect.status, error: effect.error }
    else if (effect.type === 'sendNonce') open.set(effect.nonce, circuit)
  }

  async function insert(circuit: Circuit, { rows, entry }: Extract<CircuitEffect, { type: 'store' }>) {
    const bodies = circuit.judgements?.bodies
    const withBodies = rows.map((row) => ({ ...row, body: bodies?.get(row.state.context.sfoId) ?? new Uint8Array() }))
    quotas.take(entry.ctrId, rows.length)
    const stored = await writes.write('insert', () => store.insert(withBodies, entry))
    if (stored.ok && rows.some(mayRaise)) incidents.notifySoon()
    circuit.box.dispatch({ type: 'stored', ok: stored.ok, at: clock.now() })
  }

  /** Where no consensus that the round took verifies it, one that the CTR has before it may. */
  async function verdictOf(nonce: string, proof: string): Promise<Proven> {
    const verify = (known: readonly Consensus[]) =>
      verifyCtrProof(world.crypto, proof, {
        consensuses: known,
        auditorKey: config.auditorKey,
        nonce,
        now: clock.now(),
      })
    const verdict = verify(consensuses.recent())
    if (verdict.check !== 'badSignature') return { verdict, newer: null }
    const newer = await ahead()
    return newer === null ? { verdict, newer } : { verdict: verify([newer]), newer }
  }

  async function authenticate(circuit: Circuit, proof: string): Promise<Authenticated> {
    const { nonce } = circuit
    const { verdict, newer } = await verdictOf(nonce, proof)
    const ctrId = verdict.ctrId ?? ''
    tools.count('auditor_ctr_proofs_total', { check: verdict.check ?? 'ok' })
    circuit.box.dispatch({ type: 'authenticate', nonce, verdict: verdict.verdict, ctrId, at: clock.now() })
    return { ctrId: circuit.reply === null ? ctrId : null, newer }
  }

  /** An SFO of a log that only the CTR's consensus lists would be counted as unknown, acknowledged, and lost. */
  function isBehind(objects: readonly Result<Sfo, SfoError>[], known: Consensus, newer: Consensus | null): boolean {
    const lists = (consensus: Consensus | null, logId: LogId) =>
      consensus?.logs.some((log) => log.logId === logId) ?? false
    return objects.some(
      (object) => object.ok && lists(newer, object.value.sct.logId) && !lists(known, object.value.sct.logId),
    )
  }

  async function submitOn(circuit: Circuit, by: Authenticated, body: Uint8Array): Promise<SubmitReply> {
    const { ctrId, newer } = by
    if (ctrId === null) return circuit.reply ?? refused(503, 'busy')
    const decoded = decodeSfoBody(body, config.maxObjects)
    if (!decoded.ok) return refused(400, decoded.error)
    const consensus = world.consensus()
    if (consensus === null) return refused(503, 'noLiveConsensus')
    if (isBehind(decoded.value, consensus, newer)) return refused(503, 'consensusBehind')
    circuit.judgements = await judge(decoded.value, consensus)
    const { items } = circuit.judgements
    circuit.box.dispatch({ type: 'submitted', items, quota: quotas.available(ctrId), at: clock.now() })
    await circuit.storing
    if (circuit.reply?.status === 200) for (const item of items) count(item)
    return circuit.reply ?? refused(503, 'busy')
  }

  function count(item: Judged) {
    const known = item.verdict === 'valid' && item.known !== 'new' ? 'duplicate' : 'valid'
    tools.count('auditor_sfos_total', { verdict: item.verdict === 'invalid' ? item.class : known })
  }

  function unproven(check: CtrCheck | 'nonceUnknown', error: string): SubmitReply {
    tools.count('auditor_ctr_proofs_total', { check })
    return refused(401, error)
  }

  async function submit(proof: string | undefined, body: Uint8Array): Promise<SubmitReply> {
    if (proof === undefined) return refused(401, 'unauthenticated')
    const decoded = decodeCtrProof(proof)
    if (decoded === null) return unproven('malformed', 'badProof')
    const circuit = open.get(decoded.nonce)
    if (circuit === undefined) return unproven('nonceUnknown', 'nonceUnknown')
    open.delete(decoded.nonce)
    const reply = await submitOn(circuit, await authenticate(circuit, proof), body)
    circuit.box.dispatch({ type: 'closed', at: clock.now() })
    return reply
  }

  return {
    challenge() {
      if (world.signal.aborted || writes.dead) return null
      forgetExpired()
      if (open.size >= limits.circuits) return null
      const nonce = toHex(world.random.bytes(32))
      newCircuit(nonce).box.dispatch({ type: 'nonceRequested', nonce, at: clock.now() })
      tools.gauge('auditor_circuits_open', open.size)
      return nonce
    },
    async submit(proof, body) {
      const turn = await turns.run(world.signal, () => submit(proof, body))
      if (turn.kind === 'failed') tools.defect('handlerFailed', turn.error)
      const reply = turn.kind === 'done' ? turn.value : refused(503, turn.kind === 'aborted' ? 'stopped' : 'busy')
      const answered = writes.dead ? refused(503, 'stopped') : reply
      tools.count('auditor_submissions_total', { status: `${answered.status}`, error: answered.error ?? '' })
      return answered
    },
  }
}

// Submission circuits [AUD-101 to AUD-103, AUD-002, AUD-007, AUD-027]: a nonce, a proof to be a CTR, one submission. Invariant: a nonce
// is used once; 200 is answered only after the store called the rows durable; the number of open circuits is bounded.
import { circuitMachine, initialCircuit } from '../../machines/auditor/circuit.ts'
import type { CircuitContext, CircuitEffect, CircuitEvent, Judged, NewSfo } from '../../machines/auditor/types.ts'
import { toHex } from '../../machines/ct/bytes.ts'
import type { SfoError } from '../../machines/ct/errors.ts'
import { decodeSfoBody } from '../../machines/ct/sfo.ts'
import type { LogId, Result, Sfo } from '../../machines/ct/types.ts'
import { type CtrCheck, type CtrProof, decodeCtrProof, verifyCtrProof } from '../../machines/tor/ctr-proof.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import type { SubmitReply } from '../api.ts'
import { freshIsolation } from '../draw.ts'
import { concurrencyLimit, type Limited } from '../limit.ts'
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

type StoreEffect = Extract<CircuitEffect, { type: 'store' }>

/** A circuit while its nonce is out, or its submission under way. */
interface Circuit {
  readonly issuedAt: number
  readonly box: Mailbox<CircuitContext, CircuitEvent>
  /** What its machine wants to be stored. */
  store: StoreEffect | null
  /** What it answered last. */
  reply: SubmitReply
}

const refused = (status: SubmitReply['status'], error: string): SubmitReply => ({ status, error })
/** What is answered where nothing else is. */
const busy = refused(503, 'busy')

/** Of its own, or against an SFO that has its place. */
function mayRaise({ escalate, state }: NewSfo): boolean {
  return escalate !== null || state.context.leafIndex !== undefined
}

/** An SFO of a log that only the CTR's consensus lists would be counted as unknown, acknowledged, and lost. */
function isBehind(objects: readonly Result<Sfo, SfoError>[], known: Consensus, newer: Consensus | null): boolean {
  const lists = ({ logs }: Consensus, logId: LogId) => logs.some((log) => log.logId === logId)
  const isNew = ({ sct }: Sfo) => newer !== null && lists(newer, sct.logId) && !lists(known, sct.logId)
  return objects.some((object) => object.ok && isNew(object.value))
}

/** As it is counted. */
function kindOf(item: Judged): string {
  if (item.verdict === 'invalid') return item.class
  return item.known === 'new' ? 'valid' : 'duplicate'
}

export function circuitsOf(
  world: AuditorWorld,
  consensuses: Pick<Consensuses, 'recent'>,
  ahead: () => Promise<Consensus | null>,
  incidents: Pick<Incidents, 'notifySoon'>,
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

  function newCircuit(): Circuit {
    const circuit: Circuit = {
      issuedAt: clock.now(),
      store: null,
      reply: busy,
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
    if (effect.type === 'store') circuit.store = effect
    else if (effect.type === 'reply') circuit.reply = { status: effect.status, error: effect.error }
    else if (effect.type === 'sendNonce') open.set(effect.nonce, circuit)
  }

  async function insert(circuit: Circuit, { rows, entry }: StoreEffect, { items, bodies }: Judgements) {
    const withBodies = rows.map((row) => ({ ...row, body: bodies.get(row.state.context.sfoId) ?? new Uint8Array() }))
    quotas.take(entry.ctrId, rows.length)
    const stored = await writes.write('insert', () => store.insert(withBodies, entry))
    circuit.box.dispatch({ type: 'stored', ok: stored.ok, at: clock.now() })
    if (!stored.ok) return
    for (const item of items) tools.count('auditor_sfos_total', { verdict: kindOf(item) })
    if (rows.some(mayRaise)) incidents.notifySoon()
  }

  /** Where no consensus that the round took verifies it, one that the CTR has before it may: `newer`. */
  async function verdictOf(nonce: string, proof: string) {
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

  /** Answers the newer consensus by which the CTR may go already. */
  async function authenticate(circuit: Circuit, { nonce, ctrId }: CtrProof, proof: string): Promise<Consensus | null> {
    const { verdict, newer } = await verdictOf(nonce, proof)
    tools.count('auditor_ctr_proofs_total', { check: verdict.check ?? 'ok' })
    circuit.box.dispatch({ type: 'authenticate', nonce, verdict: verdict.verdict, ctrId, at: clock.now() })
    return newer
  }

  async function submitOn(
    circuit: Circuit,
    { ctrId }: CtrProof,
    newer: Consensus | null,
    body: Uint8Array,
  ): Promise<SubmitReply> {
    const decoded = decodeSfoBody(body, config.maxObjects)
    if (!decoded.ok) return refused(400, decoded.error)
    const consensus = world.consensus()
    if (consensus === null) return refused(503, 'noLiveConsensus')
    if (isBehind(decoded.value, consensus, newer)) return refused(503, 'consensusBehind')
    const { items, bodies } = await judge(decoded.value, consensus)
    circuit.box.dispatch({ type: 'submitted', items, quota: quotas.available(ctrId), at: clock.now() })
    if (circuit.store !== null) await insert(circuit, circuit.store, { items, bodies })
    return circuit.reply
  }

  function unproven(check: CtrCheck | 'nonceUnknown', error: string): SubmitReply {
    tools.count('auditor_ctr_proofs_total', { check })
    return refused(401, error)
  }

  async function submit(proof: string | undefined, body: Uint8Array): Promise<SubmitReply> {
    if (proof === undefined) return refused(401, 'unauthenticated')
    const named = decodeCtrProof(proof)
    if (named === null) return unproven('malformed', 'badProof')
    const circuit = open.get(named.nonce)
    if (circuit === undefined) return unproven('nonceUnknown', 'nonceUnknown')
    open.delete(named.nonce)
    const newer = await authenticate(circuit, named, proof)
    const isCtr = circuit.box.state().value === 'authenticated'
    const reply = isCtr ? await submitOn(circuit, named, newer, body) : circuit.reply
    circuit.box.dispatch({ type: 'closed', at: clock.now() })
    return reply
  }

  function answerOf(turn: Limited<SubmitReply>): SubmitReply {
    if (turn.kind === 'failed') tools.defect('handlerFailed', turn.error)
    if (turn.kind === 'aborted' || writes.dead) return refused(503, 'stopped')
    return turn.kind === 'done' ? turn.value : busy
  }

  return {
    challenge() {
      if (world.signal.aborted || writes.dead) return null
      forgetExpired()
      if (open.size >= limits.circuits) return null
      const nonce = toHex(world.random.bytes(32))
      newCircuit().box.dispatch({ type: 'nonceRequested', nonce, at: clock.now() })
      tools.gauge('auditor_circuits_open', open.size)
      return nonce
    },
    async submit(proof, body) {
      const answered = answerOf(await turns.run(world.signal, () => submit(proof, body)))
      tools.count('auditor_submissions_total', { status: `${answered.status}`, error: answered.error ?? '' })
      return answered
    },
  }
}

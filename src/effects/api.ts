// What the engines offer to the listeners in front of them: interfaces only, so that HTTP, a simulator and tests drive the same.
// Invariant: nothing here depends on HTTP but the status codes that spec/wire.md gives to an auditor's answers.
import type { SfoError } from '../machines/ct/errors.ts'
import type { ProofPair, Result } from '../machines/ct/types.ts'
import type { State } from '../machines/kernel/machine.ts'
import type { RelayContext } from '../machines/relay/types.ts'
import type { Incident, SfoStatus } from './ports.ts'

export interface RelayApi {
  /**
   * Decodes the body (one SFO) at once and answers whether it is the format; what it is worth is found out after the reply,
   * so that neither the answer nor its timing tells accepted, duplicate, ignored and unknown log apart [RELAY-012]. Whatever the
   * SFO, it is `noLiveConsensus` where there is none to go by [CONS-001.8].
   */
  submit(body: Uint8Array, hops: number): Result<null, SfoError | 'noLiveConsensus'>
  /** Answers false where it is no v3 onion address. */
  offerAddress(address: string): boolean
  /** The pairs for one connection to the onion service [RELAY-008]. */
  proofs(): readonly ProofPair[]
  state(): State<RelayContext>
  stop(): Promise<void>
}

export interface SubmitReply {
  readonly status: 200 | 400 | 401 | 403 | 429 | 503
  /** A code of a closed set; null with 200. */
  readonly error: string | null
}

export interface AuditorApi {
  /** Opens a submission circuit: a fresh 32-byte nonce, hex, valid once [AUD-002]; null where too many are open. */
  challenge(): string | null
  /** `proof`: the CTR's proof as sent, base64 text, or undefined where there was none. Resolves once durable [AUD-027]. */
  submit(proof: string | undefined, body: Uint8Array): Promise<SubmitReply>
  counts(): Readonly<Record<SfoStatus, number>>
  incidents(): readonly Incident[]
  /** Runs the periodic round now instead of at its timer; resolves when it has ended. */
  round(): Promise<void>
  stop(): Promise<void>
}

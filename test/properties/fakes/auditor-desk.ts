// Where CTRs hand in their SFOs, without rounds: the auditor's circuits over a world in virtual time. Invariant: `ahead` is what a CTR may
// have before the round, and each look for it is counted, as is each call to tell a human.
import { circuitsOf } from '../../../src/effects/auditor/circuits.ts'
import { encodeSfoBody } from '../../../src/machines/ct/sfo.ts'
import type { Sfo } from '../../../src/machines/ct/types.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'
import { auditorWorld, type WorldScript } from './auditor-world.ts'
import { consensusAt, minute, startAt } from './ct-world.ts'
import { type FakeCtr, fakeCtrs } from './ctr.ts'

const ctrs = fakeCtrs.map(({ ctrId }) => ({ ctrId, url: 'http://127.0.0.1:1/ctr', family: [] }))

export const deskConsensus = (validAfter = startAt - minute, change: Partial<Consensus> = {}) =>
  consensusAt(validAfter, { ctrs, ...change })

export interface DeskScript extends WorldScript {
  /** Null: none is live. */
  readonly live?: Consensus | null
  readonly recent?: readonly Consensus[]
  readonly ahead?: Consensus
}

export function auditorDesk(given: DeskScript = {}) {
  const newest = deskConsensus()
  const { live = newest, recent = [newest], ahead = null } = given
  const made = auditorWorld({ ...given, consensus: () => live })
  const calls = { ahead: 0, notify: 0 }
  const circuits = circuitsOf(
    made.world,
    { recent: () => recent },
    async () => {
      calls.ahead++
      return ahead
    },
    { notifySoon: () => void calls.notify++ },
  )
  const [first] = fakeCtrs as readonly [FakeCtr]

  /** On a fresh circuit; what was said until then is dropped. */
  function submit(body: Uint8Array, digest = newest.digest, ctr = first) {
    const nonce = circuits.challenge()
    made.heard()
    return circuits.submit(ctr.prove(nonce ?? '', digest), body)
  }

  const prove = (nonce: string | null) => first.prove(nonce ?? '', newest.digest)
  return { ...made, challenge: circuits.challenge, hand: circuits.submit, submit, prove, newest, calls }
}

export const counted = (name: string, labels: Readonly<Record<string, string>>) => ['count', name, labels]
export const proof = (check: string) => counted('auditor_ctr_proofs_total', { check })
export const verdict = (kind: string) => counted('auditor_sfos_total', { verdict: kind })
export const answered = (status: string, error = '') => counted('auditor_submissions_total', { status, error })

/** The bodies' objects as one body. */
export function joined(...bodies: readonly (Uint8Array | readonly Sfo[])[]): Uint8Array {
  const texts = bodies.map((body) => new TextDecoder().decode(body instanceof Uint8Array ? body : encodeSfoBody(body)))
  return new TextEncoder().encode(JSON.stringify(texts.flatMap((text): unknown[] => JSON.parse(text))))
}

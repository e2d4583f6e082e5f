// Demo: what the browsers do: each SFO goes to two CTRs, some of them twice, and one of them spoilt.
// Invariant: how many submissions each CTR got is counted here, apart from what the CTRs count.
import { randomInt } from 'node:crypto'
import { request } from 'undici'
import { encodeSct } from '../../machines/ct/sct.ts'
import { encodeSfoBody } from '../../machines/ct/sfo.ts'
import type { Sfo } from '../../machines/ct/types.ts'
import type { RelayDaemon } from '../daemon/relay.ts'
import { sctFeedbackPath } from '../node/http/paths.ts'
import type { Submission } from './submissions.ts'

/** Submissions per CTR, in the order of `relays`. */
export type Sent = number[]

export async function submitAll(submissions: readonly Submission[], relays: readonly RelayDaemon[]): Promise<Sent> {
  const sent: Sent = relays.map(() => 0)
  const send = async (sfo: Sfo, to: number) => {
    const relay = relays[to] as RelayDaemon
    const { statusCode, body } = await request(relay.url + sctFeedbackPath, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: encodeSfoBody([sfo]),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`a CTR answered ${statusCode} to an SFO: ${text}`)
    sent[to] = (sent[to] ?? 0) + 1
  }
  for (const [i, { sfo }] of submissions.entries()) {
    const first = randomInt(relays.length)
    const second = (first + 1 + randomInt(relays.length - 1)) % relays.length
    await Promise.all([send(sfo, first), send(sfo, second)])
    if (i % 4 === 0) await send(sfo, first)
    if (i % 12 === 0) await send(spoilt(sfo), second)
  }
  return sent
}

/** One bit of the SCT's signature is another. */
function spoilt({ chain, sct }: Sfo): Sfo {
  const signature = Uint8Array.from(sct.signature)
  const last = signature.length - 1
  signature[last] = (signature[last] as number) ^ 1
  const changed = { ...sct, signature }
  return { chain, sct: { ...changed, bytes: encodeSct(changed) } }
}

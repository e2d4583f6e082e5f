// Two logs and the SFOs of a dozen certificates, with signatures and trees that verify. Made once; nothing in it changes.
// Invariant: every SFO is in the second STH of its log and in no first one; `unsigned` and `foreign` are valid in form alone.
import { createCa } from '../../../src/adapters/dev-log/ca.ts'
import { CtLog } from '../../../src/adapters/dev-log/log.ts'
import { newPrivateKey } from '../../../src/adapters/dev-log/signer.ts'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import { toBase64 } from '../../../src/machines/ct/bytes.ts'
import { encodeSfoBody } from '../../../src/machines/ct/sfo.ts'
import type { InclusionProof, Log, LogId, Sfo, Sth } from '../../../src/machines/ct/types.ts'
import { type ValidSfo, validateSfo } from '../../../src/machines/ct/validate.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'

export const minute = 60_000
export const hour = 60 * minute
export const mmd = hour
export const crypto = nodeCrypto()

/** When the SCTs were issued; when the STHs that include them were signed; when the relays and auditors start. */
export const issuedAt = 1_800_000_000_000
export const mergedAt = issuedAt + mmd + minute
export const startAt = mergedAt + minute

export interface Known extends ValidSfo {
  readonly sfo: Sfo
  readonly body: Uint8Array
}

export interface KnownLogWorld {
  readonly log: Log
  readonly ct: CtLog
  readonly sths: readonly Sth[]
  readonly sfos: readonly Known[]
}

const ca = await createCa({ keyType: 'p-256', intermediates: 1, now: () => issuedAt })

async function makeLog(url: string, count: number): Promise<KnownLogWorld> {
  let now = issuedAt
  const ct = new CtLog({
    key: newPrivateKey('p-256'),
    mmd,
    mergeDelay: 0,
    sthInterval: Number.MAX_SAFE_INTEGER,
    now: () => now,
  })
  await ca.issue({ log: ct, delivery: 'tls' })
  ct.merge()
  const early = ct.publish()
  const sfos: Sfo[] = []
  for (let n = 0; n < count; n++) {
    sfos.push((await ca.issue({ log: ct, delivery: n % 2 === 0 ? 'embedded' : 'tls' })).sfo)
  }
  now = mergedAt
  ct.merge()
  const sths = [early, ct.publish()]
  const log = { logId: ct.signer.logId, key: toBase64(ct.signer.spki), mmd, url }
  return { log, ct, sths, sfos: sfos.map((sfo) => known(log, sfo)) }
}

function known(log: Log, sfo: Sfo): Known {
  const valid = validateSfo(crypto, log, sfo, startAt)
  if (!valid.ok) throw new Error(`${valid.error}: ${valid.detail}`)
  return { ...valid.value, sfo, body: encodeSfoBody([sfo]) }
}

export const worlds = [await makeLog('http://127.0.0.1:1/a', 7), await makeLog('http://127.0.0.1:1/b', 5)] as const
export const allSfos: readonly Known[] = worlds.flatMap(({ sfos }) => sfos)

/** Of a log that no consensus lists. */
export const foreign = (await makeLog('http://127.0.0.1:1/c', 1)).sfos[0] as Known

/** The SCT's signature is spoilt. */
export const unsigned: Uint8Array = (() => {
  const { sfo } = allSfos[0] as Known
  const bytes = Uint8Array.from(sfo.sct.bytes)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
  return encodeSfoBody([{ ...sfo, sct: { ...sfo.sct, bytes } }])
})()

export function worldOf(logId: LogId): KnownLogWorld {
  const world = worlds.find(({ log }) => log.logId === logId)
  if (world === undefined) throw new Error('no such log')
  return world
}

export function proofOf(logId: LogId, leafHash: string, size: number): InclusionProof | null {
  const reply = worldOf(logId).ct.proofByHash(leafHash, size)
  return reply.ok ? reply.value : null
}

const id = (n: number) => n.toString(16).padStart(64, '0')
export const self = id(0xff)
export const auditorId = id(0xa0)

export function consensusAt(validAfter: number, change: Partial<Consensus> = {}): Consensus {
  return {
    digest: id(validAfter),
    validAfter,
    freshUntil: validAfter + hour,
    validUntil: validAfter + 3 * hour,
    logs: worlds.map(({ log }) => log),
    sths: worlds.flatMap(({ sths }) => sths),
    ctrs: Array.from({ length: 12 }, (_, n) => ({ ctrId: id(n + 1), url: `http://127.0.0.1:1/ctr${n}`, family: [] })),
    auditors: [{ auditorId, key: id(0xb0), url: 'http://127.0.0.1:1/auditor' }],
    ...change,
  }
}

export const firstValidAfter = startAt - minute

/** The consensus of that time: there is a new one at every full hour after the first. */
export function hourlyConsensus(now: number, change?: (hour: number) => Partial<Consensus>): Consensus {
  const n = Math.floor((now - firstValidAfter) / hour)
  return consensusAt(firstValidAfter + n * hour, change?.(n))
}

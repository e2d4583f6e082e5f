// What the interop suite asks of a real log, whichever program it is. Invariant: `cut` and `mend` change only whether its read side
// can be reached; `restart` keeps its tree.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { SubmitAnswer, Submitter } from '../../src/adapters/dev-log/ca.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { fromBase64, toHex } from '../../src/machines/ct/bytes.ts'
import { encodeSct } from '../../src/machines/ct/sct.ts'
import type { Log } from '../../src/machines/ct/types.ts'

export interface RealLog extends Submitter {
  readonly name: string
  readonly log: Log
  restart(): Promise<void>
  /** Nothing answers on its read side until `mend`. */
  cut(): Promise<void>
  mend(): Promise<void>
  close(): Promise<void>
}

/** A fresh P-256 key, and the log that it makes. */
export function newLogKey(): { readonly key: KeyObject; readonly spki: Uint8Array; readonly logId: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))
  return {
    key: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    spki,
    logId: toHex(nodeCrypto().sha256(spki)),
  }
}

const addChainShape = z.object({
  sct_version: z.literal(0),
  id: z.base64(),
  timestamp: z.number(),
  extensions: z.string(),
  signature: z.base64(),
})

/** RFC 6962 4.1 and 4.2 over HTTP. */
export function submitterTo(url: string): Submitter {
  const post = async (path: string, chain: readonly Uint8Array[]): Promise<SubmitAnswer> => {
    const body = JSON.stringify({ chain: chain.map((der) => Buffer.from(der).toString('base64')) })
    const reply = await fetch(`${url}/ct/v1/${path}`, { method: 'POST', body, signal: AbortSignal.timeout(60_000) })
    const text = await reply.text()
    if (reply.status !== 200) return { ok: false, detail: `${reply.status} ${text}` }
    return { ok: true, value: serializedSct(addChainShape.parse(JSON.parse(text))) }
  }
  return { addChain: (chain) => post('add-chain', chain), addPreChain: (chain) => post('add-pre-chain', chain) }
}

function serializedSct({ id, timestamp, extensions, signature }: z.output<typeof addChainShape>): Uint8Array {
  const signed = bytesOf(signature)
  const [hashAlgorithm = 0, signatureAlgorithm = 0] = signed
  return encodeSct({
    logId: toHex(bytesOf(id)),
    timestamp,
    extensions: bytesOf(extensions),
    hashAlgorithm,
    signatureAlgorithm,
    signature: signed.subarray(4),
  })
}

function bytesOf(base64: string): Uint8Array {
  const bytes = fromBase64(base64)
  if (bytes === null) throw new Error(`not base64: ${base64}`)
  return bytes
}

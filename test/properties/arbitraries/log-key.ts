// A log that the tests hold the key of: signs tree heads as RFC 6962 3.5 says.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { concat, toBase64, toHex, uint } from '../../../src/machines/ct/bytes.ts'
import { sthSignatureInput } from '../../../src/machines/ct/sth.ts'
import type { Log, Sth } from '../../../src/machines/ct/types.ts'

export interface LogKey {
  readonly log: Log
  /** The tree head with this log's signature. */
  readonly signHead: (head: Pick<Sth, 'timestamp' | 'size' | 'root'>) => Sth
}

export function logKey(type: 'ecdsa' | 'rsa'): LogKey {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }))
  const logId = createHash('sha256').update(spki).digest('hex')
  const algorithms = new Uint8Array([4, type === 'rsa' ? 1 : 3])
  return {
    log: { logId, key: toBase64(spki), mmd: 86_400_000, url: 'http://127.0.0.1/log' },
    signHead: ({ timestamp, size, root }) => {
      const signature = sign('sha256', sthSignatureInput({ timestamp, size, root }), pair.privateKey)
      return {
        logId,
        timestamp,
        size,
        root,
        signature: toHex(concat(algorithms, uint(signature.length, 2), signature)),
      }
    },
  }
}

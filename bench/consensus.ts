// A Tor consensus of 9,000 relays: parsed, and its nine signatures verified against their key certificates [CONS-002]. The target is
// 500 ms for the whole; half and twice as many relays show how it grows.
import { generateKeyPairSync } from 'node:crypto'
import {
  ascii,
  keyCertificate,
  signTorConsensus,
  torAuthority,
  torConsensusBody,
  torValidAfter,
} from '../src/adapters/conform/generate/tor-documents.ts'
import { nodeCrypto } from '../src/adapters/node/crypto.ts'
import { readKeyCertificates } from '../src/machines/tor/key-certificate.ts'
import { parseTorConsensus } from '../src/machines/tor/tor-consensus.ts'
import { countSignatures } from '../src/machines/tor/tor-signatures.ts'

const rounds = 9
const crypto = nodeCrypto()

/** Prints, per flavour and size: bytes, milliseconds of the parser and of the signatures, medians of the rounds. */
export function bench(): Promise<void> {
  const newKey = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey
  const authorities = Array.from({ length: 9 }, (_, i) => torAuthority(`bench ${i}`, newKey(3072), newKey(2048)))
  const certificates = ascii(authorities.map((one) => keyCertificate(one)).join(''))
  console.log(
    `${'flavour'.padEnd(12)}${['relays', 'MB', 'parse ms', 'verify ms', 'whole ms'].map((name) => name.padStart(10)).join('')}`,
  )
  for (const flavour of ['microdesc', 'ns'] as const) {
    for (const count of [4500, 9000, 18_000]) {
      const relays = Array.from({ length: count }, (_, i) => ({
        identity: Uint8Array.of(i >> 8, i, ...new Uint8Array(18).fill(i)),
        flags: ['Fast', 'Guard', 'HSDir', 'Running', 'Stable', 'V2Dir', 'Valid'],
        descriptor: new Uint8Array(flavour === 'ns' ? 20 : 32).fill(i),
      }))
      const document = ascii(signTorConsensus(torConsensusBody({ flavour, relays }), authorities))
      const times = Array.from({ length: rounds }, () => once(document, certificates))
      const [parse, verify] = [median(times.map(([ms]) => ms)), median(times.map(([, ms]) => ms))]
      const cells = [count, document.length / 1e6, parse, verify, parse + verify]
      console.log(flavour.padEnd(12) + cells.map((cell) => cell.toFixed(cell === count ? 0 : 1).padStart(10)).join(''))
    }
  }
  return Promise.resolve()
}

function once(document: Uint8Array, certificateBytes: Uint8Array): readonly [number, number] {
  const start = performance.now()
  const parsed = parseTorConsensus(crypto, document)
  const between = performance.now()
  if (!parsed.ok) throw new Error(parsed.detail)
  const certificates = (readKeyCertificates(crypto, certificateBytes) ?? []).flatMap((one) =>
    one.ok ? [one.value] : [],
  )
  const { algorithm, signedDigest, signatures } = parsed.value
  const authorities = certificates.map(({ identity }) => identity)
  const context = { authorities, certificates, times: [torValidAfter] }
  const { good } = countSignatures(crypto, algorithm, signedDigest, signatures, context)
  if (good !== 9) throw new Error('a good signature was refused')
  return [between - start, performance.now() - between]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

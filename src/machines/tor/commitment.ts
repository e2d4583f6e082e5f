// How the Tor consensus commits to the CT extension document: eight Int32 parameters carry a digest [CONS-006].
// Invariant: a digest of 32 bytes and its eight parameters determine each other.
import { fromHex, toHex } from '../ct/bytes.ts'

const prefix = 'ct-ext-digest-'
const words = [0, 1, 2, 3, 4, 5, 6, 7] as const

/** `digest`: 64 hex digits. Word i is bytes 4i to 4i+3, big endian, in two's complement. */
export function commitmentParams(digest: string): Readonly<Record<string, number>> {
  const view = new DataView(fromHex(digest).slice().buffer)
  return Object.fromEntries(words.map((word) => [`${prefix}${word}`, view.getInt32(word * 4)]))
}

/** The digest that these parameters carry, or null where one of the eight is missing. */
export function committedDigest(params: Readonly<Record<string, number>>): string | null {
  const bytes = new Uint8Array(32)
  for (const word of words) {
    const value = params[`${prefix}${word}`]
    if (value === undefined) return null
    new DataView(bytes.buffer).setInt32(word * 4, value)
  }
  return toHex(bytes)
}

/** The torrc line with which an authority votes for this digest [CONS-006.2]. */
export function consensusParamsLine(digest: string): string {
  const params = Object.entries(commitmentParams(digest)).map(([name, value]) => `${name}=${value}`)
  return `ConsensusParams ${params.join(' ')}`
}

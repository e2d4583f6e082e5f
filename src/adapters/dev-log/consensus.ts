// Test equipment, not for operators: authorities of a test network, and the consensus document that they sign [CONS-001].
// Invariant: a reader of the file sees a whole document that its signers' configuration accepts, the old one or the new one.
import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { toHex } from '../../machines/ct/bytes.ts'
import {
  type Authority,
  type ConsensusDocument,
  encodeConsensusBody,
  parseConsensusDocument,
  signConsensus,
} from '../../machines/tor/consensus-document.ts'
import { nodeCrypto } from '../node/crypto.ts'

const crypto = nodeCrypto()

/** A directory authority with a fresh Ed25519 key. */
export function newAuthority(): Authority {
  const { privateKey } = generateKeyPairSync('ed25519')
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return {
    key: toHex(new Uint8Array(spki.subarray(-32))),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}

/** Times in milliseconds. Left out: no parameters, and no Tor consensus that it extends. */
export interface TestConsensus
  extends Pick<ConsensusDocument, 'validAfter' | 'freshUntil' | 'validUntil' | 'logs' | 'sths' | 'ctrs' | 'auditors'>,
    Partial<Pick<ConsensusDocument, 'params' | 'torConsensus'>> {
  /** Those that sign. */
  readonly authorities: readonly Authority[]
}

/** The document's text. @throws Error where these authorities, configured as such, would have it refused. */
export function encodeConsensus(consensus: TestConsensus): string {
  const { authorities, params = {}, torConsensus = null, ...rest } = consensus
  const text = signConsensus(crypto, encodeConsensusBody({ ...rest, params, torConsensus }), authorities)
  const keys = authorities.map(({ key }) => key)
  const parsed = parseConsensusDocument(crypto, text, keys)
  if (!parsed.ok) throw new Error(`not a consensus document: ${parsed.detail}`)
  return text
}

/** Replaces the file in one step and answers its text. @throws Error as `encodeConsensus`, or where it cannot be written. */
export async function writeConsensus({
  path,
  ...consensus
}: TestConsensus & { readonly path: string }): Promise<string> {
  const text = encodeConsensus(consensus)
  const beside = `${path}.${randomUUID()}.new`
  try {
    await writeFile(beside, text, { flag: 'wx' })
    await rename(beside, path)
    return text
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

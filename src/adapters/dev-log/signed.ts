// Test equipment, not for operators: SCTs and tree heads as the development log signs them [RFC 6962 3.2, 3.5].
// Invariant: a spoilt signature is well formed and never verifies.
import { fromHex, toHex } from '../../machines/ct/bytes.ts'
import type { Entry } from '../../machines/ct/entry.ts'
import { encodeLeaf } from '../../machines/ct/leaf.ts'
import { encodeSct } from '../../machines/ct/sct.ts'
import { sthSignatureInput } from '../../machines/ct/sth.ts'
import type { Sth } from '../../machines/ct/types.ts'
import type { Signer } from './signer.ts'
import type { MerkleTree } from './tree.ts'

/** The SerializedSCT and the MerkleTreeLeaf that it promises. `timestamp` in milliseconds. */
export function signSct(
  signer: Signer,
  entry: Entry,
  timestamp: number,
  extensions: Uint8Array,
): { readonly sct: Uint8Array; readonly leaf: Uint8Array } {
  const { logId, hashAlgorithm, signatureAlgorithm } = signer
  const leaf = encodeLeaf(entry, timestamp, extensions)
  const signature = signer.sign(leaf)
  return { leaf, sct: encodeSct({ logId, timestamp, extensions, hashAlgorithm, signatureAlgorithm, signature }) }
}

/** `timestamp` in milliseconds. @throws RangeError where the tree is smaller than `size`. */
export function signTreeHead(signer: Signer, tree: MerkleTree, size: number, timestamp: number): Sth {
  const root = toHex(tree.root(size))
  const signature = toHex(signer.digitallySigned(sthSignatureInput({ timestamp, size, root })))
  return { logId: signer.logId, timestamp, size, root, signature }
}

export function withBadSignature(sth: Sth): Sth {
  const signature = fromHex(sth.signature)
  return { ...sth, signature: toHex(signature.with(-1, (signature.at(-1) ?? 0) ^ 1)) }
}

// DER, certificates and keys [WIRE-003].
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import { fromHex } from '../../../src/machines/ct/bytes.ts'
import { editTbs, findExtension, oids, parseCertificate } from '../../../src/machines/ct/certificate.ts'
import { bytesOf, children, contentOf, encodeNode, type Node, nodeAt } from '../../../src/machines/ct/der.ts'
import { precertEntryOf } from '../../../src/machines/ct/entry.ts'
import { sfoErrors } from '../../../src/machines/ct/errors.ts'
import { decodeIntegerPair } from '../../../src/machines/ct/integer-pair.ts'
import { decodePublicKey } from '../../../src/machines/ct/public-key.ts'
import { accepted, must, type Target } from '../target.ts'
import { realCertificates } from './seeds.ts'

const crypto = nodeCrypto()
const codes = Object.keys(sfoErrors)
const constructed = 0x20

/** Every node that lies in strict DER is exactly its tag, shortest length and content. */
function walk(bytes: Uint8Array, node: Node, depth: number): void {
  const again = encodeNode(node.tag, contentOf(bytes, node))
  must(Buffer.from(again).equals(bytesOf(bytes, node)), 're-encoded node differs')
  if ((node.tag & constructed) === 0 || depth === 0) return
  for (const child of children(bytes, node) ?? []) walk(bytes, child, depth - 1)
}

const p256 = fromHex(
  '3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
    '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
)

export const certificateTargets: readonly Target[] = [
  {
    name: 'der',
    seeds: () => [...realCertificates().slice(0, 8), p256, fromHex('3006020101020102')],
    run: (input) => {
      const node = nodeAt(input, 0, input.length)
      if (node !== null) walk(input, node, 16)
      decodePublicKey(input)
      decodeIntegerPair(input)
    },
  },
  {
    name: 'certificate',
    seeds: realCertificates,
    run: (input) => {
      const certificate = accepted(parseCertificate(input), codes)
      accepted(precertEntryOf(crypto, [input, input]), codes)
      if (certificate === null) return
      must(Buffer.from(editTbs(certificate, [])).equals(bytesOf(input, certificate.tbs)), 'the unedited TBS differs')
      for (const oid of Object.values(oids)) accepted(findExtension(certificate, oid), codes)
      decodePublicKey(bytesOf(input, certificate.spki))
    },
  },
]

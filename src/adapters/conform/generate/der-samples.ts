// Certificates that hold what is no DER where nobody looks, and the SFOs around them [spec/functions.md, How deep DER is read].
// Invariant: entry and SCT are made of the same bytes as the leaf, which issuer and root's key sign.
import { createHash } from 'node:crypto'
import { fromHex } from '../../../machines/ct/bytes.ts'
import {
  extensionsOf,
  fieldsOf,
  type PlainEntry,
  sctBytes,
  sctExtension,
  sctList,
  sequence,
  signSct,
  type TbsFields,
  tbsOfFields,
  tlv,
} from './certificates.ts'
import { type Key, p256Key } from './keys.ts'
import { joined, nonMinimalLength } from './operators.ts'
import { ecdsaLog, embeddedSfo, rsaSfo, timestamp } from './sfo-samples.ts'

export interface Shape {
  /** In the place of the leaf's own. */
  readonly leaf?: Partial<TbsFields>
  /** Whole Extension TLVs around the one with the SCT. */
  readonly before?: readonly Uint8Array[]
  readonly behind?: readonly Uint8Array[]
  readonly sctExtension?: (sct: Uint8Array) => Uint8Array
  readonly issuer?: Partial<TbsFields>
}

const rootKey = p256Key('vectors: root')
export const issuerKey = p256Key('vectors: intermediate')
export const leafFields = fieldsOf({ issuer: 'Issuer', subject: 'deep.test', key: p256Key('vectors: leaf'), issuerKey })
export const issuerFields = fieldsOf({ issuer: 'Root', subject: 'Issuer', key: issuerKey, issuerKey: rootKey })

export const sha256 = (...parts: readonly ArrayLike<number>[]) =>
  new Uint8Array(
    createHash('sha256')
      .update(joined(...parts))
      .digest(),
  )

export function signed(fields: TbsFields, by: Key, algorithm = fields.algorithm): Uint8Array {
  const tbs = tbsOfFields(fields)
  return sequence(tbs, algorithm, tlv(0x03, [0], by.sign(tbs)))
}

/** A leaf with its SCT, and its issuer: right but for what `shape` puts into them. */
export function sfoOf(shape: Shape = {}) {
  const { before = [], behind = [], sctExtension: embed = sctExtension } = shape
  const issuer = { ...issuerFields, ...shape.issuer }
  const leafWith = (...own: readonly Uint8Array[]) => ({
    ...leafFields,
    extensions: extensionsOf(...before, ...own, ...behind),
    ...shape.leaf,
  })
  const entry: PlainEntry = { type: 'precert', issuerKeyHash: sha256(issuer.spki), tbs: tbsOfFields(leafWith()) }
  const sct = sctBytes(signSct(ecdsaLog, entry, timestamp))
  const chain = [signed(leafWith(embed(sct)), issuerKey), signed(issuer, rootKey)] as const
  return { chain, sct, entry }
}

export type Sfo = ReturnType<typeof sfoOf>

/** Of these bytes no element can be read. */
export const noDer = (last = 0x80) => [0xff, last]
/** A key whose algorithm says its length in one octet more than it needs. */
export const oddKey = ({ spki }: TbsFields) => sequence(nonMinimalLength(spki.slice(2, 23)), spki.slice(23))
/** The issuer is not the subject: a last certificate whose names are the same must be signed by itself. */
export const opaque: Partial<TbsFields> = {
  version: tlv(0xa0, noDer()),
  serial: tlv(0x02),
  issuer: sequence(noDer()),
  validity: sequence(noDer()),
  subject: sequence(noDer(0x81)),
}
export const otherName = fromHex('0603551d1e')
export const sctListName = fromHex('060a2b06010401d679020402')
export const sctListValue = (sct: Uint8Array) => tlv(0x04, tlv(0x04, sctList(sct)))
export const noExtensions = tlv(0xa3, sequence(noDer()))
export const twoLists = extensionsOf(sctExtension(rsaSfo.sct), sctExtension(embeddedSfo.sct))
export const noList = sequence(sctListName, tlv(0x04, tlv(0x04, sctList(rsaSfo.sct), [0])))

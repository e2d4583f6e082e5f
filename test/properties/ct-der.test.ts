// DER, certificates, and the TBSCertificate after an extension was cut out of it.
import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, toHex } from '../../src/machines/ct/bytes.ts'
import { type Certificate, editTbs, findExtension, oids, parseCertificate } from '../../src/machines/ct/certificate.ts'
import { bytesOf, children, contentOf, encodeNode, nodeAt } from '../../src/machines/ct/der.ts'
import type { Result } from '../../src/machines/ct/types.ts'
import { bytes, damaged } from './arbitraries/ct.ts'
import {
  certificateOf,
  encodeTbs,
  extension,
  hex,
  newKey,
  padding,
  sctExtension,
  sctListOid,
  sequence,
  type Tbs,
  tlv,
} from './arbitraries/ct-certificates.ts'

const key = newKey('p256')
const names = { issuer: 'ca', subject: 'leaf', key }
const lengths = fc.oneof(fc.nat(400), fc.constantFrom(126, 127, 128, 129, 254, 255, 256, 257, 65_535, 65_536))

function given<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error}: ${result.detail}`)
  return result.value
}

/** The certificate's TBS without its SCT list. */
function withoutScts(certificate: Certificate): Uint8Array {
  const found = given(findExtension(certificate, oids.sctList))
  if (found === null) throw new Error('no SCT list')
  return editTbs(certificate, [{ node: found.node, bytes: new Uint8Array(0) }])
}

test('a node is read back from its encoding, with the shortest of all lengths', () => {
  fc.assert(
    fc.property(fc.constantFrom(0x02, 0x04, 0x30, 0xa3), lengths, (tag, length) => {
      const content = new Uint8Array(length).fill(7)
      const encoded = encodeNode(tag, content)
      expect(encoded).toEqual(tlv(tag, content))
      const node = nodeAt(encoded, 0, encoded.length)
      expect(node).toMatchObject({ tag, start: 0, end: encoded.length })
      expect(node && contentOf(encoded, node)).toEqual(content)
    }),
  )
})

test.each([
  ['indefinite', '3080 0000'],
  ['not minimal: 81 7f', `30817f${'00'.repeat(127)}`],
  ['not minimal: 82 00 80', `30820080${'00'.repeat(128)}`],
  ['not minimal: 83 00 ff ff', `308300ffff${'00'.repeat(65_535)}`],
  ['four length bytes', '308400000001 00'],
  ['truncated header', '30'],
  ['truncated length', '3082 01'],
  ['truncated content', '3002 00'],
  ['many-byte tag', '3f01 00'],
])('a length or tag is refused: %s', (_, text) => {
  const encoded = hex(text)
  expect(nodeAt(encoded, 0, encoded.length)).toBeNull()
})

test('whatever bytes are taken for nodes, encoding these nodes gives the bytes', () => {
  const nested = bytes(20).map((content) => tlv(0x04, content))
  const lists = fc.array(fc.oneof(nested, bytes(6)), { maxLength: 6 }).map((parts) => concat(...parts))
  let read = 0
  fc.assert(
    fc.property(fc.oneof(lists, damaged(lists)), (content) => {
      const parent = { tag: 0x30, start: 0, content: 0, end: content.length }
      const nodes = children(content, parent)
      if (nodes === null) return
      read++
      const encoded = nodes.map((node) => encodeNode(node.tag, contentOf(content, node)))
      expect(concat(...encoded)).toEqual(content)
    }),
    { numRuns: 500 },
  )
  expect(read).toBeGreaterThan(50)
})

test('cutting the SCT list out gives the TBSCertificate that never had it, at every length [WIRE-003.3]', () => {
  const crossed = new Set<string>()
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), lengths, fc.boolean(), (before, behind, size, bare) => {
      const list = sctExtension([new Uint8Array(Math.max(1, Math.min(size, 60_000)))])
      const around: [Uint8Array[], Uint8Array[]] = bare ? [[], []] : [[padding(before)], [padding(behind)]]
      const tbs: Tbs = { ...names, extensions: [...around[0], ...around[1]] }
      const der = certificateOf({ ...tbs, extensions: [...around[0], list, ...around[1]] }, key)
      const cut = withoutScts(given(parseCertificate(der)))
      expect(toHex(cut)).toBe(toHex(encodeTbs(tbs)))
      crossed.add(`${der[1]}>${cut[1]}`)
    }),
    { numRuns: 300 },
  )
  expect(crossed).toContain('130>129')
})

test.each([127, 128, 255, 256])('lengths that become %i are written anew [WIRE-003.3]', (target) => {
  const paddedTo = (size: number) => [padding(size), extension('551d11', hex('3000'))]
  // Sizes at which the extension list, its wrapper, and the TBSCertificate itself have the wanted length.
  const sizes = [...Array(300).keys()].filter((size) => {
    const tbs = encodeTbs({ ...names, extensions: paddedTo(size) })
    const list = sequence(...paddedTo(size))
    return [list, tlv(0xa3, list), tbs].some(
      (node) => contentOf(node, nodeAt(node, 0, node.length) ?? never()).length === target,
    )
  })
  expect(sizes.length).toBeGreaterThan(0)
  for (const size of sizes) {
    const [first, last] = paddedTo(size) as [Uint8Array, Uint8Array]
    const der = certificateOf({ ...names, extensions: [first, sctExtension([new Uint8Array(100)]), last] }, key)
    expect(withoutScts(given(parseCertificate(der)))).toEqual(encodeTbs({ ...names, extensions: [first, last] }))
  }
})

function never(): never {
  throw new Error('the test encoder made no node')
}

test('the SCT list as the only extension leaves an empty list: A3 02 30 00 [WIRE-003.3]', () => {
  const der = certificateOf({ ...names, extensions: [sctExtension([new Uint8Array(80)])] }, key)
  expect(toHex(withoutScts(given(parseCertificate(der))))).toMatch(/a3023000$/)
})

test('two SCT lists are refused, in whatever place and spelling [WIRE-003.4]', () => {
  const list = sctExtension([new Uint8Array(80)])
  const critical = extension(sctListOid, hex('0400'), true)
  for (const extensions of [
    [list, list],
    [list, padding(3), critical],
    [critical, padding(9), list],
  ]) {
    const certificate = given(parseCertificate(certificateOf({ ...names, extensions }, key)))
    expect(findExtension(certificate, oids.sctList)).toMatchObject({ ok: false, error: 'duplicateExtension' })
  }
})

test('fields are where OpenSSL finds them, with and without extensions and unique identifiers', () => {
  const identifiers = [tlv(0x81, hex('00ff')), tlv(0x82, hex('00ee'))]
  for (const uniqueIds of [[], identifiers.slice(0, 1), identifiers.slice(1), identifiers]) {
    for (const extensions of [null, [extension('551d11', hex('3000'))]]) {
      const der = certificateOf({ ...names, extensions, uniqueIds }, key)
      const certificate = given(parseCertificate(der))
      const oracle = new X509Certificate(der)
      expect(oracle.verify(oracle.publicKey)).toBe(true)
      expect(bytesOf(der, certificate.spki)).toEqual(key.spki)
      expect(Buffer.from(bytesOf(der, certificate.subject)).toString('latin1')).toContain(oracle.subject.slice(3))
      expect(Buffer.from(bytesOf(der, certificate.issuer)).toString('latin1')).toContain(oracle.issuer.slice(3))
      expect(certificate.extensions === null).toBe(extensions === null)
      expect(findExtension(certificate, oids.sctList)).toEqual({ ok: true, value: null })
    }
  }
})

const tbs = encodeTbs(names)
const algorithm = hex('300a06082a8648ce3d040302')
const bits = tlv(0x03, hex('00 3000'))
const noList = concat(...[hex('0201 05'), algorithm, hex('3000'), hex('3000'), hex('3000'), key.spki])

test.each([
  ['badDer', 'nothing', new Uint8Array(0)],
  ['badDer', 'a trailing byte', concat(sequence(tbs, algorithm, bits), hex('00'))],
  ['badDer', 'one field', sequence(tbs)],
  ['badDer', 'two fields', sequence(tbs, algorithm)],
  ['badDer', 'a field that exceeds the certificate', sequence(tbs, algorithm, hex('0309 00'))],
  ['badDer', 'a short TBSCertificate', sequence(sequence(hex('020105'), algorithm), algorithm, bits)],
  ['badDer', 'an empty TBSCertificate', sequence(sequence(), algorithm, bits)],
  ['badDer', 'no key', sequence(sequence(hex('020105'), algorithm, hex('300030003000')), algorithm, bits)],
  ['badDer', 'half a field behind the key', sequence(sequence(noList, hex('a3')), algorithm, bits)],
  ['badDer', 'extensions that are half a node', sequence(sequence(noList, hex('a30130')), algorithm, bits)],
  ['badDer', 'extensions with a trailing byte', sequence(sequence(noList, tlv(0xa3, hex('300000'))), algorithm, bits)],
  ['badCertificate', 'four fields', sequence(tbs, algorithm, bits, bits)],
  ['badCertificate', 'a SET', tlv(0x31, tbs, algorithm, bits)],
  ['badCertificate', 'a signature with unused bits', sequence(tbs, algorithm, tlv(0x03, hex('01 3000')))],
  ['badCertificate', 'an empty BIT STRING', sequence(tbs, algorithm, tlv(0x03))],
  ['badCertificate', 'a signature of another type', sequence(tbs, algorithm, tlv(0x04, hex('00 3000')))],
  ['badCertificate', 'another algorithm outside', sequence(tbs, hex('300a06082a8648ce3d040303'), bits)],
  [
    'badCertificate',
    'a serial number of another type',
    sequence(sequence(hex('040105'), noList.subarray(3)), algorithm, bits),
  ],
  [
    'badCertificate',
    'a SET for a name',
    sequence(sequence(hex('020105'), algorithm, hex('31003000 3000'), key.spki), algorithm, bits),
  ],
  ['badCertificate', 'two extension lists', sequence(sequence(noList, hex('a3023000 a3023000')), algorithm, bits)],
  ['badCertificate', 'an unknown field', sequence(sequence(noList, hex('a400')), algorithm, bits)],
  ['badCertificate', 'a SET of extensions', sequence(sequence(noList, hex('a3023100')), algorithm, bits)],
])('%s: a certificate with %s is refused [WIRE-001.6]', (error, _, der) => {
  expect(parseCertificate(der)).toMatchObject({ ok: false, error, detail: expect.stringMatching(/./) })
})

test.each([
  ['badDer', 'nothing', hex('3000')],
  ['badDer', 'a truncated OID', hex('3003 0609 2b')],
  ['badDer', 'no value', sequence(tlv(0x06, hex(sctListOid)))],
  ['badDer', 'criticality alone', sequence(tlv(0x06, hex(sctListOid)), hex('0101ff'))],
  ['badCertificate', 'a SET', tlv(0x31, tlv(0x06, hex(sctListOid)), hex('0400'))],
  ['badCertificate', 'a number for an OID', sequence(hex('020100'), hex('0400'))],
  ['badCertificate', 'a value of another type', sequence(tlv(0x06, hex(sctListOid)), hex('0500'))],
  ['badCertificate', 'something behind the value', sequence(tlv(0x06, hex(sctListOid)), hex('0400'), hex('0500'))],
])('%s: an extension that holds %s is refused [WIRE-001.6]', (error, _, broken) => {
  const certificate = given(parseCertificate(certificateOf({ ...names, extensions: [padding(5), broken] }, key)))
  expect(findExtension(certificate, oids.sctList)).toMatchObject({
    ok: false,
    error,
    detail: expect.stringMatching(/./),
  })
})

test('damage never makes the parser throw or look outside of the bytes', () => {
  const good = certificateOf({ ...names, extensions: [sctExtension([new Uint8Array(40)]), padding(9)] }, key)
  const outcomes = new Set<string>()
  fc.assert(
    fc.property(fc.oneof(bytes(200), damaged(fc.constant(good))), (der) => {
      const parsed = parseCertificate(der)
      const found = parsed.ok ? findExtension(parsed.value, oids.sctList) : parsed
      outcomes.add(found.ok ? 'read' : found.error)
      if (!parsed.ok) return
      const { extensions, ...fields } = parsed.value
      for (const node of [fields.tbs, fields.spki, fields.signature, extensions?.list ?? fields.issuer]) {
        expect(node.end).toBeLessThanOrEqual(der.length)
      }
    }),
    { numRuns: 2000 },
  )
  expect([...outcomes]).toEqual(expect.arrayContaining(['read', 'badDer', 'badCertificate']))
})

test('20 KiB of the smallest nodes are walked in no time', () => {
  const tiny = sequence(...Array(2500).fill(extension('2a', new Uint8Array(0))))
  const parsed = given(parseCertificate(sequence(sequence(noList, tlv(0xa3, tiny)), algorithm, bits)))
  const start = process.threadCpuUsage()
  for (let i = 0; i < 10; i++) expect(findExtension(parsed, oids.sctList).ok).toBe(true)
  const { user, system } = process.threadCpuUsage(start)
  expect((user + system) / 1000).toBeLessThan(1000)
})

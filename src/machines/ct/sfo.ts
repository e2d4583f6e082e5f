// SCT Feedback Objects in JSON [gossip-05 8.1.1, in the CTor profile; WIRE-001].
// Invariant: each object is judged alone, its SCT before its chain, and the first fault in the order of `sfoErrors` is its
// error; what passes holds one SCT and 1 to 10 certificates of at most 20 KiB of DER together.
import { fromBase64, fromUtf8, toBase64, utf8 } from './bytes.ts'
import { findExtension, oids, parseCertificate } from './certificate.ts'
import type { SfoError } from './errors.ts'
import { decodePem, encodePem } from './pem.ts'
import { decodeSct, decodeSctList, encodeSctList } from './sct.ts'
import type { Result, Sct, Sfo } from './types.ts'

export const maxChainLength = 10
/** DER bytes of a chain: `ct-large-sfo-size`. */
export const maxChainBytes = 20 * 1024

/** The members that the format knows, before their types are known. Others are passed over, as in most JSON protocols. */
interface SfoJson {
  readonly x509_chain?: unknown
  readonly sct_data_v1?: unknown
  readonly sct_data_v2?: unknown
}

/**
 * A body of 1 to `maxObjects` SFOs. Whole-body errors: notJson (also a byte order mark), notSfoList (also an element that is
 * no object, and an empty array). Errors of one object: the malformed ones, oversize, sctVersion. Unknown members of an
 * object are ignored and do not survive re-encoding. Reads each byte a fixed number of times; a limit on `body` is the
 * caller's.
 */
export function decodeSfoBody(
  body: Uint8Array,
  maxObjects: number,
): Result<readonly Result<Sfo, SfoError>[], SfoError> {
  const text = fromUtf8(body)
  if (text === null) return fault('notJson', 'not UTF-8')
  const list = parseJson(text)
  if (!list.ok) return list
  if (!Array.isArray(list.value)) return fault('notSfoList', 'not an array')
  const objects: readonly unknown[] = list.value
  if (objects.length < 1 || objects.length > maxObjects) return fault('notSfoList', `${objects.length} objects`)
  if (!objects.every(isObject)) return fault('notSfoList', 'an element that is no object')
  return { ok: true, value: objects.map(decodeSfo) }
}

function parseJson(text: string): Result<unknown, SfoError> {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return fault('notJson', 'not JSON')
  }
}

function isObject(value: unknown): value is SfoJson {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function decodeSfo(object: SfoJson): Result<Sfo, SfoError> {
  const sct = decodeOnlySct(object)
  if (!sct.ok) return sct
  const chain = decodeChain(object.x509_chain)
  return chain.ok ? { ok: true, value: { chain: chain.value, sct: sct.value } } : chain
}

/** An array of no strings stands for what it lacks: an object with `sct_data_v2: []` holds no version 2 SCT. */
function decodeOnlySct({ sct_data_v1: v1 = [], sct_data_v2: v2 = [] }: SfoJson): Result<Sct, SfoError> {
  const hasV2 = !isEmpty(v2)
  if (hasV2 && isEmpty(v1)) return fault('sctVersion', 'sct_data_v2')
  if (!Array.isArray(v1) || v1.length !== 1 || hasV2) return fault('sctCount', 'not one list')
  const bytes = typeof v1[0] === 'string' ? fromBase64(v1[0]) : null
  if (bytes === null) return fault('badBase64', 'sct_data_v1')
  const list = decodeSctList(bytes)
  if (!list.ok) return list
  const [sct] = list.value
  return sct !== undefined && list.value.length === 1 ? decodeSct(sct) : fault('sctCount', `${list.value.length} SCTs`)
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function decodeChain(pems: unknown): Result<readonly Uint8Array[], SfoError> {
  if (!Array.isArray(pems) || pems.length < 1 || pems.length > maxChainLength) {
    return fault('chainLength', Array.isArray(pems) ? `${pems.length} certificates` : 'no array')
  }
  const chain: Uint8Array[] = []
  let total = 0
  for (const pem of pems as readonly unknown[]) {
    const der = typeof pem === 'string' ? decodePem(pem) : fault('badPem', 'no string')
    if (!der.ok) return der
    total += der.value.length
    if (total > maxChainBytes) return fault('oversize', `more than ${maxChainBytes} bytes`)
    chain.push(der.value)
  }
  return checkCertificates(chain)
}

/** Of the leaf, the SCT extension too: it occurs once or never. */
function checkCertificates(chain: readonly Uint8Array[]): Result<readonly Uint8Array[], SfoError> {
  for (const [index, der] of chain.entries()) {
    const certificate = parseCertificate(der)
    if (!certificate.ok) return certificate
    const sctList = index === 0 ? findExtension(certificate.value, oids.sctList) : null
    if (sctList?.ok === false) return sctList
  }
  return { ok: true, value: chain }
}

/** The canonical body: members in the draft's order, no white space, PEM of 64 columns. One body for one list of SFOs. */
export function encodeSfoBody(sfos: readonly Sfo[]): Uint8Array {
  return utf8(
    JSON.stringify(
      sfos.map(({ chain, sct }) => ({
        x509_chain: chain.map(encodePem),
        sct_data_v1: [toBase64(encodeSctList([sct.bytes]))],
      })),
    ),
  )
}

function fault(error: SfoError, detail: string): Result<never, SfoError> {
  return { ok: false, error, detail }
}

// SCT Feedback Objects in JSON [gossip-05 8.1.1, in the CTor profile; WIRE-001].
// Invariant: each object is judged alone, its SCT before its chain, and the first fault in the order of `sfoErrors` is its
// error; what passes holds one SCT and 1 to 10 certificates of at most 20 KiB of DER together.
import { fromBase64, fromUtf8, toBase64, utf8 } from './bytes.ts'
import { type CanonicalBody, readCanonicalBody } from './canonical-body.ts'
import { findExtension, oids, parseCertificate } from './certificate.ts'
import type { SfoError } from './errors.ts'
import { decodePem, encodePem } from './pem.ts'
import { decodeSct, decodeSctList, encodeSctList } from './sct.ts'
import type { Result, Sct, Sfo } from './types.ts'

export const maxChainLength = 10
/** DER bytes of a chain: `ct-large-sfo-size`. */
export const maxChainBytes = 20 * 1024

/** The members that the format knows, before their types are known. Others are passed over, as in most JSON protocols. */
export interface SfoJson {
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
  const canonical = readCanonicalBody(body)
  if (canonical !== null && maxObjects > 0) return { ok: true, value: [decodeCanonical(canonical)] }
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

/** As `decodeSfo`, in its order; what that one finds in base64 and PEM, this one's body does not have. */
function decodeCanonical({ chain, sctList }: CanonicalBody): Result<Sfo, SfoError> {
  const sct = decodeOnlySct(sctList)
  if (!sct.ok) return sct
  const fits = chain.length <= maxChainLength ? withinSize(chain) : fault('chainLength', `${chain.length} certificates`)
  const checked = fits.ok ? checkCertificates(chain) : fits
  return checked.ok ? { ok: true, value: { chain, sct: sct.value } } : checked
}

/** One object of a body; its errors are those of one object. */
export function decodeSfo(object: SfoJson): Result<Sfo, SfoError> {
  const list = decodeOnlyList(object)
  const sct = list.ok ? decodeOnlySct(list.value) : list
  if (!sct.ok) return sct
  const chain = decodeChain(object.x509_chain)
  return chain.ok ? { ok: true, value: { chain: chain.value, sct: sct.value } } : chain
}

/** An array of no strings stands for what it lacks: an object with `sct_data_v2: []` holds no version 2 SCT. */
function decodeOnlyList({ sct_data_v1: v1 = [], sct_data_v2: v2 = [] }: SfoJson): Result<Uint8Array, SfoError> {
  const hasV2 = !isEmpty(v2)
  if (hasV2 && isEmpty(v1)) return fault('sctVersion', 'sct_data_v2')
  if (!Array.isArray(v1) || v1.length !== 1 || hasV2) return fault('sctCount', 'not one list')
  const bytes = typeof v1[0] === 'string' ? fromBase64(v1[0]) : null
  return bytes === null ? fault('badBase64', 'sct_data_v1') : { ok: true, value: bytes }
}

function decodeOnlySct(bytes: Uint8Array): Result<Sct, SfoError> {
  const list = decodeSctList(bytes)
  if (!list.ok) return list
  const [sct, ...others] = list.value
  return others.length === 0 ? decodeSct(sct) : fault('sctCount', `${list.value.length} SCTs`)
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function decodeChain(pems: unknown): Result<readonly Uint8Array[], SfoError> {
  if (!Array.isArray(pems) || pems.length < 1 || pems.length > maxChainLength) {
    return fault('chainLength', Array.isArray(pems) ? `${pems.length} certificates` : 'no array')
  }
  const chain: Uint8Array[] = []
  for (const pem of pems as readonly unknown[]) {
    const der = typeof pem === 'string' ? decodePem(pem) : fault('badPem', 'no string')
    if (!der.ok) return der
    chain.push(der.value)
    const fits = withinSize(chain)
    if (!fits.ok) return fits
  }
  return checkCertificates(chain)
}

function withinSize(chain: readonly Uint8Array[]): Result<readonly Uint8Array[], SfoError> {
  let total = 0
  for (const der of chain) total += der.length
  return total <= maxChainBytes ? { ok: true, value: chain } : fault('oversize', `more than ${maxChainBytes} bytes`)
}

/** Each is an X.509 certificate, and the SCT extension of the leaf occurs at most once. */
function checkCertificates(chain: readonly Uint8Array[]): Result<readonly Uint8Array[], SfoError> {
  for (const [index, der] of chain.entries()) {
    const certificate = parseCertificate(der)
    if (!certificate.ok) return certificate
    const sctList = index === 0 ? findExtension(certificate.value, oids.sctList) : null
    if (sctList?.ok === false) return sctList
  }
  return { ok: true, value: chain }
}

/**
 * The canonical body: members in the draft's order, no white space, PEM of 64 columns. One body for one list of SFOs. Written without
 * `JSON.stringify`, at a fifth of its cost: in PEM and base64 nothing but the line ends is escaped.
 */
export function encodeSfoBody(sfos: readonly Sfo[]): Uint8Array {
  const objects = sfos.map(({ chain, sct }) => {
    const pems = chain.map((der) => `"${encodePem(der, '\\n')}"`)
    return `{"x509_chain":[${pems.join(',')}],"sct_data_v1":["${toBase64(encodeSctList([sct.bytes]))}"]}`
  })
  return utf8(`[${objects.join(',')}]`)
}

function fault(error: SfoError, detail: string): Result<never, SfoError> {
  return { ok: false, error, detail }
}

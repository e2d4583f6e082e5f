// A short cut past JSON and PEM for the one body that `encodeSfoBody` gives for one SFO: what relays forward and report, and
// what every client sends that writes JSON without white space and PEM of 64 columns [gossip-05 8.1.1, WIRE-001].
// Invariant: what it reads, `JSON.parse` and `decodePem` read alike; for any other body it answers null.
import { concat, fromBase64, indexOf, latin1, utf8 } from './bytes.ts'
import { decodeDigits } from './pem.ts'

export interface CanonicalBody {
  /** DER, at least one. */
  readonly chain: readonly Uint8Array[]
  /** The bytes of the only SCT list. */
  readonly sctList: Uint8Array
}

const opening = utf8('[{"x509_chain":[')
const header = utf8('"-----BEGIN CERTIFICATE-----\\n')
const footer = utf8('-----END CERTIFICATE-----\\n"')
const middle = utf8('],"sct_data_v1":["')
const closing = '"]}]'

const columns = 64
const hyphen = 0x2d
const comma = 0x2c
const lineFeed = 0x0a
/** A line end as JSON spells it: backslash, n. */
const escaped = [0x5c, 0x6e] as const
const step = columns + escaped.length

export function readCanonicalBody(body: Uint8Array): CanonicalBody | null {
  if (!isAt(body, 0, opening)) return null
  const chain: Uint8Array[] = []
  let at = opening.length - 1
  do {
    const start = at + 1 + header.length
    const end = indexOf(body, hyphen, start)
    if (!isAt(body, at + 1, header) || !isAt(body, end, footer)) return null
    const der = decodeLines(body, start, end)
    if (der === null) return null
    chain.push(der)
    at = end + footer.length
  } while (body[at] === comma)
  const rest = latin1(body.subarray(at + middle.length))
  if (!isAt(body, at, middle) || !rest.endsWith(closing)) return null
  const sctList = fromBase64(rest.slice(0, -closing.length))
  return sctList === null ? null : { chain, sctList }
}

function isAt(body: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let index = 0; index < part.length; index++) if (body[at + index] !== part[index]) return false
  return true
}

/** Buffer skips line feeds but not their escapes, so a copy gets two of them for each escape where one is due. */
function decodeLines(body: Uint8Array, start: number, end: number): Uint8Array | null {
  const copy = concat(body.subarray(start, end))
  const lastEnd = copy.length - escaped.length
  let at = 0
  let lines = 0
  do {
    const lineEnd = Math.min(at + columns, lastEnd)
    if (lineEnd <= at || copy[lineEnd] !== escaped[0] || copy[lineEnd + 1] !== escaped[1]) return null
    copy[lineEnd] = lineFeed
    copy[lineEnd + 1] = lineFeed
    at += step
    lines++
  } while (at < copy.length)
  return decodeDigits(latin1(copy), copy.length - lines * escaped.length)
}

// The CT extension document: what relays and auditors take from the Tor consensus, signed in its style [dir-spec 3.4.1, CONS-001].
// Invariant: nothing is read from a document before more than half of the configured authorities have signed all of it.
//
//   ctor-consensus-version 1
//   tor-consensus <SHA-256 of the Tor consensus it extends>      (at most once)
//   valid-after <ms>, fresh-until <ms>, valid-until <ms>          (once each, on lines of their own)
//   params <name>=<Int32> ...                                     (at most once)
//   log <logId> <mmd ms> <url> <key base64> [static=<monitoring url>]
//   sth <logId> <timestamp ms> <size> <root> <DigitallySigned>
//   ctr <ed25519 id> <url> [family=<id>,...]
//   auditor <ed25519 key> <url>
//   directory-footer
//   directory-signature <authority's ed25519 key> <signature>     (one an authority)
//
// Times are milliseconds since the epoch and not dir-spec's dates: test networks have consensuses of a few seconds. Bytes are
// lower-case hex, keys of logs base64. Signed is the text from its start through the space after the first directory-signature.
import { concat, fromHex, toHex, utf8 } from '../ct/bytes.ts'
import { ed25519Spki } from '../ct/public-key.ts'
import type { Crypto, Result } from '../ct/types.ts'
import { type Items, itemErrors, noItems, readItem } from './consensus-items.ts'
import { auditorLine, ctrLine, logLine, paramsLine, sthLine } from './item-lines.ts'
import type { Consensus } from './types.ts'

/** `params`: integers; `torConsensus`: digest of the consensus that it extends, 64 hex digits, or null. */
export interface ConsensusDocument extends Consensus {
  readonly params: Readonly<Record<string, number>>
  readonly torConsensus: string | null
}

/** Why a document is refused as a whole. */
export const documentErrors = {
  tooLarge: 'more than 4 MiB or 65,536 lines',
  notText: 'not lines of printable ASCII that each end with a newline',
  badVersion: 'the first line is not ctor-consensus-version 1',
  truncated: 'no directory-footer right before the signatures, or no signature',
  badSignatureLine: 'after the footer something else than one signature an authority, or more than 64',
  badSignature: 'not more than half of the configured authorities signed it',
  ...itemErrors,
  missing: 'valid-after, fresh-until or valid-until is missing',
  badTimes: 'valid-after, fresh-until and valid-until are not in this order',
} as const

export type DocumentError = keyof typeof documentErrors

export const maxDocumentBytes = 4 * 1024 * 1024
const maxLines = 65_536
const maxSignatures = 64
const versionLine = 'ctor-consensus-version 1\n'
const footer = 'directory-footer\n'
const signatureKeyword = 'directory-signature '
const signatureLine = /^directory-signature [0-9a-f]{64} [0-9a-f]{128}$/
const domain = utf8('ctor consensus v1\0')

/** `authorities`: the configured Ed25519 keys, 64 hex digits each. Whether the consensus is live is the caller's check. */
export function parseConsensusDocument(
  crypto: Crypto,
  text: string,
  authorities: readonly string[],
): Result<ConsensusDocument, DocumentError> {
  const parts = split(text)
  if (typeof parts === 'string') return refuse(parts)
  const { body, signatureLines } = parts
  const signatures = readSignatures(signatureLines)
  if (signatures === null) return refuse('badSignatureLine')
  if (!hasMajority(crypto, body, signatures, authorities)) return refuse('badSignature')
  const items = noItems()
  for (const line of body.split('\n').slice(0, -1)) {
    const error = readItem(crypto, line, items)
    if (error !== null) return refuse(error, line.slice(0, 80))
  }
  return documentOf(items, consensusDigest(crypto, body))
}

/** SHA-256 of what is signed, 64 hex digits: the same whoever signed it. `body`: through `directory-footer` and its newline. */
export function consensusDigest(crypto: Crypto, body: string): string {
  return toHex(crypto.sha256(utf8(body + signatureKeyword)))
}

/** What an authority's Ed25519 key signs: a domain and that digest. */
export function consensusSignatureInput(crypto: Crypto, body: string): Uint8Array {
  return concat(domain, fromHex(consensusDigest(crypto, body)))
}

/** An authority: its public key as 64 hex digits, and its signature. */
export interface Authority {
  readonly key: string
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** The whole document, signed by all of these. */
export function signConsensus(crypto: Crypto, body: string, authorities: readonly Authority[]): string {
  const input = consensusSignatureInput(crypto, body)
  return body + authorities.map(({ key, sign }) => `${signatureKeyword}${key} ${toHex(sign(input))}\n`).join('')
}

/** The body, through `directory-footer` and its newline; its lines are in the order of the arguments. */
export function encodeConsensusBody(document: Omit<ConsensusDocument, 'digest'>): string {
  const { validAfter, freshUntil, validUntil, torConsensus, params, logs, sths, ctrs, auditors } = document
  const lines = [
    ...(torConsensus === null ? [] : [`tor-consensus ${torConsensus}`]),
    `valid-after ${validAfter}`,
    `fresh-until ${freshUntil}`,
    `valid-until ${validUntil}`,
    paramsLine(params),
    ...logs.map(logLine),
    ...sths.map(sthLine),
    ...ctrs.map(ctrLine),
    ...auditors.map(auditorLine),
  ]
  return `${versionLine}${lines.join('\n')}\n${footer}`
}

/** Body and signature lines; only printable ASCII, so that characters are bytes. */
function split(text: string): { readonly body: string; readonly signatureLines: readonly string[] } | DocumentError {
  if (text.length > maxDocumentBytes) return 'tooLarge'
  if (/[^\x20-\x7e\n]/.test(text) || /^\n|\n\n/.test(text) || !text.endsWith('\n')) return 'notText'
  if (text.split('\n', maxLines + 2).length > maxLines + 1) return 'tooLarge'
  if (!text.startsWith(versionLine)) return 'badVersion'
  const end = text.indexOf(`\n${signatureKeyword}`) + 1
  const body = text.slice(0, end)
  if (!body.endsWith(`\n${footer}`)) return 'truncated'
  return { body, signatureLines: text.slice(end, -1).split('\n') }
}

/** By authority; null where a line is none, or an authority's second. */
function readSignatures(lines: readonly string[]): ReadonlyMap<string, Uint8Array> | null {
  const signatures = new Map<string, Uint8Array>()
  for (const line of lines) {
    if (!signatureLine.test(line)) return null
    const [, key, signature] = line.split(' ') as [string, string, string]
    if (signatures.has(key) || signatures.size === maxSignatures) return null
    signatures.set(key, fromHex(signature))
  }
  return signatures
}

/** Signatures of strangers are ignored, and a bad one is worth as much as none. */
function hasMajority(
  crypto: Crypto,
  body: string,
  signatures: ReadonlyMap<string, Uint8Array>,
  authorities: readonly string[],
): boolean {
  const input = consensusSignatureInput(crypto, body)
  const configured = new Set(authorities)
  const good = [...signatures].filter(
    ([key, signature]) => configured.has(key) && crypto.verify(ed25519Spki(fromHex(key)), 'ed25519', input, signature),
  )
  return good.length * 2 > configured.size
}

function documentOf(items: Items, digest: string): Result<ConsensusDocument, DocumentError> {
  const { times, logs, sths, ctrs, auditors, params, torConsensus } = items
  const validAfter = times.get('valid-after')
  const freshUntil = times.get('fresh-until')
  const validUntil = times.get('valid-until')
  if (validAfter === undefined || freshUntil === undefined || validUntil === undefined) return refuse('missing')
  if (validAfter >= freshUntil || freshUntil > validUntil) return refuse('badTimes')
  const lists = {
    logs: [...logs.values()],
    sths: [...sths.values()],
    ctrs: [...ctrs.values()],
    auditors: [...auditors.values()],
  }
  return {
    ok: true,
    value: { digest, validAfter, freshUntil, validUntil, ...lists, params: params ?? {}, torConsensus },
  }
}

function refuse(error: DocumentError, where?: string): Result<never, DocumentError> {
  return {
    ok: false,
    error,
    detail: where === undefined ? documentErrors[error] : `${documentErrors[error]}: ${where}`,
  }
}

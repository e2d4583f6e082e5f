// The CT extension document: logs, tree heads, CTRs, auditors and parameters for one Tor consensus [CONS-005].
// Invariant: nothing of its content is read before its signatures and the consensus' commitment both vouch for it.
//
//   ctor-extension-version 1
//   tor-consensus <ns or microdesc> <SHA-256 of what that consensus' signatures cover>     (one a flavour, at least one)
//   content                                                        (here begins what the consensus commits to)
//   params, log, sth, ctr, auditor lines as in the consensus file
//   directory-footer                                               (through this line)
//   directory-signature sha256 <identity> <signing key digest>     (as in the Tor consensus, by the same keys)
import { fromHex, latin1, toHex, utf8 } from '../ct/bytes.ts'
import type { Crypto, Result } from '../ct/types.ts'
import { committedDigest } from './commitment.ts'
import { type Items, itemErrors, keywordStart, noItems, readItem } from './consensus-items.ts'
import { readNetdoc } from './netdoc.ts'
import type { TorConsensus } from './tor-consensus.ts'
import { countSignatures, readTorSignatures, type SignatureContext, type TorSignature } from './tor-signatures.ts'

/** As split, before anything is believed. */
export interface ExtensionDocument {
  /** By flavour, 64 hex digits each. */
  readonly torConsensus: Readonly<Partial<Record<string, string>>>
  /** From `content` through `directory-footer` and its newline. */
  readonly content: string
  readonly signatures: readonly TorSignature[]
  /** SHA-256 of what is signed, 64 hex digits. */
  readonly digest: string
}

/** Why an extension document is refused as a whole, in the order of the checks. */
export const extensionErrors = {
  tooLarge: 'more than 4 MiB or 65,536 lines',
  notText: 'not lines of printable ASCII that each end with a newline',
  badVersion: 'the first line is not ctor-extension-version 1',
  badConsensusLine: 'between version and content a line without keyword, a bad or second tor-consensus line, or none',
  truncated: 'no content, no directory-footer right before the signatures, or no signature',
  badTorSignature: 'after the footer something else than directory-signature items, or more than 256',
  otherConsensus: 'it extends another consensus',
  notCommitted: 'the consensus does not commit to its content',
  notSigned: 'the consensus commits to it, but not more than half of the configured authorities signed it',
  ...itemErrors,
} as const

export type ExtensionError = keyof typeof extensionErrors

export const maxExtensionBytes = 4 * 1024 * 1024
const maxLines = 65_536
const versionLine = 'ctor-extension-version 1\n'
const consensusLine = /^tor-consensus (ns|microdesc) [0-9a-f]{64}( |$)/
const contentLine = 'content\n'
const footer = 'directory-footer\n'
const signatureKeyword = 'directory-signature '

/** Splits the document; nothing in it is verified yet. */
export function readExtension(crypto: Crypto, bytes: Uint8Array): Result<ExtensionDocument, ExtensionError> {
  if (bytes.length > maxExtensionBytes) return refuse('tooLarge')
  const text = latin1(bytes)
  if (/[^\x20-\x7e\n]/.test(text) || /^\n|\n\n/.test(text) || !text.endsWith('\n')) return refuse('notText')
  if (text.split('\n', maxLines + 2).length > maxLines + 1) return refuse('tooLarge')
  if (!text.startsWith(versionLine)) return refuse('badVersion')
  const start = text.indexOf(`\n${contentLine}`) + 1
  const end = text.indexOf(`\n${signatureKeyword}`) + 1
  const content = text.slice(start, end)
  if (start === 0 || !content.endsWith(`\n${footer}`)) return refuse('truncated')
  const torConsensus = readConsensusLines(text.slice(versionLine.length, start))
  if (torConsensus === null) return refuse('badConsensusLine')
  const signatures = readTorSignatures(readNetdoc(text.slice(end), maxLines) ?? [])
  if (signatures === null || signatures.length === 0) return refuse('badTorSignature')
  const digest = toHex(extensionDigest(crypto, text.slice(0, end)))
  return { ok: true, value: { torConsensus, content, signatures, digest } }
}

/** What authorities sign: SHA-256 of the text through the space after the first `directory-signature`. `body`: through the footer. */
export function extensionDigest(crypto: Crypto, body: string): Uint8Array {
  return crypto.sha256(utf8(body + signatureKeyword))
}

/** What the consensus commits to, 64 hex digits. */
export function contentDigest(crypto: Crypto, content: string): string {
  return toHex(crypto.sha256(utf8(content)))
}

/** A content of these lines. */
export function contentOf(lines: readonly string[]): string {
  return `${contentLine}${lines.map((line) => `${line}\n`).join('')}${footer}`
}

/** Everything that authorities sign. */
export function extensionBody(torConsensus: Readonly<Record<string, string>>, content: string): string {
  const lines = Object.entries(torConsensus).map(([flavour, digest]) => `tor-consensus ${flavour} ${digest}\n`)
  return versionLine + lines.join('') + content
}

/** What the document says, where both its signatures and the consensus vouch for it. The consensus is verified already. */
export function verifyExtension(
  crypto: Crypto,
  extension: ExtensionDocument,
  consensus: Pick<TorConsensus, 'flavour' | 'digest' | 'params'>,
  context: SignatureContext,
): Result<Items, ExtensionError> {
  if (extension.torConsensus[consensus.flavour] !== consensus.digest) return refuse('otherConsensus')
  if (committedDigest(consensus.params) !== contentDigest(crypto, extension.content)) return refuse('notCommitted')
  const { signed } = countSignatures(crypto, 'sha256', fromHex(extension.digest), extension.signatures, context)
  return signed ? readContent(crypto, extension.content) : refuse('notSigned')
}

/** Whether these are the bytes of a content: lines of printable ASCII from `content` through `directory-footer`. */
export function isContent(text: string): boolean {
  const { length } = text
  if (length > maxExtensionBytes || /[^\x20-\x7e\n]/.test(text) || text.includes('\n\n')) return false
  return text.startsWith(contentLine) && text.endsWith(`\n${footer}`) && !text.includes(`\n${signatureKeyword}`)
}

/** The items of a content, which begins with `content` and ends with `directory-footer`. */
export function readContent(crypto: Crypto, content: string): Result<Items, ExtensionError> {
  const items = noItems()
  for (const line of content.split('\n').slice(0, -1)) {
    const error = readItem(crypto, line, items)
    if (error !== null) return refuse(error, line.slice(0, 80))
  }
  return { ok: true, value: items }
}

/** Unknown keywords, and arguments beyond the two, are ignored; so are lines of the content's, which count only there. */
function readConsensusLines(text: string): Readonly<Record<string, string>> | null {
  const digests = new Map<string, string>()
  for (const line of text.split('\n').slice(0, -1)) {
    if (!keywordStart.test(line)) return null
    if (line.split(' ')[0] !== 'tor-consensus') continue
    if (!consensusLine.test(line)) return null
    const [, flavour, digest] = line.split(' ') as [string, string, string]
    if (digests.has(flavour)) return null
    digests.set(flavour, digest)
  }
  return digests.size === 0 ? null : Object.fromEntries(digests)
}

function refuse(error: ExtensionError, where?: string): Result<never, ExtensionError> {
  const detail = extensionErrors[error]
  return { ok: false, error, detail: where === undefined ? detail : `${detail}: ${where}` }
}

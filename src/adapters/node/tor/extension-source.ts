// Where the CT extension document comes from: a file that the operator's directory tool renews, or a URL [CONS-005, CONS-008.2].
// Invariant: it is bounded while it is read; nothing is verified here, so the place need not be trusted.
import type { Answer } from '../../../effects/ports.ts'
import { maxExtensionBytes } from '../../../machines/tor/extension-document.ts'
import type { Agents } from '../agents.ts'
import { readBounded } from '../bounded-file.ts'
import { exchange } from '../http/exchange.ts'

export type ExtensionSource = (signal: AbortSignal) => Promise<Answer<Uint8Array>>

export function extensionFile(path: string): ExtensionSource {
  return () => readBounded(path, maxExtensionBytes)
}

/** A fresh circuit a request. */
export function extensionUrl(agents: Agents, url: string): ExtensionSource {
  let requests = 0
  return (signal) =>
    exchange(agents, `extension ${requests++}`, { method: 'GET', url, maxAnswerBytes: maxExtensionBytes }, signal)
}

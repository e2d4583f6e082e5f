// Where the CT extension document comes from: a file that the operator's directory tool renews [CONS-005, CONS-008.2].
// Invariant: it is bounded while it is read; nothing is verified here, so the file need not be trusted.
import type { Answer } from '../../../effects/ports.ts'
import { maxExtensionBytes } from '../../../machines/tor/extension-document.ts'
import { readBounded } from '../bounded-file.ts'

export type ExtensionSource = (signal: AbortSignal) => Promise<Answer<Uint8Array>>

export function extensionFile(path: string): ExtensionSource {
  return () => readBounded(path, maxExtensionBytes)
}

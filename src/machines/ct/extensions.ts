// The extensions of an SCT of a static-ct log: a list in which the leaf index is one [C2SP static-ct-api, "SCT Extension"; WIRE-013].
// Invariant: an index is only what a whole and well-formed list says once; of anything else there is none.
import { atEnd, concat, cursor, takeUint, takeVector, uint, vector } from './bytes.ts'
import type { Result } from './types.ts'

export const extensionErrors = {
  truncated: 'an extension ends beyond the field',
  duplicate: 'an extension of one type occurs twice',
  badLeafIndex: 'the leaf index is not 5 bytes',
} as const

export type ExtensionError = keyof typeof extensionErrors

export interface SctExtensions {
  /** 0 to 2^40-1; null where there is none. */
  readonly leafIndex: number | null
}

const leafIndexType = 0
const leafIndexBytes = 5

/** Extensions of unknown types are ignored, but none may occur twice. */
export function decodeSctExtensions(bytes: Uint8Array): Result<SctExtensions, ExtensionError> {
  const from = cursor(bytes)
  const byType = new Map<number, Uint8Array>()
  while (!atEnd(from)) {
    // Before the end there is a byte.
    const type = takeUint(from, 1) as number
    const data = takeVector(from, 2)
    if (data === null) return refuse('truncated')
    if (byType.has(type)) return refuse('duplicate')
    byType.set(type, data)
  }
  const index = byType.get(leafIndexType)
  if (index === undefined) return { ok: true, value: { leafIndex: null } }
  if (index.length !== leafIndexBytes) return refuse('badLeafIndex')
  return { ok: true, value: { leafIndex: takeUint(cursor(index), leafIndexBytes) } }
}

/** The leaf index that the log signed in the SCT; null where there is none, and where the extensions are no such list. */
export function leafIndexOf(extensions: Uint8Array): number | null {
  const decoded = decodeSctExtensions(extensions)
  return decoded.ok ? decoded.value.leafIndex : null
}

/** Eight bytes. @throws RangeError unless the index is an integer from 0 to 2^40-1. */
export function encodeLeafIndex(leafIndex: number): Uint8Array {
  return concat(uint(leafIndexType, 1), vector(uint(leafIndex, leafIndexBytes), 2))
}

function refuse(error: ExtensionError): Result<never, ExtensionError> {
  return { ok: false, error, detail: extensionErrors[error] }
}

// zod shapes that several messages share [WIRE-005, WIRE-006]. Invariant: what passes is in the kernel's own spelling, bounded in
// length; nothing is verified here.
import { z } from 'zod'
import { fromBase64, toHex } from '../../../machines/ct/bytes.ts'

/** A Merkle path of a tree of up to 2^63 leaves; a consistency proof has at most one element more. */
export const maxPathLength = 64

export const hash = z.string().regex(/^[0-9a-f]{64}$/)

export const size = z.int().min(0)

/** 32 bytes in canonical base64, as logs answer them; becomes hex. */
export const base64Hash = z.string().transform((text, context) => {
  const bytes = text.length === 44 ? fromBase64(text) : null
  if (bytes?.length === 32) return toHex(bytes)
  context.addIssue('not 32 bytes in canonical base64')
  return z.NEVER
})

/** The text is JSON in UTF-8 without a byte order mark, or undefined (which no shape accepts). */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** Where and why the first thing did not fit; never what was sent, but its place. */
export function misfit(error: z.ZodError): string {
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'body'}: ${issue?.code ?? 'invalid'}`
}

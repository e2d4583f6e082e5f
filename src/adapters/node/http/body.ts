// Reads a body while holding it to its byte and time limits, on either side of HTTP.
// Invariant: never more than `maxBytes` are kept, and nothing is waited for beyond `ms`.
import type { Readable } from 'node:stream'

export type BodyResult =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly error: 'bodyTooLarge' | 'timeout' }
  /** The connection ended before the body did. */
  | { readonly ok: false; readonly error: 'aborted'; readonly cause: Error }

/** The stream is left as it is on failure: whoever owns the connection decides how it ends. */
export function readBody(stream: Readable, maxBytes: number, ms: number): Promise<BodyResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const finish = (result: BodyResult): void => {
      clearTimeout(timer)
      stream.off('data', take).off('end', end).off('error', fail).off('close', gone)
      stream.on('error', () => {})
      resolve(result)
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size > maxBytes) finish({ ok: false, error: 'bodyTooLarge' })
      else chunks.push(chunk)
    }
    const end = (): void => finish({ ok: true, bytes: Buffer.concat(chunks, size) })
    const fail = (cause: Error): void => finish({ ok: false, error: 'aborted', cause })
    const gone = (): void => fail(new Error('the connection was closed'))
    const timer = setTimeout(() => finish({ ok: false, error: 'timeout' }), ms)
    stream.on('data', take).on('end', end).on('error', fail).on('close', gone)
  })
}

// Files that others write, and that may grow while they are read [CONS-008.2]. Invariant: whatever a file is or becomes, no more than one
// byte beyond the limit is read of it; its size is never asked for.
import { closeSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Answer } from '../../effects/ports.ts'

export type FileAnswer = Exclude<Answer<Uint8Array>, { readonly kind: 'refused' }>

/** A file's bytes; `malformed` where it is longer than `maxBytes`, `unreachable` where it cannot be read. */
export async function readBounded(path: string, maxBytes: number): Promise<FileAnswer> {
  try {
    await using file = await open(path)
    return await readOpen(file, maxBytes)
  } catch (error) {
    return unreadable(error)
  }
}

/** From where the file stands. @throws Error where it cannot be read. */
export async function readOpen(file: FileHandle, maxBytes: number): Promise<FileAnswer> {
  const bytes = new Uint8Array(maxBytes + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = (await file.read(bytes, length, bytes.length - length, null)).bytesRead
  }
  return within(bytes, length)
}

/** As `readBounded`, where the caller cannot wait. */
export function readBoundedSync(path: string, maxBytes: number): FileAnswer {
  try {
    const file = openSync(path, 'r')
    try {
      const bytes = new Uint8Array(maxBytes + 1)
      let length = 0
      for (let read = -1; read !== 0 && length < bytes.length; length += read) {
        read = readSync(file, bytes, length, bytes.length - length, null)
      }
      return within(bytes, length)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return unreadable(error)
  }
}

/** `bytes` has room for one byte more than the limit. */
function within(bytes: Uint8Array, length: number): FileAnswer {
  if (length === bytes.length) return { kind: 'malformed', detail: 'bodyTooLarge' }
  return { kind: 'ok', value: bytes.slice(0, length) }
}

function unreadable(error: unknown): FileAnswer {
  return { kind: 'unreachable', detail: String((error as NodeJS.ErrnoException).code) }
}

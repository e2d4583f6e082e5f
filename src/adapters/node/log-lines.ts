// Log lines to standard error, or wherever their file descriptor leads. Invariant: nothing waits for them and nothing fails with them; a
// line that could not be written is counted, and what is written are whole lines.
import { write as writeTo } from 'node:fs'

export interface LogLines {
  write(line: string): void
}

/** As `fs.write`. */
export type Write = (bytes: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void) => void

/** Beyond so many waiting bytes lines are lost: who reads them has stopped. */
export const maxWaitingBytes = 1024 * 1024
const retryMs = 100

const toStandardError: Write = (bytes, done) => writeTo(2, bytes, done)

/** `tell`: told how many were lost in all, once lines can be written again. */
export function logLines(tell: (lost: number) => void, write: Write = toStandardError): LogLines {
  const waiting: Buffer[] = []
  let bytes = 0
  let lost = 0
  let told = 0
  let busy = false
  /** The line that is being written has begun, and where it was given up there is no newline yet. */
  let begun = false

  function next() {
    const line = waiting[0]
    busy = line !== undefined
    if (line !== undefined) write(line, (error, written) => (error === null ? took(line, written) : failed(error)))
  }

  function took(line: Buffer, written: number) {
    bytes -= written
    begun = written < line.length
    if (begun) waiting[0] = line.subarray(written)
    else waiting.shift()
    if (lost > told) {
      told = lost
      tell(lost)
    }
    next()
  }

  /** A disk that is full now has room later, so the descriptor is tried again with the next line. */
  function failed({ code }: NodeJS.ErrnoException) {
    if (code === 'EAGAIN' || code === 'EBUSY') {
      setTimeout(next, retryMs).unref()
      return
    }
    lost += waiting.length
    waiting.length = 0
    bytes = 0
    busy = false
  }

  return {
    write(line) {
      const whole = Buffer.from(begun && waiting.length === 0 ? `\n${line}` : line)
      if (bytes + whole.length > maxWaitingBytes) {
        lost++
        return
      }
      waiting.push(whole)
      bytes += whole.length
      if (!busy) next()
    },
  }
}

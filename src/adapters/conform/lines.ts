// Bytes into lines [spec/conformance.md, Protocol: one line a message].
// Invariant: no more than one line's limit is ever kept, whatever is sent; after the first line too long nothing is reported.
import { StringDecoder } from 'node:string_decoder'

export interface LineListener {
  line(text: string): void
  tooLong(): void
}

/** Takes chunks; a line ends with LF. What follows the last LF is no line. */
export function lineSplitter(maxBytes: number, listener: LineListener): (chunk: Uint8Array) => void {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let length = 0
  let over = false

  function add(text: string): boolean {
    length += Buffer.byteLength(text)
    if (length > maxBytes) {
      over = true
      parts = []
      listener.tooLong()
      return false
    }
    parts.push(text)
    return true
  }

  return (chunk) => {
    if (over) return
    const text = decoder.write(chunk)
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      if (!add(text.slice(from, end))) return
      const line = parts.join('')
      parts = []
      length = 0
      from = end + 1
      listener.line(line)
    }
    if (from < text.length) add(text.slice(from))
  }
}

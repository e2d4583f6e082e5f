// The control port's lines, put together to replies and events [control-spec 2.3]. Invariant: a reader holds at most the limit of
// bytes, and after its first error it says nothing more.

/** One line of a reply; `data`: what follows a `+` line, its lines joined by a newline. */
export interface ControlLine {
  readonly text: string
  readonly data: string | null
}

/** `status`: of its last line. An event has 650. */
export interface ControlReply {
  readonly status: number
  readonly lines: readonly ControlLine[]
}

export interface ControlReader {
  push(chunk: Buffer): void
}

export interface ControlReaderEvents {
  readonly reply: (reply: ControlReply) => void
  readonly failed: (error: 'malformed' | 'tooLarge') => void
  /** How many bytes the reply that is being read may have. */
  readonly maxBytes: () => number
}

const newline = 0x0a

/** Characters are bytes (latin1), in `data` too. */
export function controlReader({ reply, failed, maxBytes }: ControlReaderEvents): ControlReader {
  let rest: Buffer = Buffer.alloc(0)
  let lines: ControlLine[] = []
  let data: { readonly text: string; readonly lines: string[] } | null = null
  let size = 0
  let broken = false

  const fail = (error: 'malformed' | 'tooLarge') => {
    broken = true
    rest = Buffer.alloc(0)
    lines = []
    data = null
    failed(error)
  }

  const take = (line: string) => {
    if (data !== null) return takeData(data, line)
    const [, status, mark, text = ''] = /^([1-9][0-9]{2})([-+ ])(.*)$/s.exec(line) ?? []
    if (status === undefined) return fail('malformed')
    if (mark === '+') {
      data = { text, lines: [] }
      return
    }
    lines.push({ text, data: null })
    if (mark === '-') return
    const done = lines
    lines = []
    size = 0
    reply({ status: Number(status), lines: done })
  }

  const takeData = (open: { readonly text: string; readonly lines: string[] }, line: string) => {
    if (line !== '.') return void open.lines.push(line.startsWith('.') ? line.slice(1) : line)
    lines.push({ text: open.text, data: open.lines.join('\n') })
    data = null
  }

  return {
    push(chunk) {
      if (broken) return
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let from = 0
      for (let end = rest.indexOf(newline); end !== -1 && !broken; end = rest.indexOf(newline, from)) {
        size += end + 1 - from
        if (size > maxBytes()) return fail('tooLarge')
        const line = rest.toString('latin1', from, end)
        from = end + 1
        take(line.endsWith('\r') ? line.slice(0, -1) : line)
      }
      if (broken) return
      rest = rest.subarray(from)
      if (size + rest.length > maxBytes()) fail('tooLarge')
    },
  }
}

// Demo: one line that says how far it is; on a terminal it is redrawn, elsewhere printed now and then.
// Invariant: it writes to stderr alone, so that the table on stdout can be piped.

export interface Progress {
  step(text: string): void
  update(text: string): void
  done(): void
}

/** `everyMs`: how often a line is printed where stderr is no terminal. */
export function progress(startedAt: number, everyMs = 2000): Progress {
  const terminal = process.stderr.isTTY === true
  let last = 0
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s`
  const line = (text: string) => `${seconds()}  ${text}`
  return {
    step: (text) => process.stderr.write(`${terminal ? '\r\x1b[K' : ''}${line(text)}\n`),
    update(text) {
      if (terminal) process.stderr.write(`\r\x1b[K${line(text)}`)
      else if (Date.now() - last >= everyMs) {
        last = Date.now()
        process.stderr.write(`${line(text)}\n`)
      }
    },
    done: () => process.stderr.write(terminal ? '\r\x1b[K' : ''),
  }
}

// Progress on standard error, for runs of more than two seconds. Invariant: at most one line in two seconds where it is no terminal.

const firstMs = 2000

/** Called after each of `all` vectors. */
export function progress(stream: NodeJS.WriteStream): (done: number, all: number) => void {
  const begun = performance.now()
  let last = begun
  return (done, all) => {
    const now = performance.now()
    if (now - last < (stream.isTTY && last !== begun ? 200 : firstMs)) return
    last = now
    const text = `${done} of ${all} vectors, ${((now - begun) / 1000).toFixed(0)} s`
    stream.write(stream.isTTY ? `\r${text}${done === all ? '\n' : ''}` : `${text}\n`)
  }
}

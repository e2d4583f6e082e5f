// How a daemon comes up and goes down. Invariant: what was opened is closed in reverse order, also where a later part failed to open
// or an earlier one fails to close.

/** `close` of each part, as it was opened. */
export interface Opened {
  /** Remembers what undoes an opening. */
  add(close: () => unknown): void
  /** Closes everything once, last opened first. @throws AggregateError of what failed, after the rest was closed. */
  close(): Promise<void>
}

export function opened(): Opened {
  const closers: (() => unknown)[] = []
  return {
    add: (close) => {
      closers.push(close)
    },
    async close() {
      const failures: unknown[] = []
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        try {
          await close()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'parts of the daemon did not close')
    },
  }
}

/** Runs `start`; what it opened is closed again if it throws. */
export async function startWith<T>(start: (open: Opened) => Promise<T>): Promise<T> {
  const open = opened()
  try {
    return await start(open)
  } catch (error) {
    await open.close().catch(() => {})
    throw error
  }
}

/** A stop that any number of callers may ask for: it runs once. */
export function once(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined
  return () => {
    stopped ??= stop()
    return stopped
  }
}

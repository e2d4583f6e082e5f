// What the fuzzing thread and its watcher share. Invariant: only the thread writes.

export interface Work {
  /** URL of a module that exports `targets`. */
  readonly module: string
  readonly name: string
  readonly seed: number
  readonly runs: number
  readonly seconds: number
  /** How many executions began, the length of the input, the input. */
  readonly shared: SharedArrayBuffer
  /** Where the code under test lies, as a part of its URL. */
  readonly under: string
}

/** The first two are places in an Int32Array, the third is an offset in bytes. */
export const header = { begun: 0, length: 1, bytes: 8 } as const

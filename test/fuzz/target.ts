// What a fuzz target is: bytes of a stranger, and what must hold for each of them.
// Invariant: `run` throws for a defect and for nothing else; what a decoder refuses with a code of its closed set is no defect.

export interface Target {
  readonly name: string
  /** Valid and nearly valid inputs, from the vectors and the real data. */
  readonly seeds: () => readonly Uint8Array[]
  readonly run: (input: Uint8Array) => void
}

/** The result's value, or null where it was refused with a code of the closed set. */
export function accepted<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string },
  codes: readonly string[],
): T | null {
  if (result.ok) return result.value
  if (!codes.includes(result.error)) throw new Error(`an error outside the closed set: ${String(result.error)}`)
  return null
}

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

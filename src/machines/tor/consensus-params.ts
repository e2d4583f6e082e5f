// `params` of a consensus and of our documents: names with Int32 values [dir-spec 3.4.1, CONS-001, CONS-002.2].
// Invariant: a value that is read is an Int32 in its only spelling, and no name occurs twice.
export const maxParams = 1024

/** In any order. */
export function readParams(
  args: readonly string[],
  limit: number = maxParams,
): Readonly<Record<string, number>> | 'badLine' | 'duplicate' | 'tooMany' {
  if (args.length > limit) return 'tooMany'
  const params = new Map<string, number>()
  for (const arg of args) {
    const [, name, value] = /^([A-Za-z0-9_-]{1,64})=(0|-?[1-9][0-9]{0,9})$/.exec(arg) ?? []
    if (name === undefined || Number(value) !== (Number(value) | 0)) return 'badLine'
    if (params.has(name)) return 'duplicate'
    params.set(name, Number(value))
  }
  return Object.fromEntries(params)
}

// `params` of a consensus and of our documents: names with Int32 values [dir-spec 3.4.1, CONS-001, CONS-002.2].
// Invariant: a value that is read is an Int32 in its only spelling, and no name occurs twice.
export const maxParams = 1024

const parameter = /^[A-Za-z0-9_-]{1,64}=-?[0-9]+$/

/** In any order. */
export function readParams(
  args: readonly string[],
  limit: number = maxParams,
): Readonly<Record<string, number>> | 'badLine' | 'duplicate' | 'tooMany' {
  if (args.length > limit) return 'tooMany'
  const params = new Map<string, number>()
  for (const arg of args) {
    if (!parameter.test(arg)) return 'badLine'
    const [name, text] = arg.split('=') as [string, string]
    const value = Number(text) | 0
    if (String(value) !== text) return 'badLine'
    if (params.has(name)) return 'duplicate'
    params.set(name, value)
  }
  return Object.fromEntries(params)
}

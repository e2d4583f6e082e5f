// Arbitrary values of the vocabulary's schemas, by walking them: for tests of the kit's translation, whatever the alphabet.
import fc from 'fast-check'
import type { z } from 'zod'

// biome-ignore lint/suspicious/noExplicitAny: zod has no public type for all of its definitions together.
type Definition = any

/** Few of them, so that events of one trace meet. */
const ids = ['1', '2', '3'].map((digit) => digit.repeat(64))

export function arbitraryOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const known = schema as Definition
  const { def }: Definition = schema._zod
  switch (def.type) {
    case 'readonly':
      return arbitraryOf(def.innerType)
    case 'nullable':
      return fc.option(arbitraryOf(def.innerType), { nil: null })
    case 'optional':
      return fc.option(arbitraryOf(def.innerType), { nil: undefined })
    case 'boolean':
      return fc.boolean()
    case 'number':
      return numberOf(known)
    case 'literal':
      return fc.constantFrom(...def.values)
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries as Record<string, string>))
    case 'string':
      return textOf(known)
    case 'array':
      return fc.array(arbitraryOf(def.element), { maxLength: 3 })
    case 'record':
      return fc.dictionary(arbitraryOf(def.keyType) as fc.Arbitrary<string>, arbitraryOf(def.valueType), { maxKeys: 3 })
    case 'union':
      return fc.oneof(...def.options.map(arbitraryOf))
    case 'object':
      return fc
        .record(
          Object.fromEntries(Object.entries(def.shape).map(([name, member]) => [name, arbitraryOf(member as never)])),
        )
        .map((object) => Object.fromEntries(Object.entries(object).filter(([, member]) => member !== undefined)))
    default:
      throw new Error(`no arbitrary for ${def.type}`)
  }
}

function numberOf({ minValue, maxValue, isInt }: Definition): fc.Arbitrary<number> {
  if (!isInt) return fc.integer({ min: 0, max: 4000 }).map((quarters) => quarters / 4)
  return fc.oneof(
    fc.integer({ min: Math.max(minValue, -300), max: Math.min(maxValue, 300) }),
    fc.maxSafeNat().map((value) => Math.min(value, maxValue)),
  )
}

function textOf({ def, minLength, maxLength }: Definition): fc.Arbitrary<string> {
  const pattern: RegExp | undefined = (def.checks ?? [])
    .map((check: Definition) => check._zod.def.pattern)
    .find(Boolean)
  if (pattern === undefined) return fc.string({ minLength: minLength ?? 0, maxLength: Math.min(maxLength ?? 20, 20) })
  if (pattern.test(ids[0] ?? '')) return fc.constantFrom(...ids)
  return pattern.test(`${ids[0]}:${ids[0]}`)
    ? fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)).map((parts) => parts.join(':'))
    : fc.stringMatching(pattern)
}

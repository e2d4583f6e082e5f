// What an L0 function is made of [spec/functions.md]: a schema of its input and a pure function of it.
// Invariant: an answer is a value or a code of a closed set; an input that does not fit the schema is the vector's fault, not an answer.
import { z } from 'zod'
import type { Result } from '../../../machines/ct/types.ts'
import { fromWire, toWireObject, type WireObject } from '../json.ts'

export type FunctionAnswer = { readonly ok: WireObject } | { readonly error: string } | { readonly misfit: string }

export interface ConformFunction {
  readonly input: z.ZodType
  /** Takes and answers plain data, not yet in the JSON subset. */
  readonly run: (input: never) => Outcome
}

export type Outcome = { readonly ok: object } | { readonly error: string }

export function define<I>(input: z.ZodType<I>, run: (input: I) => Outcome): ConformFunction {
  return { input, run }
}

export function call({ input, run }: ConformFunction, given: WireObject): FunctionAnswer {
  const parsed = fromWire(input, given)
  if (!parsed.ok) return { misfit: parsed.detail }
  const outcome = run(parsed.value as never)
  return 'ok' in outcome ? { ok: toWireObject(outcome.ok) } : outcome
}

/** A kernel's result as an answer; `shape` makes an object of its value. @throws where an error lacks its sentence for people. */
export function answer<T>(result: Result<T, string>, shape: (value: T) => object): Outcome {
  if (!result.ok && result.detail === '') throw new Error(`the error ${result.error} says nothing`)
  return result.ok ? { ok: shape(result.value) } : { error: result.error }
}

/** In the JSON subset: hex. */
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes')
export const bytesOf = (length: number) => bytes.refine((value) => value.length === length, `${length} bytes`)
/** Any whole number up to 64 bits: whether it is too large is the function's to say. */
export const anyNumber = z.number().nonnegative().refine(Number.isInteger, 'a whole number')

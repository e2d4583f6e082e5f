// L0 functions about static-ct logs [WIRE-013]. Invariant: each one is the kernel's own function behind a schema.
import { z } from 'zod'
import { decodeSctExtensions } from '../../../machines/ct/extensions.ts'
import { answer, bytes, type ConformFunction, define } from './define.ts'

export const staticCtFunctions: Readonly<Record<string, ConformFunction>> = {
  decodeSctExtensions: define(z.strictObject({ bytes }), (given) =>
    answer(decodeSctExtensions(given.bytes), (value) => value),
  ),
}

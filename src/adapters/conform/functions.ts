// The L0 functions by name, as spec/functions.md lists them.
// Invariant: a name is never renamed or reused: vectors carry it.
import { choiceFunctions } from './functions/choices.ts'
import type { ConformFunction } from './functions/define.ts'
import { evidenceFunctions } from './functions/evidence.ts'
import { proofFunctions } from './functions/proofs.ts'
import { sfoFunctions } from './functions/sfos.ts'
import { staticCtFunctions } from './functions/static-ct.ts'
import { torFunctions } from './functions/tor.ts'
import { torDirectoryFunctions } from './functions/tor-directory.ts'

export { type ConformFunction, call, type FunctionAnswer } from './functions/define.ts'

export const functions: Readonly<Record<string, ConformFunction>> = {
  ...sfoFunctions,
  ...proofFunctions,
  ...staticCtFunctions,
  ...evidenceFunctions,
  ...torFunctions,
  ...torDirectoryFunctions,
  ...choiceFunctions,
}

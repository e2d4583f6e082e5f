// This implementation, as what is under test. Invariant: it claims what the registries hold and nothing else.
import { packageVersion } from '../cli/version.ts'
import { functions } from './functions.ts'
import { machines } from './machines.ts'
import { type Level, levels } from './protocol.ts'
import type { SutParts } from './sut.ts'

export function ownSut(only: readonly Level[] = levels): SutParts {
  return { name: 'ctor', version: packageVersion(), levels: only, functions, machines }
}

// All targets: one a parser or decoder of bytes that a stranger may have written.
// Invariant: a name is a name for good, as frozen inputs lie under it.
import type { Target } from './target.ts'
import { certificateTargets } from './targets/certificates.ts'
import { localTargets } from './targets/local.ts'
import { logTargets } from './targets/logs.ts'
import { sfoTargets } from './targets/sfos.ts'
import { torTargets } from './targets/tor.ts'

export const targets: readonly Target[] = [
  ...sfoTargets,
  ...certificateTargets,
  ...logTargets,
  ...torTargets,
  ...localTargets,
]

// All targets: one a parser or decoder of bytes that a stranger may have written.
// Invariant: a name is a name for good, as frozen inputs lie under it.
import type { Target } from './target.ts'
import { certificateTargets } from './targets/certificates.ts'
import { listTargets } from './targets/lists.ts'
import { localTargets } from './targets/local.ts'
import { logTargets } from './targets/logs.ts'
import { sfoTargets } from './targets/sfos.ts'
import { tileTargets } from './targets/tiles.ts'
import { torTargets } from './targets/tor.ts'
import { torLocalTargets } from './targets/tor-local.ts'

export const targets: readonly Target[] = [
  ...sfoTargets,
  ...certificateTargets,
  ...logTargets,
  ...tileTargets,
  ...listTargets,
  ...torTargets,
  ...torLocalTargets,
  ...localTargets,
]

// What a submitted SFO is worth, and whether it is known [AUD-103, AUD-005, AUD-011]. Invariant: one verdict an object, in their order.

import type { Judged } from '../../machines/auditor/types.ts'
import type { SfoError } from '../../machines/ct/errors.ts'
import { sfoErrorClass } from '../../machines/ct/errors.ts'
import { encodeSfoBody } from '../../machines/ct/sfo.ts'
import type { Log, Result, Sfo, SfoId } from '../../machines/ct/types.ts'
import { type ValidateSfo, validator } from '../../machines/ct/validate.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import { pause } from '../deadline.ts'
import { logIndex } from '../log-index.ts'
import type { AuditorWorld } from './world.ts'

export interface Judgements {
  readonly items: readonly Judged[]
  /** The canonical body of each SFO that is valid. */
  readonly bodies: ReadonlyMap<SfoId, Uint8Array>
}

/** SFOs that are validated before other work gets its turn. */
const batch = 8

/** `consensus`: the one for all of them, also where it ends meanwhile [CONS-001.10]. */
export type Judge = (objects: readonly Result<Sfo, SfoError>[], consensus: Consensus) => Promise<Judgements>

export function judgeOf(world: AuditorWorld): Judge {
  const validate: ValidateSfo = validator(world.crypto, { cacheSize: world.limits.issuerCache })
  const logOf = logIndex()

  function judge(object: Result<Sfo, SfoError>, consensus: Consensus, bodies: Map<SfoId, Uint8Array>): Judged {
    if (!object.ok) return { verdict: 'invalid', class: sfoErrorClass(object.error) }
    const log = logOf(consensus, object.value.sct.logId)
    const valid = validate(log, object.value, world.clock.now())
    if (!valid.ok) return { verdict: 'invalid', class: sfoErrorClass(valid.error) }
    const { sfoId } = valid.value
    bodies.set(sfoId, encodeSfoBody([object.value]))
    // What is valid is of a log that is listed.
    const { mmd } = log as Log
    const times = { mmd, graceMs: Math.max(mmd, world.config.graceMs) }
    return { verdict: 'valid', ...valid.value, known: world.store.lookup(sfoId), ...times }
  }

  return async (objects, consensus) => {
    const items: Judged[] = []
    const bodies = new Map<SfoId, Uint8Array>()
    for (const [n, object] of objects.entries()) {
      if (n > 0 && n % batch === 0) await pause(world.clock, world.signal, 0)
      items.push(judge(object, consensus, bodies))
    }
    return { items, bodies }
  }
}

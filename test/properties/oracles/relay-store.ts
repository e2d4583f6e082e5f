// The relay's memory store, as its effects fill and empty it: an interpreter that does nothing but what they say.
import type { Observed } from '../../../src/machines/relay/invariants.ts'

export function newStore() {
  const sfos = new Set<string>()
  const pairs = new Set<string>()
  return {
    sfos,
    pairs,
    obey({ event, step }: Observed): void {
      if (event.type === 'sfo' && step.disposition === 'accepted') sfos.add(event.sfo.sfoId)
      for (const effect of step.effects) {
        if (effect.type === 'forgetSfos' || effect.type === 'emptyBuckets')
          for (const id of effect.sfoIds) sfos.delete(id)
        if (effect.type === 'keepPair') pairs.add(effect.pair.leafId)
        if (effect.type === 'forgetPairs' || effect.type === 'forgetProofs')
          for (const id of effect.leafIds) pairs.delete(id)
      }
    },
  }
}

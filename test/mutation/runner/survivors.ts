// A reporter for Stryker that prints each survivor as soon as it is known, on one line: a long run can be worked on while it lasts.
import type { MutantResult, schema } from '@stryker-mutator/api/core'
import type { Reporter } from '@stryker-mutator/api/report'

const lived: readonly schema.MutantStatus[] = ['Survived', 'NoCoverage', 'RuntimeError']

export function survivors(): Reporter {
  return {
    onMutantTested({ fileName, location, mutatorName, replacement, status }: Readonly<MutantResult>) {
      if (!lived.includes(status)) return
      const text = replacement.replaceAll(/\s+/g, ' ').slice(0, 120)
      console.log(`${status} ${fileName}:${location.start.line}:${location.start.column} ${mutatorName}: ${text}`)
    },
  }
}

// `npm run check`: what must hold before a commit lands, its steps side by side. Quiet unless something fails.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runStages, type Stage, table } from './stages.ts'

const stages: readonly Stage[] = [
  { name: 'typecheck', command: 'npm run -s typecheck' },
  { name: 'lint', command: 'npm run -s lint' },
  { name: 'boundaries', command: 'npm run -s boundaries' },
  { name: 'generate', command: 'npm run -s generate -- --check' },
  { name: 'unit', command: 'npm run -s test:unit' },
]

const began = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'ctor-check-'))
const outcomes = await runStages(stages, folder, () => process.env, 'failed')
rmSync(folder, { recursive: true })
console.log(`\n${table(outcomes, (performance.now() - began) / 1000)}`)
process.exitCode = outcomes.length === stages.length && outcomes.every(({ status }) => status === 0) ? 0 : 1

// `npm run generate`: draws the machines into spec/machines and the README, the metrics' table into docs/operating.md, and takes the
// requirements out of the specification, with what covers them. Invariant: what is written depends on code and prose alone, so that --check can tell.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { metricNames } from '../../effects/metrics.ts'
import { circuitMachine } from '../../machines/auditor/circuit.ts'
import { logViewMachine } from '../../machines/auditor/log-view.ts'
import { reportMachine } from '../../machines/auditor/report.ts'
import { roundMachine } from '../../machines/auditor/round.ts'
import { sfoMachine } from '../../machines/auditor/sfo.ts'
import { mermaid } from '../../machines/kernel/diagram.ts'
import { relayMachine } from '../../machines/relay/machine.ts'
import { pageFile } from '../coverage/page.ts'
import { coverageIn } from '../coverage/read.ts'
import { adapterMetrics } from '../node/metrics.ts'
import { requirementsIn } from './requirements.ts'

const machines = [relayMachine, sfoMachine, roundMachine, circuitMachine, logViewMachine, reportMachine]
const root = fileURLToPath(new URL('../../../', import.meta.url))

interface Generated {
  /** By path from the project's root. */
  readonly files: ReadonlyMap<string, string>
  /** What the requirements lack [spec/coverage.md]. */
  readonly faults: readonly string[]
}

/** Every generated file with its content, and what is wrong with the requirements' coverage. */
export function generated(): Generated {
  const files = new Map<string, string>()
  let readme = readFileSync(`${root}README.md`, 'utf8')
  for (const machine of machines) {
    files.set(`spec/machines/${machine.id}.mmd`, mermaid(machine))
    files.set(`spec/machines/${machine.id}.json`, `${JSON.stringify(machine.logic.definition, null, 2)}\n`)
    const section = new RegExp(`(<!-- diagram ${machine.id} -->\n)[\\s\\S]*?(<!-- end -->)`)
    readme = readme.replace(section, (_, begin, end) => `${begin}\n\`\`\`mermaid\n${mermaid(machine)}\`\`\`\n\n${end}`)
  }
  const operations = readFileSync(`${root}docs/operating.md`, 'utf8')
  const table = operations.replace(
    /(<!-- metrics -->\n)[\s\S]*?(<!-- end -->)/,
    (_, b, e) => `${b}\n${metricsTable()}\n${e}`,
  )
  const requirements = requirementsIn(root)
  files.set('spec/requirements.json', `${JSON.stringify(requirements, null, 2)}\n`)
  const { page, faults } = coverageIn(root, requirements)
  return { files: files.set(pageFile, page).set('README.md', readme).set('docs/operating.md', table), faults }
}

function metricsTable(): string {
  const rows = Object.entries({ ...metricNames, ...adapterMetrics }).map(
    ([name, { type, labels, help }]) => `| \`${name}\` | ${type} | ${labels.join(', ') || '-'} | ${help} |\n`,
  )
  return `| metric | type | labels | what |\n| --- | --- | --- | --- |\n${rows.join('')}`
}

if (import.meta.main) {
  const { files, faults } = generated()
  const stale = [...files].filter(([path, text]) => read(path) !== text)
  const check = process.argv.includes('--check')
  mkdirSync(`${root}spec/machines`, { recursive: true })
  for (const [path, text] of stale) {
    if (check) console.error(`${path} is not current: run npm run generate`)
    else writeFileSync(root + path, text)
  }
  if (!check) console.log(`${stale.length} files written anew`)
  for (const fault of faults) console.error(fault)
  process.exitCode = check && stale.length + faults.length > 0 ? 1 : 0
}

function read(path: string): string | undefined {
  try {
    return readFileSync(root + path, 'utf8')
  } catch {
    return undefined
  }
}

// `npm run diagrams`: draws the machines into spec/machines and the README. With --check, only says whether they are current.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { circuitMachine } from '../../machines/auditor/circuit.ts'
import { logViewMachine } from '../../machines/auditor/log-view.ts'
import { reportMachine } from '../../machines/auditor/report.ts'
import { roundMachine } from '../../machines/auditor/round.ts'
import { sfoMachine } from '../../machines/auditor/sfo.ts'
import { mermaid } from '../../machines/kernel/diagram.ts'
import { relayMachine } from '../../machines/relay/machine.ts'

const machines = [relayMachine, sfoMachine, roundMachine, circuitMachine, logViewMachine, reportMachine]
const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Every generated file with its content, by path from the project's root. */
export function drawings(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  let readme = readFileSync(`${root}README.md`, 'utf8')
  for (const machine of machines) {
    files.set(`spec/machines/${machine.id}.mmd`, mermaid(machine))
    files.set(`spec/machines/${machine.id}.json`, `${JSON.stringify(machine.logic.definition, null, 2)}\n`)
    const section = new RegExp(`(<!-- diagram ${machine.id} -->\n)[^]*?(<!-- end -->)`)
    readme = readme.replace(section, (_, begin, end) => `${begin}\n\`\`\`mermaid\n${mermaid(machine)}\`\`\`\n\n${end}`)
  }
  return files.set('README.md', readme)
}

if (import.meta.main) {
  const stale = [...drawings()].filter(([path, text]) => read(path) !== text)
  const check = process.argv.includes('--check')
  mkdirSync(`${root}spec/machines`, { recursive: true })
  for (const [path, text] of stale) {
    if (check) console.error(`${path} is not what the machines draw: run npm run diagrams`)
    else writeFileSync(root + path, text)
  }
  if (!check) console.log(`${stale.length} files drawn anew`)
  process.exitCode = check && stale.length > 0 ? 1 : 0
}

function read(path: string): string | undefined {
  try {
    return readFileSync(root + path, 'utf8')
  } catch {
    return undefined
  }
}

// `npm run tutorial`: does what spec/IMPLEMENTING.md says, in an empty folder, and compares what it shows with what happens.
// Invariant: every `file=` block is written and every `sh` block run, in the page's order; what is shown is compared but for `…`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Block {
  /** What stands behind the fence. */
  readonly info: string
  readonly text: string
  readonly line: number
}

const root = fileURLToPath(new URL('..', import.meta.url))
const page = 'spec/IMPLEMENTING.md'

export function blocksOf(markdown: string): readonly Block[] {
  return Array.from(markdown.matchAll(/^```(\S.*)\n([\s\S]*?)^```$/gm), ({ 1: info = '', 2: text = '', index }) => ({
    info,
    text,
    line: markdown.slice(0, index).split('\n').length,
  }))
}

/** `…` stands for anything within a line, and alone on a line for any lines. */
export function isShown(shown: string, printed: string): boolean {
  const lines = shown
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(literal).join('.*')}\n`))
  return new RegExp(`^${lines.join('').slice(0, -1)}$`).test(printed)
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function main(): number {
  if (spawnSync('python3', ['--version']).status !== 0) {
    console.log(`not run: ${page} needs python3, which is not here`)
    return 0
  }
  const folder = mkdtempSync(join(tmpdir(), 'ctor-tutorial-'))
  try {
    return follow(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What `sh setup` blocks do is done already: the clone is installed, and this is how its commands are found. */
function run(command: string, folder: string): string {
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` }
  const inClone = { ...env, CTOR: join(root, 'bin/ctor.js'), PYTHONDONTWRITEBYTECODE: '1' }
  return spawnSync('bash', ['-c', command], { cwd: folder, env: inClone, encoding: 'utf8', timeout: 300_000 }).stdout
}

function follow(folder: string): number {
  let [files, commands, compared] = [0, 0, 0]
  let printed = ''
  for (const { info, text, line } of blocksOf(readFileSync(join(root, page), 'utf8'))) {
    const [, file] = /^\w+ file=(\S+)$/.exec(info) ?? []
    if (file !== undefined) {
      writeFileSync(join(folder, basename(file)), text)
      files++
    } else if (info === 'sh') {
      printed = run(text, folder)
      commands++
      console.log(`${page}:${line}: ${text.trimEnd().split('\n').join('; ').slice(0, 100)}`)
    } else if (info === 'text') {
      compared++
      if (isShown(text, printed)) continue
      console.log(`${page}:${line}: shown\n${text}printed\n${printed}`)
      return 1
    } else if (info !== 'sh setup') {
      console.log(`${page}:${line}: a block of an unknown kind: ${info}`)
      return 1
    }
  }
  console.log(`${page}: ${files} files written, ${commands} commands run, ${compared} outputs as shown`)
  return commands > 0 && commands === compared ? 0 : 1
}

if (import.meta.main) process.exitCode = main()

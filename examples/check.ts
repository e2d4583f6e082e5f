// `npm run examples`: examples/go is vetted, formatted and built, and passes every vector that it claims; some bugs of examples/broken are
// caught through the pipe as well. Invariant: exit status 0 only if all that ran went as it must; without Go its part is told as not run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const go = join(root, 'examples/go')
const ctor = join(root, 'bin/ctor.js')

/** One of each level and machine; test/conform/broken.test.ts has them all, without a pipe. */
const bugs: readonly (readonly [bug: string, requirement: string])[] = [
  ['coin-at-the-edge', 'RELAY-111'],
  ['never-evicts', 'RELAY-011'],
  ['first-hiccup', 'AUD-116'],
]

interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly status: number
  /** Standard output must be empty, as that of `gofmt -l`. */
  readonly silent?: boolean
}

function checks(folder: string, hasGo: boolean): readonly Check[] {
  const binary = join(folder, 'ctor-go')
  const conform = (sut: string, ...more: readonly string[]) =>
    [process.execPath, ctor, 'conform', '--sut', sut, ...more] as const
  const ofGo: readonly Check[] = [
    { name: 'go vet', command: ['go', 'vet', './...'], cwd: go, status: 0 },
    { name: 'gofmt -l', command: ['gofmt', '-l', '.'], cwd: go, status: 0, silent: true },
    { name: 'go build', command: ['go', 'build', '-o', binary, '.'], cwd: go, status: 0 },
    { name: 'examples/go passes what it claims', command: conform(`"${binary}"`), cwd: root, status: 0 },
  ]
  const broken = bugs.map(([bug, requirement]): Check => {
    const sut = `"${process.execPath}" examples/broken/main.ts --bug ${bug}`
    const command = conform(sut, '--filter', `${requirement}*`)
    return { name: `examples/broken ${bug} is caught`, command, cwd: root, status: 1 }
  })
  return [...(hasGo ? ofGo : []), ...broken]
}

/** With the whole output where it did not go as it must. */
function passes({ name, command: [program, ...args], cwd, status, silent = false }: Check): boolean {
  const from = performance.now()
  const ran = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 1_200_000, maxBuffer: 2 ** 28 })
  const ok = ran.status === status && (!silent || ran.stdout === '')
  const last = ran.stdout?.trimEnd().split('\n').at(-1) ?? ''
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)${ok && last !== '' ? `: ${last}` : ''}`)
  if (!ok) console.log(`status ${ran.status}, wanted ${status}\n${ran.stdout}${ran.stderr}${ran.error ?? ''}`)
  return ok
}

function main(): number {
  const hasGo = spawnSync('go', ['version']).status === 0
  if (!hasGo) console.log('not run: examples/go needs the Go toolchain, which is not here')
  const folder = mkdtempSync(join(tmpdir(), 'ctor-examples-'))
  try {
    const failed = checks(folder, hasGo).filter((check) => !passes(check))
    console.log(failed.length === 0 ? 'all as it must be' : `${failed.length} failed`)
    return failed.length === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = main()

// `ctor conform` and `ctor sut` as processes: exit status, output, reports, the ratchet of known failures, wrong usage.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fixtureFolder } from './fixtures/read.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const ctor = join(root, 'bin/ctor.js')
const own = `'${process.execPath}' ${ctor} sut`
const hostile = (mode: string) => `"${process.execPath}" ${join(root, 'test/conform/suts/hostile.ts')} ${mode}`
const folder = mkdtempSync(join(tmpdir(), 'conform-'))
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** Told of runs of more than two seconds, which one of a few vectors is only under load. */
const progress = /^\d+ of \d+ vectors, \d+ s\n/gm

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function run(args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [ctor, ...args], (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr: stderr.replace(progress, '') }),
    )
    child.stdin?.end(input)
  })
}

const conform = (...args: readonly string[]) => run(['conform', '--vectors', fixtureFolder, ...args])

test('this implementation passes: status 0, a row per requirement, three reports', async () => {
  const out = join(folder, 'reports')
  const { status, stdout, stderr } = await conform('--sut', own, '--report', out)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^requirement +passed +failed +errored +skipped\nAUD-009\.2 +1 +0 +0 +0\n/)
  expect(stdout).toMatch(/\nRELAY-111\.3 +2 +0 +0 +0\n/)
  expect(stdout).toMatch(/\nctor [^:]+: 8 executed, 8 passed, .* all as expected \(0\)\n$/)
  const json = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
  expect(json).toMatchObject({ protocol: '1', exitCode: 0, executed: 8, faults: [], sut: { name: 'ctor' } })
  expect(json.vectors.map(({ id }: { id: string }) => id)).not.toContain('L0-sct-0002')
  expect(readFileSync(join(out, 'report.xml'), 'utf8')).toContain('<testsuite name="L1.relay" tests="2" failures="0"')
  expect(readFileSync(join(out, 'report.html'), 'utf8')).not.toMatch(/<script|src=|href="[^#]|url\(/)
})

test('a mismatch: status 1, with path, expected and given', async () => {
  const out = join(folder, 'mismatch')
  const { status, stdout } = await conform('--sut', hostile('polite'), '--filter', 'WIRE-012', '--report', out)
  expect(status).toBe(1)
  expect(stdout).toContain('L0-due-0001 failed (dueAt; WIRE-012.1, AUD-011): ')
  expect(stdout).toContain('  ok: expected {"dueAt":"1100"}, given nothing\n  error: expected nothing, given "wrong"\n')
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('<code>{&quot;dueAt&quot;:&quot;1100&quot;}</code>')
  expect(readFileSync(join(out, 'report.xml'), 'utf8')).toContain('<failure message="failed">')
})

test('a broken protocol: status 2; nothing executed: status 3; a filter that matches nothing likewise', async () => {
  const broken = await conform('--sut', hostile('junk'), '--level', 'L0')
  expect(broken.status).toBe(2)
  expect(broken.stdout).toContain('protocol: notMessage: no message of the protocol: "Segmentation fault"\n')
  expect((await conform('--sut', hostile('skips'))).status).toBe(3)
  expect((await conform('--sut', own, '--filter', 'NOTHING-*')).status).toBe(3)
})

test('the standard error of the implementation is passed through', async () => {
  expect((await conform('--sut', hostile('chattyOnStderr'))).stderr).toBe('about to work\n')
})

test('known failures are expected, and one that passes fails the run', async () => {
  const wrong = ['--sut', hostile('polite'), '--filter', 'L0-coin*']
  const both = file('both', '# for now\nL0-coin-0001\nL0-coin-0002 # the edge\n')
  expect((await conform(...wrong, '--known-failures', both)).status).toBe(0)
  const one = file('one', 'L0-coin-0001\n')
  expect((await conform(...wrong, '--known-failures', one)).status).toBe(1)
  const passes = await conform('--sut', own, '--filter', 'L0-coin*', '--known-failures', one)
  expect(passes.status).toBe(1)
  expect(passes.stdout).toContain('L0-coin-0001 passed, but is listed as a known failure')
  const stale = await conform(...wrong, '--known-failures', file('stale', '\nL0-gone-0001\n'))
  expect(stale).toMatchObject({ status: 2, stderr: expect.stringContaining('stale:2: no vector L0-gone-0001') })
})

test('wrong usage: status 2 and one sentence', async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], 'error: --sut: the command of an implementation is wanted\n'],
    [['--sut', 'sut "open'], 'error: --sut: a quote " is not closed\n'],
    [['--sut', '  '], 'error: --sut: no command\n'],
    [['--sut', 'x', '--vectors', '/nowhere'], 'error: --vectors: /nowhere: no such folder\n'],
    [
      ['--sut', 'x', '--timeout', '0'],
      "error: option '--timeout <ms>' argument '0' is invalid. An integer from 1 to 3600000 is wanted.\n",
    ],
    [
      ['--sut', 'x', '--level', 'L7'],
      "error: option '--level <level>' argument 'L7' is invalid. Allowed choices are L0, L1.\n",
    ],
  ]
  for (const [args, stderr] of cases) expect(await conform(...args)).toEqual({ status: 2, stdout: '', stderr })
})

test('--list names the vectors chosen and needs no implementation', async () => {
  const { status, stdout } = await conform('--list', '--filter', 'RELAY-1*')
  expect(status).toBe(0)
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
    'L0-coin-0001',
    'L0-coin-0002',
    'L1-relay-0002',
    '',
  ])
})

test('ctor sut answers each message in order, and what is none with errored; --level claims one level', async () => {
  const coin = { type: 'run', id: 'a', level: 'L0', function: 'coin', input: { draw: '5', k: '1', n: '2' } }
  const messages = [{ type: 'start', protocol: '1' }, coin, { ...coin, id: 'b', function: 'dice' }, { id: 'c' }]
  const input = `${messages.map((message) => JSON.stringify(message)).join('\n')}\nnot JSON\n{"type":"stop"}\n`
  const { status, stdout } = await run(['sut', '--level', 'L0'], input)
  expect(status).toBe(0)
  const [started, ...answers] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(started).toMatchObject({ type: 'started', protocol: '1', levels: ['L0'], machines: [], features: [] })
  expect(answers).toEqual([
    { type: 'result', id: 'a', ok: { heads: true } },
    { type: 'skipped', id: 'b', reason: 'function dice' },
    { type: 'errored', id: 'c', message: 'not a message of the protocol' },
    { type: 'errored', id: '', message: 'not a message of the protocol' },
  ])
})

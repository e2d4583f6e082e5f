// The command line as a user has it: real processes, their output, signals and exit status.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ctrIdOf, generateKey } from '../../src/adapters/node/ctr-key.ts'
import { sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import { sqliteAuditorStore } from '../../src/adapters/node/store/sqlite-auditor-store.ts'
import { expandedKey } from '../../src/adapters/node/tor/relay-keys.ts'
import { encodeSigningKeyCert } from '../../src/machines/tor/ed25519-cert.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = `${root}src/adapters/cli/main.ts`
const folder = mkdtempSync(join(tmpdir(), 'ctor-cli-'))
const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Running {
  readonly child: ChildProcess
  /** The first line on stdout, as JSON. */
  readonly ready: Promise<Record<string, string>>
  readonly ended: Promise<Ended>
}

function run(args: readonly string[], command: readonly string[] = [process.execPath, main]): Running {
  const [program = '', ...before] = command
  const child = spawn(program, [...before, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let stdout = ''
  let stderr = ''
  const ready = new Promise<Record<string, string>>((resolve, reject) => {
    child.stdout.on('data', (bytes) => {
      stdout += bytes
      const [line, rest] = stdout.split('\n')
      if (line?.startsWith('{"') && rest !== undefined) resolve(JSON.parse(line))
    })
    child.on('close', () => reject(new Error(`ended before it was ready: ${stderr}`)))
  })
  ready.catch(() => {})
  child.stderr.on('data', (bytes) => {
    stderr += bytes
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status) => {
      running.delete(child)
      resolve({ status, stdout, stderr })
    })
  })
  return { child, ready, ended }
}

const ctor = (...args: string[]) => run(args).ended

function write(name: string, content: object): string {
  writeFileSync(join(folder, name), JSON.stringify(content))
  return name
}

const consensus = { path: 'consensus', authorities: ['ab'.repeat(32)] }
const anyPort = { port: 0 }
const relay = {
  listen: anyPort,
  proofs: anyPort,
  operations: anyPort,
  key: { path: 'relay.key' },
  consensus,
  onion: { kind: 'loopback' },
}
const auditor = {
  listen: anyPort,
  operations: anyPort,
  key: { path: 'auditor.key' },
  consensus,
  store: { path: 'auditor.sqlite' },
  alerts: { path: 'alerts.jsonl' },
}

let relayKey: Record<string, string>
beforeAll(async () => {
  relayKey = JSON.parse((await ctor('keys', 'relay', '--out', 'relay.key')).stdout)
  await ctor('keys', 'auditor', '--out', 'auditor.key')
  write('relay.json', relay)
  write('auditor.json', auditor)
})

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  expect(await ctor('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
})

test('--help names every command, and each command says all that it takes', async () => {
  const help = await ctor('--help')
  expect(help).toMatchObject({ status: 0, stderr: '' })
  const commands: Record<string, readonly string[]> = {
    relay: ['--config <file>', '--check', 'limits.bucketCapacity', 'Exit status'],
    auditor: ['--config <file>', '--check', 'timing.graceMs', 'Exit status'],
    config: ['<daemon>', '"relay", "auditor"'],
    keys: ['<role>', '"authority", "relay", "auditor"', '--out <file>'],
    logs: ['--list <file>', '--state <state>', '--json', 'Exit status'],
    incidents: ['--store <file>', '--url <url>', '--json', '--export <folder>'],
    verify: ['<file>', '--log-list <file>', '--json', 'Exit status'],
    'dev-log': ['--port', '--static', '--fault'],
  }
  expect(await ctor('-h')).toEqual(help)
  const answers = await Promise.all(Object.keys(commands).map((name) => ctor(name, '--help')))
  for (const [index, [name, words]] of Object.entries(commands).entries()) {
    expect(help.stdout).toMatch(new RegExp(`^ {2}${name}\\b.* {2}\\S`, 'm'))
    expect(answers[index]).toMatchObject({ status: 0, stderr: '' })
    for (const word of words) expect(answers[index]?.stdout).toContain(word)
  }
})

test.each([
  [['frobnicate'], "error: unknown command 'frobnicate'\n"],
  [['relay'], "error: required option '--config <file>' not specified\n"],
  [['relay', '--config', 'relay.json', '--nonsense'], "error: unknown option '--nonsense'\n"],
  [
    ['relay', '--config', 'relay.json', 'more'],
    "error: too many arguments for 'relay'. Expected 0 arguments but got 1: more.\n",
  ],
  [
    ['config', 'dev-log'],
    "error: command-argument value 'dev-log' is invalid for argument 'daemon'. Allowed choices are relay, auditor.\n",
  ],
  [['keys', 'relay'], "error: required option '--out <file>' not specified\n"],
  [['logs'], "error: required option '--list <file>' not specified\n"],
  [['incidents'], 'error: exactly one of --store and --url is wanted\n'],
  [['incidents', '--store', 'x', '--url', 'http://y'], 'error: exactly one of --store and --url is wanted\n'],
  [
    ['incidents', '--url', 'nowhere'],
    "error: option '--url <url>' argument 'nowhere' is invalid. A URL such as http://127.0.0.1:8289 is wanted.\n",
  ],
  [
    ['incidents', '--store', 'x', '--export', 'y', '--json'],
    'error: --export wants --store, and neither --url nor --json\n',
  ],
  [['dev-log', '--mmd', '10', '--merge-delay', '20'], 'error: --merge-delay: more than --mmd\n'],
])('wrong usage ends with 2 and one exact line: %j', async (args, stderr) => {
  expect(await ctor(...args)).toEqual({ status: 2, stdout: '', stderr })
})

test('without a command the help is printed and the status says that nothing was done', async () => {
  const { status, stderr } = await ctor()
  expect(status).toBe(2)
  expect(stderr).toMatch(/^Usage: ctor /)
})

test('a wrong configuration ends with 2 and a line for each wrong field, with --check or without', async () => {
  write('bad.json', { ...relay, limits: { bucketCapacity: 'many' }, nn: 3 })
  for (const args of [['--check'], []]) {
    const { status, stdout, stderr } = await ctor('relay', '--config', 'bad.json', ...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /^error: bad\.json: limits\.bucketCapacity: given "many", wanted an integer from 1 to 1000000\nerror: bad\.json: nn: unknown, wanted one of [^\n]+\n$/,
    )
  }
  const none = await ctor('auditor', '--config', 'none.json')
  expect(none).toMatchObject({ status: 2, stdout: '' })
  expect(none.stderr).toMatch(/^error: none\.json: ENOENT: .*wanted a JSON file\n$/)
})

test('--check says what holds and what is missing, ends with 1 where something is, and writes nothing', async () => {
  const checked = await ctor('relay', '--config', 'relay.json', '--check')
  expect(checked).toMatchObject({ status: 1, stderr: '' })
  expect(checked.stdout).toMatch(/^ok {4}config: relay\.json\nok {4}identity: CTR [0-9a-f]{64}\n/)
  expect(checked.stdout).toMatch(/\nwrong consensus: unavailable: .*ENOENT/)
  const other = await ctor('auditor', '--config', 'auditor.json', '--check')
  expect(other.stdout).toMatch(/\nok {4}store: .*auditor\.sqlite can be made\n/)
  expect(existsSync(join(folder, 'auditor.sqlite'))).toBe(false)
})

test('a printed default, with an authority put in, is a right configuration', async () => {
  for (const daemon of ['relay', 'auditor']) {
    const { status, stdout } = await ctor('config', daemon)
    expect(status).toBe(0)
    write(`${daemon}-default.json`, { ...JSON.parse(stdout), consensus })
    const checked = await ctor(daemon, '--config', `${daemon}-default.json`, '--check')
    expect(checked.stdout).toMatch(/^ok {4}config: /)
  }
})

test('ctor relay delegate: the file that a daemon then runs with, or a sentence on what is wrong [WIRE-008.4]', async () => {
  const identity = generateKey()
  const expanded = new Uint8Array(64).fill(0x48)
  const cert = { signingKey: expandedKey(expanded).publicKey, expiresAt: Date.now() + 3_600_000 }
  const tag = (text: string, bytes: Uint8Array) => Buffer.concat([Buffer.from(text.padEnd(32, '\0')), bytes])
  const certificate = encodeSigningKeyCert(cert, identity.publicKey, identity.sign)
  const keys = join(folder, 'keys')
  mkdirSync(keys)
  writeFileSync(join(keys, 'ed25519_signing_secret_key'), tag('== ed25519v1-secret: type4 ==', expanded))
  writeFileSync(join(keys, 'ed25519_signing_cert'), tag('== ed25519v1-cert: type4 ==', certificate))
  for (const key of ['relay.key', relayKey.key ?? '']) {
    const made = await ctor('relay', 'delegate', '--tor-keys', 'keys', '--key', key, '--out', 'delegation')
    expect(made).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(made.stdout)).toMatchObject({ file: 'delegation', ctrId: ctrIdOf(identity) })
    write('delegated.json', { ...relay, key: { path: 'relay.key', delegation: 'delegation' } })
    const checked = await ctor('relay', '--config', 'delegated.json', '--check')
    expect(checked.stdout).toContain(`ok    identity: CTR ${ctrIdOf(identity)}; renew it before `)
  }
  const none = await ctor('relay', 'delegate', '--tor-keys', '.', '--key', 'relay.key', '--out', 'd')
  expect(none).toMatchObject({ status: 1, stdout: '' })
  expect(none.stderr).toMatch(/^error: ed25519_signing_secret_key: ENOENT\n$/)
  expect(await ctor('relay', 'delegate', '--key', 'relay.key', '--out', 'd')).toMatchObject({ status: 2 })
})

test('a key is for its owner only, is what the relay says it is, and is never replaced', async () => {
  const path = join(folder, 'relay.key')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(relayKey).toMatchObject({ role: 'relay', file: 'relay.key', key: relayKey.id })
  expect(relayKey.id).toMatch(/^[0-9a-f]{64}$/)
  const before = readFileSync(path, 'utf8')
  const again = await ctor('keys', 'relay', '--out', 'relay.key')
  expect(again).toMatchObject({ status: 1, stdout: '' })
  expect(again.stderr).toBe('error: relay.key: exists already, and no key is ever replaced\n')
  expect(readFileSync(path, 'utf8')).toBe(before)
})

const post = (url: string, body: string) =>
  fetch(url + sctFeedbackPath, { method: 'POST', body, headers: { 'content-type': 'application/json' } })

test.each(['SIGTERM', 'SIGINT'] as const)('a relay serves, logs JSON lines, and ends with 0 on %s', async (signal) => {
  const { child, ready, ended } = run(['relay', '--config', 'relay.json'])
  const { url = '', operationsUrl = '', ctrId } = await ready
  expect(ctrId).toBe(relayKey.id)
  expect((await post(url, '[]')).status).toBe(400)
  expect(await (await fetch(`${operationsUrl}/healthz`)).json()).toMatchObject({ ok: true })
  const metrics = await (await fetch(`${operationsUrl}/metrics`)).text()
  expect(metrics).toContain('ctor_http_replies_total{listener="relay",status="400"} 1\n')
  child.kill(signal)
  const { status, stdout, stderr } = await ended
  expect(status).toBe(0)
  expect(stdout.split('\n').length).toBe(2)
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ msg }) => msg)).toContain('relay has stopped')
  expect(stderr).toContain('DEVELOPMENT ONLY')
})

test('a port that is taken, or a key that is none, ends with 1 and one line without a stack', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  write('taken.json', { ...relay, listen: { port }, log: { level: 'silent' } })
  write('keyless.json', { ...relay, key: { path: 'taken.json' }, log: { level: 'silent' } })
  const [busy, keyless] = await Promise.all([
    ctor('relay', '--config', 'taken.json'),
    ctor('relay', '--config', 'keyless.json'),
  ])
  expect(busy).toEqual({
    status: 1,
    stdout: '',
    stderr: `error: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
  })
  expect(keyless).toMatchObject({ status: 1, stdout: '' })
  expect(keyless.stderr).toMatch(/^error: key: .*no PKCS #8 PEM file with an Ed25519 key\n$/)
  taken.close()
})

const shell = (redirected: string) => ['sh', '-c', `exec "$0" "$@" ${redirected}`, process.execPath, main]

test.runIf(existsSync('/dev/full'))('a full disk under standard error stops no daemon, nor its end', async () => {
  const { child, ready, ended } = run(['relay', '--config', 'relay.json'], shell('2>/dev/full'))
  const { operationsUrl = '' } = await ready
  expect(await (await fetch(`${operationsUrl}/healthz`)).json()).toMatchObject({ ok: true })
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ status: 0, stderr: '' })
})

test.runIf(existsSync('/dev/full'))(
  'a full disk under standard output is one sentence, and a closed one none',
  async () => {
    const full = await run(['config', 'relay'], shell('>/dev/full')).ended
    const stderr = 'error: standard output: ENOSPC: no space left on device, write\n'
    expect(full).toEqual({ status: 1, stdout: '', stderr })
    expect(await run(['conform', '--list'], shell('| head -c 1')).ended).toMatchObject({ status: 0, stderr: '' })
  },
)

test('an auditor ends with 0, its file is resumed by the next start, and is locked while it runs', async () => {
  const first = run(['auditor', '--config', 'auditor.json'])
  const { url = '', auditorId, key } = await first.ready
  expect([auditorId, key].every((hex) => /^[0-9a-f]{64}$/.test(hex ?? ''))).toBe(true)
  expect((await post(url, '[]')).status).toBe(401)
  const second = await ctor('auditor', '--config', 'auditor.json')
  expect(second).toMatchObject({ status: 1, stdout: '' })
  expect(second.stderr.split('\n').at(-2)).toMatch(/^error: .*auditor\.sqlite: in use by another process$/)
  first.child.kill('SIGTERM')
  expect((await first.ended).status).toBe(0)

  const next = run(['auditor', '--config', 'auditor.json'])
  const { operationsUrl = '' } = await next.ready
  expect(await ctor('incidents', '--url', operationsUrl)).toEqual({ status: 0, stdout: 'no incidents\n', stderr: '' })
  expect((await ctor('incidents', '--store', 'auditor.sqlite')).status).toBe(1)
  next.child.kill('SIGTERM')
  expect((await next.ended).status).toBe(0)
  expect(await ctor('incidents', '--store', 'auditor.sqlite', '--json')).toEqual({
    status: 0,
    stdout: '[]\n',
    stderr: '',
  })
})

test('what answers at --url with something else than incidents is named, with 1 and without a stack', async () => {
  const answers = ['{}', '[{"id":1}]', 'x']
  const server = createHttpServer((_request, response) => response.end(answers.shift())).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  for (const _answer of [...answers]) {
    const stderr = `error: ${url}/incidents: answered what is no list of incidents\n`
    expect(await ctor('incidents', '--url', url)).toEqual({ status: 1, stdout: '', stderr })
  }
  server.close()
})

test('a folder in place of a file is named', async () => {
  const listed = 'error: .: EISDIR: illegal operation on a directory, read\n'
  expect(await ctor('logs', '--list', '.')).toEqual({ status: 1, stdout: '', stderr: listed })
  const stderr = 'error: .: cannot be read: EISDIR\n'
  expect(await ctor('verify', '.')).toEqual({ status: 2, stdout: '', stderr })
  expect(await ctor('directory', 'params', '.')).toEqual({ status: 1, stdout: '', stderr })
})

test('incidents of a file that is not there creates none, and of an empty one makes no store', async () => {
  const { status, stderr } = await ctor('incidents', '--store', 'nowhere.sqlite')
  expect([status, stderr]).toEqual([1, 'error: nowhere.sqlite: no such file\n'])
  expect(existsSync(join(folder, 'nowhere.sqlite'))).toBe(false)
  writeFileSync(join(folder, 'empty.sqlite'), '')
  const empty = await ctor('incidents', '--store', 'empty.sqlite')
  expect([empty.status, empty.stderr]).toEqual([1, 'error: empty.sqlite: empty, no auditor has run on it\n'])
  expect(statSync(join(folder, 'empty.sqlite')).size).toBe(0)
})

test('incidents of a file of an older schema leaves it as it is [INV-009]', async () => {
  const path = join(folder, 'older.sqlite')
  await sqliteAuditorStore({ path }).close()
  const db = new DatabaseSync(path)
  db.exec('DROP TABLE place; DROP TABLE transcript; PRAGMA user_version = 1')
  db.close()
  const before = readFileSync(path)
  const stderr = 'error: older.sqlite: schema version 1, which `ctor auditor` brings to 2 when it starts\n'
  expect(await ctor('incidents', '--store', 'older.sqlite')).toEqual({ status: 1, stdout: '', stderr })
  expect(await ctor('incidents', '--store', 'older.sqlite', '--export', 'out')).toMatchObject({ status: 1, stderr })
  expect(readFileSync(path).equals(before)).toBe(true)
})

const launcher = `${root}bin/ctor.js`
/** A Node.js of the host that cannot run the sources itself. */
const oldNode = (process.env.PATH ?? '')
  .split(':')
  .map((entry) => join(entry, 'node'))
  .filter((path) => !path.includes('node_modules') && existsSync(path))
  .find((path) => Number(/^v(\d+)/.exec(String(spawnSync(path, ['--version']).stdout))?.[1] ?? 99) < 24)

test.each([['this Node.js', process.execPath], ...(oldNode === undefined ? [] : [["the host's older one", oldNode]])])(
  'the launcher runs with %s: arguments, exit status and signals go through',
  async (_name, node) => {
    const command = [node ?? '', launcher]
    const { status, stderr } = await run(['frobnicate'], command).ended
    expect([status, stderr]).toEqual([2, "error: unknown command 'frobnicate'\n"])
    const { child, ready, ended } = run(['relay', '--config', 'relay.json'], command)
    await ready
    child.kill('SIGTERM')
    expect((await ended).status).toBe(0)
  },
)

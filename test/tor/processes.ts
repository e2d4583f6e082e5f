// Processes of Debian's `tor`, each with a data folder of its own. Invariant: each dies with this process, however that ends
// (`__OwningControllerProcess`, and a guard, since a tor that exits may hang), and all that it says is in its folder's log.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'

export interface TorNode {
  readonly name: string
  readonly folder: string
  start(): void
  /** Resolves once the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** The end of its log. */
  log(): string
}

const common = (folder: string) => [
  `DataDirectory ${folder}`,
  'TestingTorNetwork 1',
  'AssumeReachable 1',
  'OutboundBindAddress 127.0.0.1',
  'VanguardsLiteEnabled 0',
  'ConfluxEnabled 0',
  'PathsNeededToBuildCircuits 0.67',
  'AvoidDiskWrites 1',
  'NumCPUs 1',
  `__OwningControllerProcess ${process.pid}`,
  `Log notice file ${join(folder, 'log')}`,
  'ShutdownWaitLength 0',
]

/** `torrc`: what this node has beyond what all have. */
export function torNode(folder: string, name: string, torrc: readonly string[]): TorNode {
  writeFileSync(join(folder, 'torrc'), `${[...common(folder), ...torrc].join('\n')}\n`)
  let child: ChildProcess | null = null
  let gone: Promise<void> = Promise.resolve()
  return {
    name,
    folder,
    start() {
      const started = spawn('tor', torArguments(folder), { stdio: 'ignore' })
      child = started
      guard(started.pid)
      gone = new Promise((resolve) => started.once('close', () => resolve()))
    },
    async kill(signal = 'SIGKILL') {
      child?.kill(signal)
      const hung = signal === 'SIGTERM' ? setTimeout(() => child?.kill('SIGKILL'), exitMs) : undefined
      await gone
      clearTimeout(hung)
    },
    log: () => tail(join(folder, 'log')),
  }
}

/** For an orderly exit, after which tor may wait for its own threads for ever. */
const exitMs = 15_000

/** Reads PIDs; once their owner `$0` is gone, kills those that run in its folder still: a PID may be somebody else's by then. */
const guardScript = `
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do
  grep -aqs "ctor-tor-$0-" /proc/$pid/cmdline && kill -KILL $pid
done
`
let guardian: ChildProcess | undefined

function guard(pid: number | undefined): void {
  if (pid === undefined) return
  if (guardian === undefined) {
    guardian = spawn('sh', ['-c', guardScript, `${process.pid}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    guardian.unref()
    // A pipe that keeps nobody from ending.
    ;(guardian.stdin as Socket | null)?.unref()
  }
  guardian.stdin?.write(`${pid}\n`)
}

function torArguments(folder: string): string[] {
  const empty = join(folder, 'defaults-torrc')
  writeFileSync(empty, '')
  return ['-f', join(folder, 'torrc'), '--defaults-torrc', empty, '--quiet']
}

/** Makes a server's keys; answers its RSA fingerprint, 40 hex digits. */
export async function makeServerKeys(folder: string, torrc: readonly string[]): Promise<string> {
  writeFileSync(join(folder, 'torrc'), `${[`DataDirectory ${folder}`, ...torrc].join('\n')}\n`)
  const printed = await run('tor', [...torArguments(folder), '--list-fingerprint'], folder)
  const fingerprint = /^\S+ ((?:[0-9A-F]{4} ?){10})\s*$/m.exec(printed)?.[1]
  if (fingerprint === undefined) throw new Error(`tor --list-fingerprint said: ${printed}`)
  return fingerprint.replaceAll(' ', '').trim()
}

/** Makes an authority's identity and signing keys; answers the fingerprint of its identity, 40 hex digits. */
export async function makeAuthorityKeys(folder: string, dirPort: number): Promise<string> {
  const keys = join(folder, 'keys')
  mkdirSync(keys, { recursive: true, mode: 0o700 })
  const given = ['--create-identity-key', '--passphrase-fd', '0', '-m', '12', '-a', `127.0.0.1:${dirPort}`]
  await run('tor-gencert', given, keys, 'test\n')
  const certificate = readFileSync(join(keys, 'authority_certificate'), 'utf8')
  const fingerprint = /^fingerprint ([0-9A-F]{40})$/m.exec(certificate)?.[1]
  if (fingerprint === undefined) throw new Error('tor-gencert wrote no fingerprint')
  return fingerprint
}

function run(file: string, args: readonly string[], cwd: string, input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { cwd, timeout: 120_000 }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${file}: ${error.message}\n${stderr}`)),
    )
    child.stdin?.end(input)
  })
}

const held: Server[] = []

/** Ports that nobody else is given until `releasePorts`, each another. */
export async function holdPorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  held.push(...servers)
  return servers.map((server) => (server.address() as { port: number }).port)
}

/** For those that they were held for. */
export async function releasePorts(): Promise<void> {
  await Promise.all(held.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(-4_000)
  } catch {
    return ''
  }
}

// A PostgreSQL of a test's own, on loopback, in a folder of its own. Invariant: it never runs as root, which it refuses, and never
// touches a database that the machine has already.
import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, type Running, start } from './process.ts'

export interface Postgres {
  readonly uri: string
  /** Runs the statements of a file. */
  load(file: string): void
  stop(): Promise<void>
}

interface Account {
  readonly uid: number
  readonly gid: number
}

const versions = '/usr/lib/postgresql'

/** @throws Error with one line that says what is missing. */
export async function startPostgres(folder: string): Promise<Postgres> {
  const bin = postgresPrograms()
  const owner = process.getuid?.() === 0 ? accountOf('postgres') : undefined
  mkdirSync(folder, { recursive: true })
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  run(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'ctor', '--no-sync'], owner)
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`, 'fsync=off']
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  const isReady = async () => spawnSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status === 0
  const server: Running = await start({ file: join(bin, 'postgres'), args, cwd: folder, ...owner }, isReady)
  const client = ['-h', '127.0.0.1', '-p', String(port), '-U', 'ctor', '-d', 'postgres', '-v', 'ON_ERROR_STOP=1']
  return {
    uri: `postgresql://ctor@127.0.0.1:${port}/postgres?sslmode=disable`,
    load: (file) => run(join(bin, 'psql'), [...client, '-q', '-f', file], undefined),
    stop: () => server.stop('SIGINT'),
  }
}

/** The folder of its programs. @throws Error with one line that says that there is none. */
export function postgresPrograms(): string {
  const newest = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0] : undefined
  if (newest === undefined) throw new Error('PostgreSQL is not installed (Debian: postgresql)')
  return join(versions, newest, 'bin')
}

function accountOf(name: string): Account {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined) throw new Error(`no account ${name}, and PostgreSQL does not run as root`)
  return { uid: Number(uid), gid: Number(gid) }
}

function run(file: string, args: readonly string[], owner: Account | undefined): void {
  const { status, stderr, error } = spawnSync(file, args, { ...owner, cwd: '/', encoding: 'utf8', timeout: 120_000 })
  if (status !== 0) throw new Error(`${file} failed: ${error?.message ?? stderr}`)
}

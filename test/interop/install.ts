// Real logs, built from their authors' modules at a pinned version with the Go toolchain, or why one is not to be had here.
// Invariant: a build that is there already is used as it is; what cannot be had is named in one line and counts as not run.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** A Go module at a version, and the commands of it that are built. */
interface Module {
  readonly path: string
  readonly version: string
  readonly commands: readonly string[]
}

/** TesseraCT with POSIX storage: a static-ct log. */
export const tesseract: Module = {
  path: 'github.com/transparency-dev/tesseract',
  version: 'v0.1.1',
  commands: ['cmd/tesseract/posix'],
}

/** certificate-transparency-go's RFC 6962 front end. */
export const ctServer: Module = {
  path: 'github.com/google/certificate-transparency-go',
  version: 'v1.3.2',
  commands: ['trillian/ctfe/ct_server'],
}

/** The Merkle tree behind it. */
export const trillian: Module = {
  path: 'github.com/google/trillian',
  version: 'v1.7.3',
  commands: ['cmd/trillian_log_server', 'cmd/trillian_log_signer', 'cmd/createtree'],
}

const cache = new URL('../../node_modules/.cache/ctor-interop/', import.meta.url).pathname
const buildMs = 20 * 60_000

/** The folder of the module's binaries. @throws Error with one line that says what is missing. */
export function built({ path, version, commands }: Module): string {
  const folder = join(cache, `${path.split('/').at(-1)}-${version}`)
  const binary = (command: string) => join(folder, command.split('/').at(-1) ?? '')
  if (commands.every((command) => existsSync(binary(command)))) return folder
  mkdirSync(folder, { recursive: true })
  console.error(`interop: building ${path}@${version}; the first time this takes some minutes`)
  go(
    ['install', ...commands.map((command) => `${path}/${command}@${version}`)],
    { GOBIN: folder },
    `${path}@${version} is not to be had here`,
  )
  return folder
}

/** Our program around certificate-transparency-go's verification; `peer/go.mod` pins it. */
export function builtPeer(): string {
  const binary = join(cache, 'peer')
  mkdirSync(cache, { recursive: true })
  const folder = new URL('./peer/', import.meta.url).pathname
  go(['build', '-C', folder, '-o', binary, '.'], {}, 'the peer program cannot be built here')
  return binary
}

/** The module's own files, which `built` has downloaded. */
export function moduleFolder({ path, version }: Module): string {
  const answer = spawnSync('go', ['mod', 'download', '-json', `${path}@${version}`], { encoding: 'utf8' })
  return (JSON.parse(answer.stdout) as { Dir: string }).Dir
}

function go(args: readonly string[], env: NodeJS.ProcessEnv, otherwise: string): void {
  const { status, error, stderr } = spawnSync('go', args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: buildMs,
  })
  if (error !== undefined) throw new Error(`${otherwise}: the Go toolchain does not run (${error.message})`)
  if (status !== 0) throw new Error(`${otherwise}: ${stderr.trim().split('\n').at(-1) ?? `go ended with ${status}`}`)
}

/** Runs what needs a program from elsewhere; where that is not to be had, one line says so, and null. */
export function ifAvailable<T>(name: string, prepare: () => T): T | null {
  try {
    return prepare()
  } catch (error) {
    console.error(`not run: ${name}: ${error instanceof Error ? error.message : error}`)
    return null
  }
}

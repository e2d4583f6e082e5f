// Traces of the formal model: runs Quint's simulator and reads the Informal Trace Format that it writes.
// Invariant: the same module, seed and sizes give the same traces.
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A value of the model: sets as arrays, maps as arrays of pairs, both in the order of their members' text; variants as they are. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [name: string]: Value }

export interface Variant {
  readonly tag: string
  // biome-ignore lint/suspicious/noExplicitAny: the model's own type checker has checked it.
  readonly value: any
}

export interface Trace {
  /** Names it in a report: enough to make it again. */
  readonly id: string
  // biome-ignore lint/suspicious/noExplicitAny: a record of the model's variables, checked by the model's own type checker.
  readonly states: readonly any[]
}

/** Where to find a trace: `quint run` with these arguments writes it again. */
export interface Request {
  readonly module: string
  readonly seed: number
  readonly traces: number
  readonly steps: number
}

const model = new URL('../../../../spec/quint/', import.meta.url)
const cli = new URL('../../../../node_modules/@informalsystems/quint/dist/src/cli.js', import.meta.url)

/** @throws Error with what Quint printed where it fails, or writes fewer traces than it was asked for. */
export async function tracesOf({ module, seed, traces, steps }: Request): Promise<readonly Trace[]> {
  const numbers = [`--max-samples=${traces}`, `--n-traces=${traces}`, `--max-steps=${steps}`, `--seed=${seed}`]
  const found = await written(module, numbers, 0)
  if (found.length < traces) throw new Error(`${module}: ${found.length} traces, wanted ${traces}`)
  return found.map((states, i) => ({ id: `${module} seed ${seed} trace ${i}`, states }))
}

/** A trace at whose end the invariant does not hold, of a model that is to break it. @throws Error where none is found. */
export async function counterexampleOf({ module, seed, traces, steps }: Request, invariant: string): Promise<Trace> {
  const numbers = [`--max-samples=${traces}`, `--max-steps=${steps}`, `--seed=${seed}`, `--invariant=${invariant}`]
  const [states] = await written(module, numbers, 1)
  if (states === undefined) throw new Error(`${module}: nothing breaks ${invariant}`)
  return { id: `${module} seed ${seed} ${invariant}`, states }
}

/** The states of each trace that `quint run` writes. */
async function written(module: string, args: readonly string[], status: number): Promise<readonly Trace['states'][]> {
  const directory = await mkdtemp(join(tmpdir(), 'ctor-quint-'))
  try {
    const output = `--out-itf=${join(directory, 'trace_{seq}.itf.json')}`
    await quint(['run', '--backend=typescript', `${module}.qnt`, ...args, output, '--verbosity=0'], status)
    const files = await readdir(directory)
    return await Promise.all(files.sort().map((file) => read(join(directory, file))))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function quint(args: readonly string[], wanted: number): Promise<void> {
  const child = spawn(process.execPath, [cli.pathname, ...args], { cwd: model, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      printed += chunk
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) =>
      status === wanted ? resolve() : reject(new Error(`quint ${args.join(' ')}: status ${status}\n${printed}`)),
    )
  })
}

async function read(file: string): Promise<Trace['states']> {
  const { states } = JSON.parse(await readFile(file, 'utf8')) as { readonly states: readonly unknown[] }
  return states.map((state) => unqualified(plain(state)))
}

/** Quint puts the module's name before a variable of an instance. */
function unqualified(state: Value): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(state ?? {}).map(([name, value]) => [name.slice(name.lastIndexOf(':') + 1), value]),
  )
}

function plain(value: unknown): Value {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value as Value
  const known = value as Record<string, unknown>
  if ('#bigint' in known) return Number(known['#bigint'])
  if ('#tup' in known) return (known['#tup'] as unknown[]).map(plain)
  if ('#set' in known) return inOrder((known['#set'] as unknown[]).map(plain))
  if ('#map' in known) return inOrder((known['#map'] as unknown[]).map(plain))
  const members = Object.entries(known).filter(([name]) => name !== '#meta')
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]))
}

/** As both sides order what has no order. */
export function inOrder(members: readonly Value[]): readonly Value[] {
  return members
    .map((member) => [JSON.stringify(member), member] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, member]) => member)
}

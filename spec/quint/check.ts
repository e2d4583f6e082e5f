// Checks the formal model: types, directed tests, random traces with every invariant and witness, and the errata's counterexamples.
// Invariant: a witness that no trace reaches fails, as does one that is reached where it must not be, and a counterexample not found.
// `node spec/quint/check.ts [MODULE…]`: all modules, or those named. CTOR_SEED sets another seed than 1; rare witnesses may then be missed.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

interface Task {
  readonly name: string
  readonly module: string
  readonly args: readonly string[]
  /** What to say of a run that went well; an error's text else. */
  judge(run: Finished): { readonly ok: boolean; readonly text: string }
  readonly traces?: number
}

interface Finished {
  readonly status: number | null
  readonly printed: string
}

/** A module, the file that names its invariants and witnesses, how many traces of how many steps, and what it cannot reach. */
interface Simulation {
  readonly module: string
  readonly world: string
  readonly samples: number
  readonly steps: number
  readonly never: readonly string[]
}

const folder = new URL('./', import.meta.url)
const cli = new URL('../../node_modules/@informalsystems/quint/dist/src/cli.js', import.meta.url)
const seed = process.env.CTOR_SEED ?? '1'
const simulator = ['--backend=typescript', `--seed=${seed}`, '--verbosity=1']

/** The longest first. */
const simulations: readonly Simulation[] = [
  { module: 'sfo_corrected', world: 'sfo_world', samples: 16_000, steps: 15, never: [] },
  { module: 'network', world: 'network', samples: 1500, steps: 50, never: [] },
  { module: 'relay_mixed', world: 'relay_world', samples: 1800, steps: 40, never: [] },
  {
    ...{ module: 'relay_seed', world: 'relay_world', samples: 1200, steps: 40 },
    never: [
      'Reported',
      'Expired',
      'Deferred',
      'Evicted',
      'ForwardedBefore',
      'ReportFailed',
      'ReportQueueFull',
      'NoAuditor',
    ],
  },
  {
    ...{ module: 'relay_hardened', world: 'relay_world', samples: 1200, steps: 40 },
    never: ['WaitEnded', 'UndueTaken', 'NoBucket', 'BucketFull', 'Active', 'ForwardFailed', 'ForwardedBefore'],
  },
]

const tests = ['errata_relay', 'errata_auditor']

/** What the source documents have, and the invariants that it breaks. */
const counterexamples: readonly (readonly [module: string, invariant: string])[] = [
  ['erratum_a9', 'nothingTooEarly'],
  ['erratum_a9', 'nothingTooLate'],
  ['erratum_a12', 'alarmKept'],
  ['erratum_a12', 'sfoKept'],
]

function tasks(): readonly Task[] {
  return [...modules().map(typecheck), ...tests.map(test), ...counterexamples.map(refute), ...simulations.map(simulate)]
}

/** One a file. */
function modules(): readonly string[] {
  return readdirSync(folder).flatMap((file) => (file.endsWith('.qnt') ? [file.slice(0, -'.qnt'.length)] : []))
}

/** By convention: `val w…` in a world is a witness, any other `val` an invariant. */
function properties(world: string): { readonly invariants: readonly string[]; readonly witnesses: readonly string[] } {
  const text = readFileSync(new URL(`${world}.qnt`, folder), 'utf8')
  const names = Array.from(text.matchAll(/^ {2}val (\w+) =/gm), ([, name]) => name as string)
  const isWitness = (name: string) => /^w[A-Z]/.test(name)
  return { invariants: names.filter((name) => !isWitness(name)), witnesses: names.filter(isWitness) }
}

function simulate({ module, world, samples, steps, never }: Simulation): Task {
  const { invariants, witnesses } = properties(world)
  const sizes = [`--max-samples=${samples}`, `--max-steps=${steps}`]
  const args = ['run', ...simulator, ...sizes, '--invariants', ...invariants, '--witnesses', ...witnesses]
  const told = `${samples} traces of ${steps} steps, ${invariants.length} invariants, ${witnesses.length} witnesses`
  const judge = ({ status, printed }: Finished) => {
    const wrong = status === 0 ? witnesses.flatMap((name) => misjudged(name, hits(printed, name), never)) : [printed]
    return { ok: wrong.length === 0, text: wrong.length === 0 ? told : wrong.join('\n') }
  }
  return { name: `traces ${module}`, module, args, judge, traces: samples }
}

function hits(printed: string, witness: string): number {
  const line = new RegExp(`^${witness} was witnessed in (\\d+) trace`, 'm').exec(printed)
  return line === null ? -1 : Number(line[1])
}

function misjudged(witness: string, count: number, never: readonly string[]): readonly string[] {
  if (count < 0) return [`${witness}: not told`]
  if (never.includes(witness.slice(1))) return count === 0 ? [] : [`${witness}: reached ${count} times, must never be`]
  return count > 0 ? [] : [`${witness}: never reached`]
}

function refute([module, invariant]: (typeof counterexamples)[number]): Task {
  const args = ['run', ...simulator, '--max-samples=5000', '--max-steps=15', '--invariants', invariant]
  const judge = ({ status, printed }: Finished) => {
    const ok = status !== 0 && printed.includes('[violation]')
    return { ok, text: ok ? 'counterexample found, as it must be' : `no counterexample\n${printed}` }
  }
  return { name: `erratum ${module} ${invariant}`, module, args, judge }
}

function test(module: string): Task {
  const judge = ({ status, printed }: Finished) => {
    const passed = Number(/^ {2}(\d+) passing/m.exec(printed)?.[1] ?? 0)
    const ok = status === 0 && passed > 0
    return { ok, text: ok ? `${passed} directed tests` : printed }
  }
  return { name: `tests ${module}`, module, args: ['test', '--backend=typescript', '--max-samples=1'], judge }
}

function typecheck(module: string): Task {
  const judge = ({ status, printed }: Finished) => ({ ok: status === 0, text: status === 0 ? 'well typed' : printed })
  return { name: `types ${module}`, module, args: ['typecheck'], judge }
}

function quint({ module, args: [command = '', ...rest] }: Task): Promise<Finished> {
  const args = [cli.pathname, command, `${module}.qnt`, ...rest]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  const take = (chunk: Buffer) => {
    printed += chunk.toString()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, printed }))
  })
}

async function main(named: readonly string[]): Promise<number> {
  const unknown = named.filter((name) => !modules().includes(name))
  if (unknown.length > 0) {
    console.error(`no such module: ${unknown.join(', ')}; there are ${modules().join(', ')}`)
    return 2
  }
  const queue = tasks().filter(({ module }) => named.length === 0 || named.includes(module))
  const all = queue.length
  const begun = performance.now()
  let [done, failed, traces] = [0, 0, 0]
  const running = new Set<string>()
  const news = setInterval(() => console.log(`${seconds(begun)} s: ${[...running].join(', ')}`), 20_000)
  const work = async () => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      const from = performance.now()
      running.add(task.name)
      const { ok, text } = task.judge(await quint(task))
      running.delete(task.name)
      done += 1
      failed += ok ? 0 : 1
      traces += task.traces ?? 0
      console.log(`${done}/${all} ${ok ? 'ok    ' : 'FAILED'} ${task.name}: ${text} (${seconds(from)} s)`)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, work))
  clearInterval(news)
  console.log(
    `${failed === 0 ? 'passed' : `FAILED: ${failed}`} of ${all}; ${traces} random traces; ${seconds(begun)} s; seed ${seed}`,
  )
  return failed === 0 ? 0 : 1
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1)
}

process.exitCode = await main(process.argv.slice(2))

// `npm run fuzz`: every target for a minute, two at a time. Exit status: 0 no defect, 1 defects, 2 wrong usage.
// Invariant: each defect's input lies in a file, and two lines say how to make that file elsewhere and how to replay it.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { gzipSync } from 'node:zlib'
import { Command, InvalidArgumentError } from 'commander'
import { type Defect, judge } from './engine/judge.ts'
import type { Ended } from './engine/loop.ts'
import { fuzzWatched } from './engine/watch.ts'
import type { Target } from './target.ts'
import { targets } from './targets.ts'

const folder = 'reports/fuzz'
const forever = 2 ** 52

interface Options {
  readonly seconds: number
  readonly seed: number
  readonly runs?: number
  readonly jobs: number
  readonly replay?: string
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted')
  return Number(text)
}

function keep(name: string, input: Uint8Array): string {
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${name}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}.bin`
  writeFileSync(file, input)
  return file
}

/** A leak is of all the executions until then, not of the last one's input. */
function again(
  { kind, input }: Defect & { readonly input: Uint8Array },
  name: string,
  seed: number,
  runs: number,
): string {
  if (kind === 'leak') return `Replay: npm run fuzz -- ${name} --seed ${seed} --runs ${runs} --seconds 3600`
  const file = keep(name, input)
  const made = `mkdir -p ${folder}; echo ${gzipSync(input).toString('base64')} | base64 -d | gunzip > ${file}`
  return `Input: ${made}\nReplay: npm run fuzz -- ${name} --replay ${file}`
}

function report(name: string, { runs, blocks, corpus, defect }: Ended, seconds: number, seed: number): boolean {
  const figures = `${runs} runs in ${seconds.toFixed(1)} s, ${corpus} inputs kept, ${blocks} blocks`
  console.log(`${defect === null ? 'ok    ' : 'DEFECT'} ${name}: ${figures}`)
  if (defect === null) return true
  console.log(`${defect.kind}: ${defect.detail}`)
  console.log(again(defect, name, seed, runs))
  return false
}

async function fuzzAll(chosen: readonly Target[], { seconds, seed, runs, jobs }: Options): Promise<boolean> {
  const waiting = [...chosen]
  let clean = true
  const module = new URL('./targets.ts', import.meta.url).href
  const lane = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const began = performance.now()
      const { name } = target
      const ended = await fuzzWatched({ module, name, seed, runs: runs ?? forever, seconds, under: '/src/' })
      clean = report(name, ended, (performance.now() - began) / 1000, seed) && clean
    }
  }
  await Promise.all(Array.from({ length: jobs }, lane))
  return clean
}

function replay(target: Target, file: string): boolean {
  const defect = judge(target.run, readFileSync(file))
  console.log(defect === null ? 'no defect' : `${defect.kind}: ${defect.detail}`)
  return defect === null
}

const command = new Command('fuzz')
  .description('Coverage-guided fuzzing of every parser and decoder.')
  .argument('[target...]', `which ones; all of them unless said: ${targets.map(({ name }) => name).join(', ')}`)
  .option('--seconds <n>', 'for how long a target is fuzzed', whole, 60)
  .option('--runs <n>', 'after how many executions a target ends at the latest; slower, but repeatable', whole)
  .option('--seed <n>', 'with --runs: the same seed, the same inputs', whole, Date.now() & 0x1fffffff)
  .option('--jobs <n>', 'how many targets at a time', whole, Math.min(2, availableParallelism()))
  .option('--replay <file>', 'one execution of one target')
  .allowExcessArguments(false)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()

const options = command.opts<Options>()
const names = command.args
const unknown = names.find((name) => !targets.some((target) => target.name === name))
if (unknown !== undefined) command.error(`no target ${unknown}`)
const chosen = names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name))
const [only] = chosen
if (options.replay !== undefined && (chosen.length !== 1 || only === undefined)) command.error('--replay: one target')
// What V8 optimizes, and when, differs from run to run, and with it the coverage that chooses the inputs.
if (options.runs !== undefined) for (const flag of ['--no-opt', '--no-maglev']) setFlagsFromString(flag)
console.log(`seed ${options.seed}`)
const clean =
  options.replay !== undefined && only !== undefined ? replay(only, options.replay) : await fuzzAll(chosen, options)
process.exitCode = clean ? 0 : 1

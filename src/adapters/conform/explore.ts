// `npm run explore`: explores every machine exhaustively, prints states, edges and seconds, and counterexamples as vectors.
// Invariant: exit status 0 only if everything was explored, nothing was found, and with --bugs every seeded bug was.
import { parseArgs } from 'node:util'
import type { AnyModel } from '../../machines/kernel/explore.ts'
import { check, type Finding } from '../../machines/kernel/explore-check.ts'
import { auditorModels, flips, largeModels, profileNames, relayModels } from './explore-models.ts'
import { auditorBugs } from './seeded-bugs-auditor.ts'
import { relayBugs } from './seeded-bugs-relay.ts'

const usage = `usage: node src/adapters/conform/explore.ts [options]
  --machine <name>    only relay, sfo, round, circuit, logView or report
  --profile <name>    the relay under seed or hardened only
  --flips             also the relay with each policy parameter flipped
  --large             also the relay with two logs and two buckets, and each flip with two SFOs
  --bugs              only the seeded bugs: each must be found
  --max-states <n>    give up beyond so many states of one model (2000000)
`

const options = {
  machine: { type: 'string' },
  profile: { type: 'string' },
  flips: { type: 'boolean', default: false },
  large: { type: 'boolean', default: false },
  bugs: { type: 'boolean', default: false },
  'max-states': { type: 'string', default: '2000000' },
  help: { type: 'boolean', default: false },
} as const

type Given = ReturnType<typeof parseArgs<{ readonly options: typeof options }>>['values']

const kinds = ['relay', 'sfo', 'round', 'circuit', 'logView', 'report']

process.exitCode = main()

function main(): number {
  const given = read()
  if (given === null) {
    process.stderr.write(usage)
    return 2
  }
  if (given.help) {
    process.stdout.write(usage)
    return 0
  }
  return given.bugs ? hunt(given) : exploreAll(given)
}

/** null where the usage is wrong. */
function read(): Given | null {
  try {
    const { values } = parseArgs({ options, strict: true })
    const known = (name: string | undefined, all: readonly string[]) => name === undefined || all.includes(name)
    const isRight =
      known(values.machine, kinds) &&
      known(values.profile, profileNames) &&
      /^[1-9][0-9]{0,8}$/.test(values['max-states'])
    return isRight ? values : null
  } catch {
    return null
  }
}

function exploreAll(given: Given): number {
  const profiles = profileNames.filter((name) => given.profile === undefined || given.profile === name)
  const relays = profiles.flatMap((profile) => [
    ...relayModels(profile),
    ...(given.flips ? flips(profile) : []),
    ...(given.large ? largeModels(profile) : []),
  ])
  const others = given.profile === undefined ? auditorModels : []
  const models: readonly AnyModel[] = [...relays, ...others].filter(
    ({ kind }) => given.machine === undefined || given.machine === kind,
  )
  const [total, startedAt] = [{ states: 0, edges: 0, wrong: 0 }, Date.now()]
  for (const model of models) {
    const { states, edges, findings, complete } = explored(model, Number(given['max-states']), false)
    total.states += states
    total.edges += edges
    if (!complete || findings.length > 0) total.wrong++
    for (const finding of findings) show(finding)
  }
  report(
    'all',
    total.states,
    total.edges,
    startedAt,
    total.wrong === 0 ? 'nothing found' : `${total.wrong} models with findings`,
  )
  return models.length > 0 && total.wrong === 0 ? 0 : 1
}

function hunt(given: Given): number {
  const bugs = [...relayBugs, ...auditorBugs].filter(
    ({ model }) => given.machine === undefined || given.machine === (model as AnyModel).kind,
  )
  let missed = 0
  for (const { name, model } of bugs) {
    const { findings } = explored({ ...model, id: name }, Number(given['max-states']), true)
    if (findings.length === 0) missed++
  }
  process.stdout.write(`${bugs.length - missed} of ${bugs.length} seeded bugs found\n`)
  return bugs.length > 0 && missed === 0 ? 0 : 1
}

function explored(model: AnyModel, maxStates: number, stopAtFirst: boolean) {
  const startedAt = Date.now()
  const onProgress = (states: number, edges: number) => redraw(`${model.id}: ${states} states, ${edges} edges …`)
  const { graph, findings } = check(model, { maxStates, stopAtFirst, onProgress })
  redraw('')
  const [states, edges] = [graph.nodes.length, graph.to.length]
  report(model.id, states, edges, startedAt, verdictOf(findings, graph.complete))
  return { states, edges, findings, complete: graph.complete }
}

function verdictOf(findings: readonly Finding[], complete: boolean): string {
  const [first] = findings
  if (first !== undefined) return `${first.name} (${first.counterexample.steps.length} events)`
  return complete ? 'complete' : 'NOT COMPLETE: too many states'
}

function report(name: string, states: number, edges: number, startedAt: number, verdict: string): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  const columns = [name.padEnd(64), String(states).padStart(8), String(edges).padStart(9), `${seconds.padStart(6)} s`]
  process.stdout.write(`${columns.join(' ')}  ${verdict}\n`)
}

function show({ name, counterexample }: Finding): void {
  process.stdout.write(`\n${name}\n${JSON.stringify(counterexample, null, 2)}\n\n`)
}

/** Where someone looks on, how far it is. */
function redraw(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

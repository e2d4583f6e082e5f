// L1 vectors from traces of the formal model [spec/quint]: short beginnings of random traces, each for a pair of steps that no shorter one has.
// Invariant: machine and model agree on every step of a trace that becomes a vector; an ID is that of the events and never of others.
import { createHash } from 'node:crypto'
import { sfoMachine } from '../../../machines/auditor/sfo.ts'
import type { AnyMachine, Effect, Step } from '../../../machines/kernel/machine.ts'
import { step } from '../../../machines/kernel/step.ts'
import { relayMachine } from '../../../machines/relay/machine.ts'
import { fromWire, toWireObject } from '../json.ts'
import { machines } from '../machines.ts'
import { type Trace, tracesOf } from '../refinement/quint.ts'
import { configOf, relayRefinement } from '../refinement/relay-refinement.ts'
import { type Refinement, replay, report } from '../refinement/replay.ts'
import { sfoConfigOf, sfoRefinement } from '../refinement/sfo-refinement.ts'
import { canonical } from './draft.ts'
import type { DraftL1 } from './trace-draft.ts'

// biome-ignore lint/suspicious/noExplicitAny: a source is of any machine.
type AnyRefinement = Refinement<any, any, any>

interface Source {
  readonly module: string
  /** Behind the machine's name in an ID. */
  readonly name: string
  readonly machine: string
  readonly runs: AnyMachine
  readonly refinement: AnyRefinement
  readonly traces: number
  readonly steps: number
  readonly config: (first: Trace['states'][number]) => object
}

const seed = 1
const relay = {
  ...{ machine: 'relay', runs: relayMachine, refinement: relayRefinement, traces: 30, steps: 14 },
  config: (first: Trace['states'][number]) => ({ policy: configOf(first).policy }),
}
const sources: readonly Source[] = [
  { ...relay, module: 'relay_seed', name: 'seed' },
  { ...relay, module: 'relay_hardened', name: 'hardened' },
  {
    ...{ module: 'sfo_corrected', name: '', machine: 'sfo', runs: sfoMachine, refinement: sfoRefinement },
    ...{ traces: 100, steps: 10, config: sfoConfigOf },
  },
]

export async function modelDrafts(): Promise<readonly DraftL1[]> {
  const drafts = await Promise.all(
    sources.map(async (source) => {
      const { module, traces, steps } = source
      return draftsOf(source, await tracesOf({ module, seed, traces, steps }))
    }),
  )
  return drafts.flat()
}

/** @throws Error where the machine does not do as the model. */
function draftsOf(source: Source, traces: readonly Trace[]): readonly DraftL1[] {
  const runs = traces.map((trace) => runOf(source, trace))
  const seen = new Set<string>()
  const drafts: DraftL1[] = []
  for (let length = 1; length <= source.steps; length++)
    for (const run of runs) {
      const pair = run.pairs[length - 1]
      if (pair === undefined || seen.has(pair)) continue
      for (const one of run.pairs.slice(0, length)) seen.add(one)
      drafts.push(draftOf(source, run, length))
    }
  return drafts
}

interface Run {
  readonly config: object
  readonly events: readonly object[]
  /** What each step was, with what the one before it was. */
  readonly pairs: readonly string[]
  readonly lasts: readonly string[]
}

function runOf({ machine, refinement, runs, config }: Source, trace: Trace): Run {
  const events: object[] = []
  const kinds: string[] = []
  const lasts: string[] = []
  const take = (before: Parameters<typeof step>[1], event: { readonly type: string }): Step<never, Effect> => {
    const taken = step(runs as never, before, event as never) as Step<never, Effect>
    const { disposition, reason = '', effects } = taken
    events.push(event)
    lasts.push(`${event.type} ${disposition}${reason && ` (${reason})`}`)
    kinds.push([JSON.stringify(before.value), lasts.at(-1), ...effects.map(({ type }) => type)].join(' '))
    return taken
  }
  const difference = replay(refinement, take, trace)
  if (difference !== null) throw new Error(report(difference))
  const said = events.findIndex((event) => !canBeSaid(machine, event))
  const pairs = kinds.map((kind, i) => `${kinds[i - 1] ?? ''}, ${kind}`).slice(0, said < 0 ? undefined : said)
  return { config: config(trace.states[0]), events, pairs, lasts }
}

/** The model also has an event come of a round before the first one. */
function canBeSaid(machine: string, event: object): boolean {
  const schema = machines[machine]?.event
  return schema !== undefined && fromWire(schema, toWireObject(event)).ok
}

function draftOf({ machine, name, module }: Source, run: Run, length: number): DraftL1 {
  const { config } = run
  const events = run.events.slice(0, length)
  const text = canonical(toWireObject({ config, events }))
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 10)
  return {
    machine,
    name: [name, digest].filter(Boolean).join('-'),
    preset: 'minimal',
    config,
    events,
    must: {},
    reqs: [],
    comment: `${module}: ${run.lasts.slice(Math.max(0, length - 2), length).join(', then ')}`,
    provenance: `model:${module}`,
  }
}

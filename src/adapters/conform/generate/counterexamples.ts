// L1 vectors from the shortest counterexample of each seeded bug: what the right machine does where the wrong one is seen to be wrong.
// Invariant: the wrong machine answers differently at some step of its vector; where the explorer sees a bug before its answers
// show it, the run goes on by the shortest way until they do.
import { type AnyModel, follow, type Node } from '../../../machines/kernel/explore.ts'
import { check } from '../../../machines/kernel/explore-check.ts'
import { numbering } from '../../../machines/kernel/explore-key.ts'
import { replay } from '../../../machines/kernel/explore-vector.ts'
import type { Effect, State, Step } from '../../../machines/kernel/machine.ts'
import { configOf } from '../configs.ts'
import { fromWire, toWireObject, type WireObject } from '../json.ts'
import { type ConformMachine, machines } from '../machines.ts'
import type { SeededBug } from '../seeded-bug.ts'
import { auditorBugs } from '../seeded-bugs-auditor.ts'
import { relayBugs } from '../seeded-bugs-relay.ts'
import { seededMachine } from '../seeded-sut.ts'
import { canonical } from './draft.ts'
import type { DraftL1 } from './trace-draft.ts'

const limits = { maxStates: 20_000, stopAtFirst: true } as const
const mostStates = 20_000

export function counterexampleDrafts(): readonly DraftL1[] {
  return [...relayBugs, ...auditorBugs].map(draftOf)
}

/** @throws Error where the explorer does not find the bug, or no answer ever shows it. */
function draftOf(bug: SeededBug): DraftL1 {
  const { name, model } = bug
  const right = machines[model.kind]
  const [finding] = check(model, limits).findings
  if (finding === undefined || right === undefined) throw new Error(`${name}: not found`)
  const { config, steps, reqs } = finding.counterexample
  const found = steps.map(({ event }) => parsed(right.event, event))
  const both = { bug, right, config: parsed(right.config, configOf('minimal', model.kind, config as WireObject)) }
  const more = isTold(both, found) ? [] : shownBy(both, finding.counterexample, found)
  if (more === null) throw new Error(`${name}: no answer shows it`)
  return {
    machine: model.kind,
    name,
    preset: 'minimal',
    config: config as WireObject,
    events: [...found, ...more] as readonly object[],
    must: {},
    reqs,
    comment: `${finding.name}. Told from a machine with one bug: ${name}`,
    provenance: 'counterexample',
    allStates: true,
  }
}

interface Both {
  readonly bug: SeededBug
  readonly right: ConformMachine
  readonly config: never
}

function parsed(schema: ConformMachine['event'], wire: unknown): never {
  const value = fromWire(schema, wire)
  if (!value.ok) throw new Error(value.detail)
  return value.value as never
}

/** What a runner sees of one step. */
function seen({ project, present }: ConformMachine, step: Step<never, Effect>): string {
  const effects = step.effects.map((effect) => toWireObject(present(effect as never)))
  const { disposition, reason = '' } = step
  return canonical({ disposition, reason, effects, state: toWireObject(project(step.state)) })
}

function isTold({ bug, right, config }: Both, events: readonly never[]): boolean {
  const wrong = seededMachine(bug)
  let [should, does] = [right.initial(config), wrong.initial(config)]
  for (const event of events) {
    const [wanted, given] = [right.step(should, event), wrong.step(does, event)]
    if (seen(right, wanted) !== seen(right, given)) return true
    should = wanted.state
    does = given.state
  }
  return false
}

interface Pair {
  readonly wrong: Node<unknown, unknown>
  readonly right: State<unknown>
  readonly events: readonly never[]
}

/** The fewest events of the bug's world after which the answers differ; null where none do. */
function shownBy(
  { bug, right, config }: Both,
  counterexample: Parameters<typeof replay>[1],
  found: readonly never[],
): readonly never[] | null {
  const model: AnyModel = bug.model
  const reached = replay(model, counterexample)
  if (reached === null) return null
  const state = found.reduce((before, event) => right.step(before, event).state, right.initial(config))
  const identify = numbering()
  const known = new Set<string>()
  const queue: Pair[] = [{ wrong: reached.node, right: state, events: [] }]
  for (const pair of queue) {
    if (known.size > mostStates) return null
    for (const choice of model.choices(pair.wrong.state, pair.wrong.world)) {
      const next = follow(model, pair.wrong, choice)
      if ('thrown' in next) return [...pair.events, choice.event as never]
      let should = pair.right
      if (next.observed !== null) {
        const wanted = right.step(should as never, choice.event as never)
        if (seen(right, wanted) !== seen(right, next.observed.step as never))
          return [...pair.events, choice.event as never]
        should = wanted.state
      }
      const key = `${identify(model.essence(next.node.state))} ${identify(model.essence(should))} ${identify(next.node.world)}`
      if (known.has(key)) continue
      known.add(key)
      const events = choice.event === null ? pair.events : [...pair.events, choice.event as never]
      queue.push({ wrong: next.node, right: should, events })
    }
  }
  return null
}

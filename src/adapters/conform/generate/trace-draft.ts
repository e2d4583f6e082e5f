// L1 vectors from sequences of events [spec/conformance.md, L1]: what the machines answer, checked against what the generator knows.
// Invariant: the requirements of a vector are those of the transitions that it takes, and those that it was written for.

import { circuitMachine } from '../../../machines/auditor/circuit.ts'
import { logViewMachine } from '../../../machines/auditor/log-view.ts'
import { reportMachine } from '../../../machines/auditor/report.ts'
import { roundMachine } from '../../../machines/auditor/round.ts'
import { sfoMachine } from '../../../machines/auditor/sfo.ts'
import { taker } from '../../../machines/kernel/explore-tour.ts'
import type { AnyMachine, State } from '../../../machines/kernel/machine.ts'
import { tableOf } from '../../../machines/kernel/structure.ts'
import { relayMachine } from '../../../machines/relay/machine.ts'
import { configOf, type PresetName } from '../configs.ts'
import { fromWire, toWireObject, type WireObject } from '../json.ts'
import { machines } from '../machines.ts'
import { runTrace, type TraceStep } from '../trace.ts'
import { since, type VectorLine } from './draft.ts'

export type Disposition = 'accepted' | 'ignored' | 'rejected'

/** What the last step must be, where the generator knows: disposition, reason, and effects by type. */
export interface MustEnd {
  readonly disposition?: Disposition
  readonly reason?: string
  readonly effects?: readonly string[]
  readonly leaf?: string
}

export interface DraftL1 {
  readonly machine: string
  readonly name: string
  readonly preset: PresetName
  readonly config: object
  readonly events: readonly object[]
  readonly must: MustEnd
  /** Beside those of the last transition. */
  readonly reqs: readonly string[]
  readonly comment: string
  readonly provenance: string
  /** Whether the state is given after every step, or after the last alone. */
  readonly allStates?: boolean
}

const byName: Readonly<Record<string, AnyMachine>> = {
  relay: relayMachine,
  sfo: sfoMachine,
  round: roundMachine,
  circuit: circuitMachine,
  logView: logViewMachine,
  report: reportMachine,
}

/** @throws Error where a sequence does not end as the generator knows that it must. */
export function vectorL1(id: string, draft: DraftL1): VectorLine {
  const { machine, preset, config, events, must, comment, provenance, allStates = false } = draft
  const trace = { machine, preset, config: toWireObject(config), events: events.map(toWireObject) }
  const ran = runTrace(machines, trace)
  if (!ran.ok) throw new Error(`${id}: ${ran.detail}`)
  const last = ran.value.at(-1)
  if (last === undefined || !ends(last, must))
    throw new Error(
      `${id}: ${last?.disposition} ${last?.reason} ${last?.effects.map(({ type }) => type)} ${last?.state.leaf} is not ${JSON.stringify(must)}`,
    )
  const steps = ran.value.map(({ state, ...step }, at) => ({
    event: trace.events[at] as WireObject,
    expect: (allStates || at === ran.value.length - 1 ? { ...step, state } : step) as unknown as WireObject,
  }))
  const reqs = [...new Set([...draft.reqs, ...requirementsOf(trace)])].sort()
  const named = Object.keys(trace.config).length === 0 ? {} : { config: trace.config }
  return { id, level: 'L1', machine, since, reqs, comment, provenance, preset, ...named, steps }
}

function ends({ disposition, reason, effects, state }: TraceStep, must: MustEnd): boolean {
  return (
    (must.disposition === undefined || must.disposition === disposition) &&
    (must.reason === undefined || must.reason === reason) &&
    (must.leaf === undefined || must.leaf === state.leaf) &&
    (must.effects === undefined || must.effects.join() === effects.map(({ type }) => type).join())
  )
}

type Trace = {
  readonly machine: string
  readonly preset: PresetName
  readonly config: WireObject
  readonly events: readonly WireObject[]
}

/** Those of the transition that the last event takes. */
function requirementsOf({ machine: name, preset, config, events }: Trace): readonly string[] {
  const conform = machines[name]
  const machine = byName[name]
  if (conform === undefined || machine === undefined) throw new Error(`no machine ${name}`)
  const parsed = fromWire(conform.config, configOf(preset, name, config))
  let state = conform.initial((parsed.ok ? parsed.value : null) as never) as State<never>
  const rowOf = takers(machine)
  let req: readonly string[] = []
  for (const wire of events) {
    const event = fromWire(conform.event, wire)
    if (!event.ok) throw new Error(event.detail)
    req = rowOf(state, event.value as never)?.req ?? []
    state = conform.step(state, event.value as never).state as State<never>
  }
  return req
}

const known = new Map<AnyMachine, ReturnType<typeof taker>>()

function takers(machine: AnyMachine): ReturnType<typeof taker> {
  const found = known.get(machine) ?? taker(machine, tableOf(machine))
  known.set(machine, found)
  return found
}

// Runs one L1 vector's events through a machine [spec/conformance.md, L1].
// Invariant: a trace that does not fit its schemas is an error of the vector, told with its place, and never a disposition.
import type { Result } from '../../machines/ct/types.ts'
import { configOf, isPreset } from './configs.ts'
import { fromWire, toWireObject, type WireObject } from './json.ts'
import { ConfigRefused, type ConformMachine } from './machines.ts'

export interface Trace {
  readonly machine: string
  readonly preset: string
  readonly config: WireObject
  readonly events: readonly WireObject[]
}

export interface TraceStep {
  readonly disposition: 'accepted' | 'ignored' | 'rejected'
  readonly reason?: string
  readonly effects: readonly WireObject[]
  readonly state: WireObject
}

/** One step an event. */
export function runTrace(
  machines: Readonly<Record<string, ConformMachine>>,
  { machine: name, preset, config, events }: Trace,
): Result<readonly TraceStep[], 'badTrace'> {
  const machine = Object.hasOwn(machines, name) ? machines[name] : undefined
  if (machine === undefined) return refuse(`no machine ${name}`)
  if (!isPreset(preset)) return refuse(`no preset ${preset}`)
  const parsed = fromWire(machine.config, configOf(preset, name, config))
  if (!parsed.ok) return refuse(`config: ${parsed.detail}`)
  try {
    let state = machine.initial(parsed.value as never)
    const steps: TraceStep[] = []
    for (const [at, wire] of events.entries()) {
      const event = fromWire(machine.event, wire)
      if (!event.ok) return refuse(`event ${at}: ${event.detail}`)
      const { disposition, reason, effects, state: next } = machine.step(state, event.value as never)
      state = next
      steps.push({
        disposition,
        ...(reason === undefined ? {} : { reason }),
        effects: effects.map((effect) => toWireObject(machine.present(effect as never))),
        state: toWireObject(machine.project(state)),
      })
    }
    return { ok: true, value: steps }
  } catch (error) {
    if (error instanceof ConfigRefused) return refuse(`config: ${error.message}`)
    throw error
  }
}

function refuse(detail: string): Result<never, 'badTrace'> {
  return { ok: false, error: 'badTrace', detail }
}

// The six machines as the conformance kit drives them [spec/conformance.md, L1]: fresh from a configuration, one event after another.
// Invariant: no protocol logic: configuration, events and states are translated, and the machine's own step does the rest.
import type { z } from 'zod'
import {
  circuitEffect,
  circuitEvent,
  logViewEffect,
  logViewEvent,
  reportEffect,
  reportEvent,
  roundEffect,
  roundEvent,
  sfoEffect,
  sfoEvent,
} from '../../effects/vocabulary/auditor.ts'
import { relayEffect, relayEvent } from '../../effects/vocabulary/relay.ts'
import { circuitMachine, initialCircuit } from '../../machines/auditor/circuit.ts'
import { initialLogView, logViewMachine } from '../../machines/auditor/log-view.ts'
import { initialReport, reportMachine } from '../../machines/auditor/report.ts'
import { initialRound, roundMachine } from '../../machines/auditor/round.ts'
import { newSfo, sfoMachine } from '../../machines/auditor/sfo.ts'
import type { Effect, Machine, State, StateValue, Step } from '../../machines/kernel/machine.ts'
import { step } from '../../machines/kernel/step.ts'
import { initialRelay } from '../../machines/relay/initial.ts'
import { relayMachine } from '../../machines/relay/machine.ts'
import { checkConfig } from '../../machines/relay/profiles.ts'
import type { RelayEffect } from '../../machines/relay/types.ts'
import * as states from './auditor-states.ts'
import * as shapes from './configs.ts'
import { projectRelay, relayState } from './relay-state.ts'

/** What a test or another adapter may wrap: every member is a plain function or a schema. */
export interface ConformMachine {
  readonly config: z.ZodType
  readonly event: z.ZodType
  readonly effect: z.ZodType
  /** The projection, without `leaf`. */
  readonly state: z.ZodType
  /** @throws ConfigRefused where the machine's own check refuses the configuration. */
  readonly initial: (config: never) => State<never>
  readonly step: (state: State<never>, event: never) => Step<never, Effect>
  readonly project: (state: State<never>) => object
  /** An effect with its sets in order. */
  readonly present: (effect: never) => object
}

export class ConfigRefused extends Error {}

interface Parts<C, K, E extends { type: string }, F extends Effect> {
  readonly machine: Machine<C, E, F>
  readonly config: z.ZodType<K>
  readonly event: z.ZodType<E>
  readonly effect: z.ZodType<F>
  readonly state: z.ZodType
  readonly initial: (config: K) => State<C>
  readonly project: (context: C) => object
  readonly present?: (effect: F) => object
}

function conformMachine<C, K, E extends { type: string }, F extends Effect>(parts: Parts<C, K, E, F>): ConformMachine {
  const { machine, config, event, effect, state, initial, project, present = (effect) => effect } = parts
  const whole = {
    config,
    event,
    effect,
    state,
    initial,
    step: (before: State<C>, taken: E) => step(machine, before, taken),
    project: ({ value, context }: State<C>) => ({ leaf: leafOf(value), ...project(context) }),
    present,
  }
  return whole as unknown as ConformMachine
}

/** The leaf state as a dotted path. */
function leafOf(value: StateValue): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .map(([parent, child]) => `${parent}.${leafOf(child)}`)
    .join()
}

/** What a relay may do in any order: everything else of an effect is a list whose order counts. */
function presentRelay(effect: RelayEffect): object {
  if (effect.type === 'forgetSfos' || effect.type === 'emptyBuckets')
    return { ...effect, sfoIds: effect.sfoIds.toSorted() }
  if (effect.type === 'forgetProofs' || effect.type === 'forgetPairs')
    return { ...effect, leafIds: effect.leafIds.toSorted() }
  return effect
}

export const machines: Readonly<Record<string, ConformMachine>> = {
  relay: conformMachine({
    machine: relayMachine,
    config: shapes.relayConfigShape,
    event: relayEvent,
    effect: relayEffect,
    state: relayState,
    initial: (config) => {
      const checked = checkConfig(config)
      if (!checked.ok) throw new ConfigRefused(`${checked.error}: ${checked.detail}`)
      return initialRelay(checked.value)
    },
    project: projectRelay,
    present: presentRelay,
  }),
  sfo: conformMachine({
    machine: sfoMachine,
    config: shapes.sfoConfigShape,
    event: sfoEvent,
    effect: sfoEffect,
    state: states.sfoState,
    initial: (config) => newSfo(config).state,
    project: states.projectSfo,
  }),
  round: conformMachine({
    machine: roundMachine,
    config: shapes.roundConfigShape,
    event: roundEvent,
    effect: roundEffect,
    state: states.roundState,
    initial: (config) => initialRound(config),
    project: states.projectRound,
  }),
  circuit: conformMachine({
    machine: circuitMachine,
    config: shapes.circuitConfigShape,
    event: circuitEvent,
    effect: circuitEffect,
    state: states.circuitState,
    initial: ({ circuit, nonceLifetimeMs }) => initialCircuit(circuit, nonceLifetimeMs),
    project: states.projectCircuit,
  }),
  logView: conformMachine({
    machine: logViewMachine,
    config: shapes.logViewConfigShape,
    event: logViewEvent,
    effect: logViewEffect,
    state: states.logViewState,
    initial: ({ logId, mmd, capacity }) => initialLogView(logId, mmd, capacity),
    project: states.projectLogView,
  }),
  report: conformMachine({
    machine: reportMachine,
    config: shapes.reportConfigShape,
    event: reportEvent,
    effect: reportEffect,
    state: states.reportState,
    initial: ({ ctrId, ...config }) => initialReport(ctrId, config),
    project: states.projectReport,
  }),
}

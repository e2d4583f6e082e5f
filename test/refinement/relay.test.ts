// The relay machine refines its formal model: traces of both profiles and of every mixture of policies, replayed step by step.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Trace, tracesOf } from '../../src/adapters/conform/refinement/quint.ts'
import { configOf, relayRefinement } from '../../src/adapters/conform/refinement/relay-refinement.ts'
import { countSteps, replay, report, type Take } from '../../src/adapters/conform/refinement/replay.ts'
import { relayBugs } from '../../src/adapters/conform/seeded-bugs-relay.ts'
import { minimalRelay } from '../../src/adapters/conform/worlds/relay/minimal.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { violated } from '../../src/machines/relay/invariants.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import { hardenedPolicy, seedPolicy } from '../../src/machines/relay/profiles.ts'
import type { RelayContext, RelayEffect, RelayEvent } from '../../src/machines/relay/types.ts'

/** Half of the traces are always the same ones, so that what must be among them is. */
const fixed = 1
const seed = fc.readConfigureGlobal().seed ?? fixed
const modules = ['relay_seed', 'relay_hardened', 'relay_mixed'] as const
const each = 85

type Traces = Readonly<Record<(typeof modules)[number], readonly Trace[]>>
let fixedTraces: Traces
let freshTraces: Traces

beforeAll(async () => {
  const of = (seed: number) => Promise.all(modules.map((module) => tracesOf({ module, seed, traces: each, steps: 36 })))
  const [[a = [], b = [], c = []], [d = [], e = [], f = []]] = await Promise.all([of(fixed), of(seed)])
  fixedTraces = { relay_seed: a, relay_hardened: b, relay_mixed: c }
  freshTraces = { relay_seed: d, relay_hardened: e, relay_mixed: f }
})

const rightly: Take<RelayContext, RelayEvent, RelayEffect> = (state, event) => step(relayMachine, state, event)

test.each(modules)(
  'each trace of %s happens on the machine as in the model: effects, disposition and state [INV-008]',
  (module) => {
    const traces = [...fixedTraces[module], ...freshTraces[module]]
    for (const trace of traces) {
      const difference = replay(relayRefinement, rightly, trace)
      if (difference !== null) expect.fail(report(difference))
    }
    expect(countSteps(traces)).toBeGreaterThan(each * 40)
  },
)

test('the machine keeps its own invariants along the traces [INV-001, INV-002, INV-003, INV-006.2]', () => {
  const watched: typeof rightly = (before, event) => {
    const taken = rightly(before, event)
    expect(violated({ before, event, step: taken })).toEqual([])
    return taken
  }
  for (const trace of freshTraces.relay_mixed) replay(relayRefinement, watched, trace)
})

test('the model runs on the minimal preset, with the policies that the profiles name [RELAY-120]', () => {
  const configs = modules.map((module) => configOf(fixedTraces[module][0]?.states[0]))
  expect(configs.slice(0, 2)).toEqual([seedPolicy, hardenedPolicy].map((policy) => ({ ...minimalRelay, policy })))
  const policies = new Set(fixedTraces.relay_mixed.map(({ states }) => JSON.stringify(states[0].config.policy)))
  expect(policies.size).toBeGreaterThan(40)
})

test('traces accept, ignore and reject, and every event is accepted in some and not accepted in others [RELAY-021]', () => {
  const seen = new Set(
    Object.values(fixedTraces).flatMap((some) =>
      some.flatMap(({ states }) => states.slice(1).map(({ obs }) => `${obs.event.tag} ${obs.disposition}`)),
    ),
  )
  const missing = relayMachine.events.length * 2 - [...seen].filter((one) => !one.endsWith('rejected')).length
  // Invalid SFOs are never accepted, requests for proofs never ignored.
  expect(missing).toBe(2)
  for (const tag of ['SfoCame', 'AddressCame', 'ProofsRequested', 'Waited'])
    expect([...seen]).toContain(`${tag} rejected`)
})

describe('a machine that is wrong in one place does not refine the model', () => {
  test.each(relayBugs)('$name', ({ model }) => {
    const some = Object.values(fixedTraces).flat()
    const caught = some.some((trace) => replay(relayRefinement, model.take, trace) !== null)
    expect(caught).toBe(true)
  })
})

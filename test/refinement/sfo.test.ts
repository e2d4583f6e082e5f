// The machine of one SFO refines its formal model, crashes included; and the document's step 3.2 is not refined by it.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Trace, tracesOf } from '../../src/adapters/conform/refinement/quint.ts'
import { countSteps, replay, report, type Take } from '../../src/adapters/conform/refinement/replay.ts'
import { sfoRefinement } from '../../src/adapters/conform/refinement/sfo-refinement.ts'
import { auditorBugs } from '../../src/adapters/conform/seeded-bugs-auditor.ts'
import { sfoModel } from '../../src/adapters/conform/worlds/auditor/minimal-sfo.ts'
import { type Observed, sfoInvariants } from '../../src/machines/auditor/invariants.ts'
import { sfoMachine } from '../../src/machines/auditor/sfo.ts'
import type { SfoContext, SfoEffect, SfoEvent } from '../../src/machines/auditor/types.ts'
import { step } from '../../src/machines/kernel/step.ts'

/** Half of the traces are always the same ones, so that what must be among them is. */
const fixed = 1
const seed = fc.readConfigureGlobal().seed ?? fixed
const each = 300

let fixedTraces: readonly Trace[]
let freshTraces: readonly Trace[]
let asWritten: readonly Trace[]

beforeAll(async () => {
  const of = (module: string, seed: number, traces: number) => tracesOf({ module, seed, traces, steps: 20 })
  const requests = [of('sfo_corrected', fixed, each), of('sfo_corrected', seed, each), of('erratum_a9', fixed, 50)]
  const [a = [], b = [], c = []] = await Promise.all(requests)
  fixedTraces = a
  freshTraces = b
  asWritten = c
})

const rightly: Take<SfoContext, SfoEvent, SfoEffect> = (state, event) => step(sfoMachine, state, event)

test('each trace happens on the machine as in the model: effects, disposition and state [INV-008]', () => {
  const traces = [...fixedTraces, ...freshTraces]
  for (const trace of traces) {
    const difference = replay(sfoRefinement, rightly, trace)
    if (difference !== null) expect.fail(report(difference))
  }
  expect(countSteps(traces)).toBeGreaterThan(each * 20)
})

test('the machine keeps its own invariants along the traces [INV-004, INV-005, INV-009]', () => {
  const watched: typeof rightly = (before, event) => {
    const observed: Observed = { before, event, step: rightly(before, event) }
    for (const [name, holds] of Object.entries(sfoInvariants)) expect(holds(observed), name).toBe(true)
    return observed.step
  }
  for (const trace of freshTraces) replay(sfoRefinement, watched, trace)
})

test('the traces reach every state of the machine [AUD-013.2]', () => {
  const seen = new Set(fixedTraces.flatMap(({ states }) => states.map(({ sfo }) => sfo.leaf)))
  expect(seen).toEqual(
    new Set([
      ...['pending.waiting', 'pending.challenging', 'pending.probing', 'resolved.proven', 'resolved.escalated'],
      ...['resolved.reprobing', 'resolved.lateProven', 'resolved.unjudgeable'],
    ]),
  )
})

test("the document's step 3.2 is another machine: it keeps no SFO in grace, and lets none go after it [AUD-009.1]", () => {
  const differences = asWritten.flatMap((trace) => replay(sfoRefinement, rightly, trace) ?? [])
  expect(differences.some(({ model }) => /^effects .*withheld/.test(model))).toBe(true)
  expect(differences.some(({ machine }) => /^effects .*withheld/.test(machine))).toBe(true)
})

/** Not those whose machine is right and whose first row is wrong. */
const stepBugs = auditorBugs.filter(({ model }) => model.kind === 'sfo' && model.take !== sfoModel.take)

test('a first row whose grace begins with the receipt is not that of the model [AUD-009.1]', () => {
  const early: typeof sfoRefinement.initial = (first) => {
    const { value, context } = sfoRefinement.initial(first)
    return { value, context: { ...context, graceEndsAt: context.receivedAt + context.graceEndsAt - context.dueAt } }
  }
  expect(fixedTraces.some((trace) => replay({ ...sfoRefinement, initial: early }, rightly, trace)?.step === 0)).toBe(
    true,
  )
})

describe('a machine that is wrong in one place does not refine the model', () => {
  test.each(stepBugs)('$name', ({ model }) => {
    expect(fixedTraces.some((trace) => replay(sfoRefinement, model.take, trace) !== null)).toBe(true)
  })
})

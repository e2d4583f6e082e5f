// The auditor's machines in their finite worlds: every invariant on every edge, what they always come to, every transition taken.
import { describe, expect, test } from 'vitest'
import {
  circuitModel,
  logViewModels,
  reportModel,
  roundModel,
  sfoModel,
} from '../../src/adapters/conform/worlds/auditor/minimal.ts'
import type { AnyModel } from '../../src/machines/kernel/explore.ts'
import { type Stop, tour } from '../../src/machines/kernel/explore-tour.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { expectSound } from './expect-sound.ts'

const machines: readonly { readonly kind: string; readonly models: readonly AnyModel[]; readonly least: number }[] = [
  { kind: 'sfo [INV-004, INV-005, INV-009]', models: [sfoModel], least: 10_000 },
  { kind: 'round [AUD-111, AUD-120]', models: [roundModel], least: 120 },
  { kind: 'circuit [INV-006, INV-007, AUD-027]', models: [circuitModel], least: 16_000 },
  { kind: 'report [AUD-004, AUD-022]', models: [reportModel], least: 5900 },
  { kind: 'log view [AUD-113, AUD-016, AUD-017]', models: logViewModels, least: 175 },
]

describe.each(machines)('$kind', ({ models, least }) => {
  test('explored to the last state, nothing wrong in any, and every transition of the machine was taken', () => {
    const [first, ...others] = models.map((model) => expectSound(model, least))
    if (first === undefined) expect.fail('nothing was explored')
    const { stops, missed } = tour(first, ...others)
    expect(missed).toEqual([])
    for (const stop of stops) expectTaken(stop)
  })
})

/** Sent from its root, the events end in the transition that the stop is about. */
function expectTaken({ row, disposition, reason, root, events }: Stop<unknown, { type: string }, unknown>): void {
  const model = machines.flatMap(({ models }) => models).find(({ roots }) => roots.includes(root))
  if (model === undefined) expect.fail('a root of no model')
  let state = root.state
  let last: ReturnType<typeof step> | undefined
  for (const event of events) {
    last = step(model.machine, state as never, event)
    state = last.state
  }
  expect([last?.disposition, last?.reason ?? null]).toEqual([disposition, reason])
  expect(events.at(-1)?.type).toBe(row.event)
}

// A deliberately wrong machine must be caught: each seeded bug is found, by a counterexample that shows it again.
import { describe, expect, test } from 'vitest'
import { machines } from '../../src/adapters/conform/machines.ts'
import type { SeededBug } from '../../src/adapters/conform/seeded-bug.ts'
import { auditorBugs } from '../../src/adapters/conform/seeded-bugs-auditor.ts'
import { relayBugs } from '../../src/adapters/conform/seeded-bugs-relay.ts'
import { runTrace } from '../../src/adapters/conform/trace.ts'
import { check } from '../../src/machines/kernel/explore-check.ts'
import { replay } from '../../src/machines/kernel/explore-vector.ts'

const bugs: readonly SeededBug[] = [...relayBugs, ...auditorBugs]

test('there are at least ten of the relay and ten of the auditor, each with a name of its own', () => {
  expect(relayBugs.length).toBeGreaterThanOrEqual(10)
  expect(auditorBugs.length).toBeGreaterThanOrEqual(10)
  expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length)
})

describe.each(bugs)('$name', ({ model }) => {
  test('is found, its counterexample shows it again, and the right machine does as it should', () => {
    const { findings } = check(model, { maxStates: 20_000, stopAtFirst: true })
    const [found] = findings
    if (found === undefined) expect.fail('not found')
    const { counterexample } = found
    const again = replay(model, counterexample)
    if (counterexample.steps.at(-1)?.expect !== undefined) expect(again?.violated).toContain(found.name)
    else expect(again?.violated).toEqual([])
    const { machine, preset, config, steps } = counterexample
    const ran = runTrace(machines, {
      machine,
      preset,
      config: config as never,
      events: steps.map(({ event }) => event) as never,
    })
    expect(ran).toMatchObject({ ok: true })
  })
})

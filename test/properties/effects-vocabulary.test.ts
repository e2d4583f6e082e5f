// The alphabets as schemas, and the closed tables of errors, metrics and limits.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { auditorLimits } from '../../src/effects/auditor/limits.ts'
import { effectErrors } from '../../src/effects/errors.ts'
import { metricNames } from '../../src/effects/metrics.ts'
import { relayLimits } from '../../src/effects/relay/limits.ts'
import * as auditor from '../../src/effects/vocabulary/auditor.ts'
import { relayEffect, relayEvent } from '../../src/effects/vocabulary/relay.ts'
import { circuitMachine } from '../../src/machines/auditor/circuit.ts'
import { logViewMachine } from '../../src/machines/auditor/log-view.ts'
import { reportMachine } from '../../src/machines/auditor/report.ts'
import { roundMachine } from '../../src/machines/auditor/round.ts'
import { sfoMachine } from '../../src/machines/auditor/sfo.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'

const folder = new URL('../../src/effects/', import.meta.url)
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path !== 'errors.ts' && path !== 'metrics.ts')
  .map((path) => readFileSync(new URL(path, folder), 'utf8'))
  .join('\n')

const typesOf = (schema: z.ZodType) =>
  (z.toJSONSchema(schema, { io: 'output' }).oneOf ?? []).map(
    (one) => (one as { properties: { type: { const: string } } }).properties.type.const,
  )

test('every event of every machine has a schema, and no schema is of no event [INV-008]', () => {
  const pairs = [
    [relayMachine, relayEvent],
    [sfoMachine, auditor.sfoEvent],
    [roundMachine, auditor.roundEvent],
    [circuitMachine, auditor.circuitEvent],
    [logViewMachine, auditor.logViewEvent],
    [reportMachine, auditor.reportEvent],
  ] as const
  for (const [machine, schema] of pairs) expect(typesOf(schema).sort()).toEqual([...machine.events].sort())
})

test('schemas are strict: unknown members, upper-case hex, unsafe and negative numbers are refused [RELAY-021]', () => {
  const id = 'ab'.repeat(32)
  const good = { type: 'delivered', round: 1, ctrId: id, sfoId: id, ok: true, at: 7 }
  expect(relayEvent.safeParse(good).success).toBe(true)
  const bad = [
    { ...good, more: 1 },
    { ...good, sfoId: id.toUpperCase() },
    { ...good, ctrId: 'ab' },
    { ...good, at: -1 },
    { ...good, at: 2 ** 53 },
    { ...good, round: 1.5 },
    { ...good, type: 'unheard-of' },
  ]
  for (const event of bad) expect(relayEvent.safeParse(event).success).toBe(false)
  expect(relayEvent.safeParse({ type: 'waited', at: 1, draw: [0, 2 ** 32 - 1] }).success).toBe(true)
  expect(relayEvent.safeParse({ type: 'waited', at: 1, draw: [2 ** 32] }).success).toBe(false)
  expect(relayEffect.safeParse({ type: 'forgetPairs', leafIds: [`${id}:${id}`, id] }).success).toBe(false)
})

test('every error code and every metric of the tables is used [RELAY-026]', () => {
  const names = [...Object.keys(effectErrors), ...Object.keys(metricNames)]
  expect(names.filter((name) => !sources.includes(`'${name}'`))).toEqual([])
})

test('the deadlines of the steps leave the round time to end by itself, whatever its own deadline [RELAY-001.2, AUD-120]', () => {
  for (const deadline of [1000, 60_000, 3_600_000]) {
    const { challenge, fetch, forward, announce } = relayLimits({ roundDeadlineMs: deadline, reportCapacity: 1 }).steps
    expect(challenge + fetch + 2 * forward + announce).toBeLessThan(deadline)
    const auditing = auditorLimits(deadline).steps
    expect(auditing.sths + auditing.challenge + auditing.analyze).toBeLessThan(deadline)
  }
})

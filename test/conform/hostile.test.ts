// The runner against implementations that break the protocol: each gets its verdict, and the run ends.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runVectors } from '../../src/adapters/conform/runner.ts'
import { summarize } from '../../src/adapters/conform/summary.ts'
import { spawnSut } from '../../src/adapters/conform/sut-process.ts'
import { fixtures } from './fixtures/read.ts'

const script = fileURLToPath(new URL('suts/hostile.ts', import.meta.url))
/** Long for those that answer, so that no load of the machine decides; short for those that never will. */
const patient = { timeoutMs: 30_000 }
const brief = { timeoutMs: 500, startMs: 30_000 }

async function against(mode: string, times: { timeoutMs: number; startMs?: number } = patient) {
  const start = () => spawnSut([process.execPath, script, mode], 'ignore')
  const run = await runVectors({ vectors: fixtures, known: new Set(), ...times, start })
  const { exitCode, executed, counts } = summarize(run)
  return { statuses: run.outcomes.map(({ status }) => status), faults: run.faults, exitCode, executed, counts, run }
}

const all = fixtures.length - 1

test('a polite implementation that is wrong fails every vector, and the protocol is whole', async () => {
  const { statuses, faults, exitCode } = await against('polite')
  expect({ statuses, faults, exitCode }).toEqual({ statuses: Array(all).fill('failed'), faults: [], exitCode: 1 })
})

/** The first three vectors meet it, one fault each; then it is given up. */
const thrice = [...Array(3).fill('broken'), ...Array(all - 3).fill('notRun')]

test.each([
  ['hangs', 'timeout', 'no answer within 500 ms'],
  ['floods', 'lineTooLong', 'a line of more than 4 MiB, or output without an end of line'],
  ['junk', 'notMessage', 'no message of the protocol: "Segmentation fault"'],
  ['echoes', 'echo', "the runner's own message came back"],
  ['outOfOrder', 'otherId', /^asked L0-[a-z]+-000[12], answered no ID$/],
  ['extraMember', 'notMessage', /confidence/],
])('an implementation that %s: %s, three times, and the rest is not run', async (mode, code, detail) => {
  const { statuses, faults, exitCode } = await against(mode, mode === 'hangs' ? brief : patient)
  expect(statuses).toEqual(thrice)
  expect(faults).toHaveLength(3)
  for (const fault of faults) {
    expect(fault.code).toBe(code)
    if (typeof detail === 'string') expect(fault.detail).toBe(detail)
    else expect(fault.detail).toMatch(detail)
  }
  expect(exitCode).toBe(2)
})

test('an implementation that floods with lines: the first is to another vector than the one asked', async () => {
  const { statuses, faults, exitCode } = await against('floodsLines')
  expect(statuses).toEqual(thrice)
  expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['otherId']))
  expect(exitCode).toBe(2)
})

test('an implementation that dies in a run: what came before has its verdict, and it is started anew for what follows', async () => {
  const { statuses, faults, exitCode } = await against('diesMidRun')
  expect(statuses).toEqual(['failed', 'broken', 'failed', 'broken', 'failed', 'broken', 'notRun', 'notRun'])
  expect(faults).toEqual(Array(3).fill({ code: 'died', detail: 'it ended with status 7' }))
  expect(exitCode).toBe(2)
})

test('an implementation that answers twice is told from one that answers once', async () => {
  const { faults, exitCode, executed } = await against('twice')
  expect(faults.length).toBeGreaterThan(0)
  for (const { code } of faults) expect(['otherId', 'unsolicited', 'badStop']).toContain(code)
  expect(exitCode).toBe(2)
  expect(executed).toBeLessThanOrEqual(all)
})

test.each([
  ['silent', 'timeout', 'no answer within 500 ms'],
  ['diesAtStart', 'died', 'it ended with status 3'],
  ['versionTwo', 'wrongProtocol', 'it speaks protocol 2, wanted 1'],
  ['claimsWithoutNames', 'badClaims', 'it claims L1 and names nothing of it'],
])('an implementation that at its start is %s is not asked anything: %s', async (mode, code, detail) => {
  const { statuses, faults, exitCode } = await against(mode, mode === 'silent' ? { ...brief, startMs: 500 } : patient)
  expect(statuses).toEqual(Array(all).fill('notRun'))
  expect({ faults, exitCode }).toEqual({ faults: [{ code, detail }], exitCode: 2 })
})

test('a command that does not exist says so', async () => {
  const start = () => spawnSut(['/nowhere/sut'], 'ignore')
  const run = await runVectors({ vectors: fixtures, known: new Set(), ...patient, start })
  expect(run.faults).toEqual([{ code: 'cannotStart', detail: '/nowhere/sut: spawn /nowhere/sut ENOENT' }])
  expect(summarize(run).exitCode).toBe(2)
})

test('a level that is claimed but lacking shows as errors, or as failures where it skips them', async () => {
  const lacks = await against('lacksL1')
  expect(lacks.counts).toMatchObject({ failed: 4, errored: 4, skipped: 0 })
  expect(lacks.exitCode).toBe(1)
  const skips = await against('skipsL1')
  expect(skips.statuses).toEqual(Array(all).fill('failed'))
  expect(skips.run.outcomes.at(-1)?.note).toBe('claimed, but skipped: no machines here')
  expect(skips.executed).toBe(4)
})

test('who answers skipped to everything, or claims nothing, has executed nothing: 3', async () => {
  const skips = await against('skips')
  expect({ executed: skips.executed, exitCode: skips.exitCode }).toEqual({ executed: 0, exitCode: 3 })
  const claims = await against('claimsNothing')
  expect(claims.statuses).toEqual(Array(all).fill('skipped'))
  expect(claims.exitCode).toBe(3)
})

test('an implementation that does not end with status 0 on stop has broken the protocol after its verdicts', async () => {
  const wrong = await against('badStop')
  expect(wrong.statuses).toEqual(Array(all).fill('failed'))
  expect(wrong.faults).toEqual([{ code: 'badStop', detail: 'on stop it ended with 5' }])
  const lingers = await against('lingers', { ...brief, timeoutMs: 10_000 })
  expect(lingers.faults).toEqual([{ code: 'badStop', detail: 'still there 10000 ms after stop' }])
  expect([wrong.exitCode, lingers.exitCode]).toEqual([2, 2])
})

test('a helper that outlives the implementation and holds its output open is ended with it', async () => {
  const { statuses, faults } = await against('leavesHelper')
  expect(statuses).toEqual(Array(all).fill('failed'))
  expect(faults).toEqual([])
})

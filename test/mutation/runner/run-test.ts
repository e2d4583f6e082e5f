// Runs one test until it ends, fails, or will never end. Invariant: it answers, unless the test never gives control back; that case
// is Stryker's to end.
import { performance } from 'node:perf_hooks'
import { type Declared, finishTest } from './registry.ts'

export type Outcome =
  | { readonly type: 'passed' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'overran' }

/** What was thrown where no test could catch it: in a callback, or in a promise that nobody awaits. */
let stray: unknown = null
for (const event of ['unhandledRejection', 'uncaughtException'])
  process.on(event, (reason) => {
    stray ??= reason ?? 'undefined was thrown'
  })

const text = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 500)

const unhandled = (thrown: unknown): Outcome => ({ type: 'failed', message: `unhandled: ${text(thrown)}` })

/** Requests, connections and processes that are under way; Stryker's own connection is always among them. */
function underWay(): number {
  return process.getActiveResourcesInfo().filter((resource) => /Socket|Process|FSReq|GetAddrInfo|Worker/.test(resource))
    .length
}

/** A promise that nothing is left to settle: nothing that the test began is under way, no timer of its own is set. */
function idle(before: number): boolean {
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  return timers <= 1 && underWay() <= before
}

async function ends(running: Promise<unknown>, limit: number, busyBefore: number): Promise<Outcome> {
  let settled: Outcome | null = null
  running.then(
    () => {
      settled = { type: 'passed' }
    },
    (error) => {
      settled = { type: 'failed', message: text(error) }
    },
  )
  for (let turn = 0; turn < 20 && settled === null; turn += 1) await new Promise(setImmediate)
  const start = performance.now()
  let quiet = 0
  while (settled === null) {
    const before = performance.eventLoopUtilization()
    await new Promise((resolve) => setTimeout(resolve, 25))
    const { utilization } = performance.eventLoopUtilization(before)
    quiet = utilization < 0.2 && idle(busyBefore) ? quiet + 1 : 0
    if (settled !== null) break
    if (stray !== null) return unhandled(stray)
    if (quiet >= 8) return { type: 'failed', message: 'it never ends: nothing is left to wait for' }
    if (performance.now() - start > limit) return { type: 'overran' }
  }
  return settled
}

export async function runTest(test: Declared, limit: number): Promise<Outcome> {
  stray = null
  const busyBefore = underWay()
  let outcome: Outcome
  try {
    const running = test.run()
    outcome = running instanceof Promise ? await ends(running, limit, busyBefore) : { type: 'passed' }
  } catch (error) {
    outcome = { type: 'failed', message: text(error) }
  }
  await finishTest()
  await new Promise(setImmediate)
  if (outcome.type === 'passed' && stray !== null) return unhandled(stray)
  return outcome
}

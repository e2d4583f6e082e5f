// What one event costs in each of the auditor's machines, from rows as they come back from a store; as ratios to the SFO's.
// The log's view is measured at two sizes: it is the one machine whose context is a list.
import { circuitMachine, initialCircuit } from '../src/machines/auditor/circuit.ts'
import { initialLogView, logViewMachine } from '../src/machines/auditor/log-view.ts'
import { initialReport, reportMachine } from '../src/machines/auditor/report.ts'
import { initialRound, roundMachine } from '../src/machines/auditor/round.ts'
import { newSfo, sfoMachine } from '../src/machines/auditor/sfo.ts'
import type { CircuitEvent, LogViewContext, ReportEvent, SfoEvent } from '../src/machines/auditor/types.ts'
import type { Sth } from '../src/machines/ct/types.ts'
import type { Effect, Machine, State } from '../src/machines/kernel/machine.ts'
import { step } from '../src/machines/kernel/step.ts'

const sth = (i: number): Sth => ({ logId: 'log', timestamp: i * 1_000, size: i, root: `root${i}`, signature: '00' })

/** Microseconds an event, best of five runs. */
function measure<C, E extends { type: string }>(
  machine: Machine<C, E, Effect>,
  start: State<C>,
  events: readonly E[],
): number {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 5; run++) {
    const lives = Math.ceil(20_000 / events.length)
    const from = performance.now()
    for (let life = 0; life < lives; life++) {
      let state: State<C> = { value: start.value, context: start.context }
      for (const event of events) state = step(machine, state, event).state
    }
    best = Math.min(best, ((performance.now() - from) * 1_000) / (lives * events.length))
  }
  return best
}

function sfoLife(): number {
  const received = { sctTimestamp: 0, receivedAt: 0, mmd: 10, graceMs: 20, future: false }
  const { state } = newSfo({ sfoId: 'sfo', leafId: 'log:leaf', logId: 'log', ...received })
  const look = { type: 'challengeNow', firstDue: sth(1), latest: sth(2), spansGap: false, at: 11 } as const
  const said = { type: 'answered', spansGap: false, at: 12 } as const
  const events: readonly SfoEvent[] = [
    look,
    { ...said, outcome: 'unreachable', proof: null },
    look,
    { ...said, outcome: 'refused', proof: null },
    { ...said, outcome: 'proven', proof: { leafIndex: 0, path: [] } },
  ]
  return measure(sfoMachine, state, events)
}

function circuitLife(): number {
  const one = { leafId: 'log:leaf', logId: 'log', sctTimestamp: 0, future: false, graceMs: 20, mmd: 10 }
  const items = [{ verdict: 'valid', sfoId: 'sfo', known: 'new', ...one } as const]
  const events: readonly CircuitEvent[] = [
    { type: 'nonceRequested', nonce: 'n', at: 1 },
    { type: 'authenticate', nonce: 'n', verdict: 'ctr', ctrId: 'ctr', at: 2 },
    { type: 'submitted', items, quota: 64, at: 3 },
    { type: 'stored', ok: true, at: 4 },
  ]
  return measure(circuitMachine, initialCircuit('circuit'), events)
}

function roundLife(): number {
  const events = [
    { type: 'due', draw: [1], at: 1 },
    { type: 'noNewerConsensus', at: 2 },
  ] as const
  return measure(roundMachine, initialRound({ deadlineMs: 1, intervalMs: 1 }), events)
}

/** A new STH and its answer, in a view that is full. */
function viewLife(capacity: number): number {
  const known = Array.from({ length: capacity }, (_, i) => ({
    sth: sth(i + 1),
    seenAt: 1,
    status: 'consistent' as const,
  }))
  const start: State<LogViewContext> = initialLogView('log', 10, capacity, known)
  const [newest, next] = [sth(capacity), sth(capacity + 1)]
  return measure(logViewMachine, start, [
    { type: 'sth', sth: next, signatureValid: true, at: 1 },
    { type: 'consistency', first: newest, second: next, answer: 'consistent', at: 2 },
  ])
}

function reportLife(): number {
  const entry = (i: number): ReportEvent => ({
    type: 'entry',
    entry: { ctrId: 'ctr', circuit: `c${i}`, at: i, valid: 1, duplicate: 0, invalid: {}, perLog: { log: 1 } },
    at: i,
  })
  const events = [...Array.from({ length: 200 }, (_, i) => entry(i))]
  return measure(reportMachine, initialReport('ctr'), [
    ...events,
    { type: 'analyze', expected: 250, expectedInvalid: 1, at: 200 },
  ])
}

export async function bench(): Promise<void> {
  const sfo = sfoLife()
  const rows = [
    ['sfo', sfo],
    ['circuit', circuitLife()],
    ['round', roundLife()],
    ['log-view of 24 STHs', viewLife(24)],
    ['log-view of 240 STHs', viewLife(240)],
    ['report of up to 200 entries', reportLife()],
  ] as const
  for (const [name, microseconds] of rows) {
    const ratio = (microseconds / sfo).toFixed(1)
    console.log(`${name.padEnd(28)} ${microseconds.toFixed(2).padStart(8)} us/event ${ratio.padStart(6)} x sfo`)
  }
}

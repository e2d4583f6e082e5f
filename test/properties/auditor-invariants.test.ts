// The auditor's machines around a store in memory: INV-006, and INV-009 with crashes at every boundary.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { circuitMachine, initialCircuit } from '../../src/machines/auditor/circuit.ts'
import { isConserved, type Status, statusOf } from '../../src/machines/auditor/invariants.ts'
import { initialLogView, logViewMachine } from '../../src/machines/auditor/log-view.ts'
import { sfoMachine } from '../../src/machines/auditor/sfo.ts'
import type {
  CircuitContext,
  Evidence,
  Judged,
  NewSfo,
  SfoContext,
  SfoEvent,
} from '../../src/machines/auditor/types.ts'
import type { SfoId } from '../../src/machines/ct/types.ts'
import type { State } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { judged, logViewEvent, mmd, row, sfoEvent } from './arbitraries/auditor.ts'

/** Durable: rows and incidents, each written in one transaction with what belongs to it. */
interface Durable {
  readonly rows: Map<SfoId, State<SfoContext>>
  readonly incidents: Evidence[]
  readonly acknowledged: Set<SfoId>
}

function insert(store: Durable, { state, escalate }: NewSfo): boolean {
  if (store.rows.has(state.context.sfoId)) return false
  store.rows.set(state.context.sfoId, state)
  if (escalate !== null) store.incidents.push(escalate)
  return true
}

function lookup(store: Durable, item: Judged): Judged {
  if (item.verdict === 'invalid') return item
  const known = store.rows.get(item.sfoId)
  return { ...item, known: known === undefined ? 'new' : statusOf(known) === 'pending' ? 'pending' : 'resolved' }
}

/** Takes one step of one row; `crash`: between the step and the transaction. */
function advance(store: Durable, sfoId: SfoId, event: SfoEvent, crash: boolean): void {
  const before = store.rows.get(sfoId)
  if (before === undefined) return
  const { state, effects } = step(sfoMachine, before, event)
  if (crash) {
    restart(store)
    return
  }
  store.rows.set(sfoId, state)
  for (const effect of effects) if (effect.type === 'escalate') store.incidents.push(effect.evidence)
}

function restart(store: Durable): void {
  for (const sfoId of [...store.rows.keys()]) advance(store, sfoId, { type: 'restarted', at: 140 }, false)
}

/** What a person is told of an SFO is what its row says, each kind once. */
function toldOnce(store: Durable): void {
  for (const [sfoId, { context }] of store.rows) {
    const told = store.incidents.filter((evidence) => evidence.sfoId === sfoId).map(({ kind }) => kind)
    expect(told).toEqual([...context.raised])
    expect(new Set(told).size).toBe(told.length)
  }
  for (const { sfoId } of store.incidents) expect(sfoId !== null && store.rows.has(sfoId)).toBe(true)
}

const fresh = (): Durable => ({ rows: new Map(), incidents: [], acknowledged: new Set() })

const sfoIds = ['sfo0', 'sfo1', 'sfo2', 'sfo3', 'sfo4', 'sfo5']
const advanced = fc.record({
  what: fc.constant('advance' as const),
  sfoId: fc.constantFrom(...sfoIds),
  event: sfoEvent,
  crash: fc.nat({ max: 7 }).map((one) => one === 0),
})
const submission = fc.record({
  what: fc.constant('submit' as const),
  circuit: fc.nat({ max: 1 }),
  items: fc.array(judged, { minLength: 1, maxLength: 4 }),
  quota: fc.integer({ min: 0, max: 4 }),
})
const settled = fc.record({
  what: fc.constant('settle' as const),
  circuit: fc.nat({ max: 1 }),
  /** `lost`: it was written, and the auditor died before it could say so. */
  how: fc.constantFrom('written' as const, 'written' as const, 'failed' as const, 'lost' as const, 'died' as const),
})

type Op = typeof advanced | typeof submission | typeof settled extends fc.Arbitrary<infer One> ? One : never
type Submission = Extract<Op, { what: 'submit' }>
type Settled = Extract<Op, { what: 'settle' }>

/** A submission in its transaction. */
interface Running {
  readonly items: readonly Judged[]
  readonly rows: readonly NewSfo[]
}

const idle: Running = { items: [], rows: [] }

/** Two circuits of one CTR in front of one store, and the books of what was received. */
class Auditor {
  readonly store = fresh()
  circuits = [open(0), open(1)]
  running = [idle, idle]
  books = { received: 0, duplicate: 0, invalid: 0, refused: 0 }

  take(op: Op): void {
    if (op.what === 'submit') this.submit(op)
    else if (op.what === 'settle') this.settle(op)
    else {
      advance(this.store, op.sfoId, op.event, op.crash)
      if (op.crash) this.restart()
    }
  }

  submit({ circuit, items: given, quota }: Submission): void {
    const items = given.map((item) => lookup(this.store, item))
    const before = this.circuits[circuit] as State<CircuitContext>
    const { state, effects } = step(circuitMachine, before, { type: 'submitted', items, quota, at: 100 })
    this.circuits[circuit] = state
    this.books.received += items.length
    const [effect] = effects
    if (effect?.type === 'store') this.running[circuit] = { items, rows: effect.rows }
    else this.books.refused += items.length
  }

  settle({ circuit, how }: Settled): void {
    const before = this.circuits[circuit] as State<CircuitContext>
    if (before.value !== 'storing') return
    const { items, rows } = this.running[circuit] as Running
    if (how === 'written' || how === 'lost') this.write(items, rows)
    else this.books.refused += items.length
    this.running[circuit] = idle
    if (how === 'lost' || how === 'died') {
      restart(this.store)
      this.restart()
      return
    }
    const { state, effects } = step(circuitMachine, before, { type: 'stored', ok: how === 'written', at: 100 })
    this.circuits[circuit] = state
    if (!effects.some((effect) => effect.type === 'reply' && effect.status === 200)) return
    for (const item of items) if (item.verdict === 'valid') this.store.acknowledged.add(item.sfoId)
  }

  /** A row that another circuit wrote meanwhile is left alone: one more duplicate. */
  write(items: readonly Judged[], rows: readonly NewSfo[]): void {
    const inserted = rows.filter((one) => insert(this.store, one)).length
    const invalid = items.filter(({ verdict }) => verdict === 'invalid').length
    this.books.invalid += invalid
    this.books.duplicate += items.length - invalid - inserted
    const valid = items.flatMap((item) => (item.verdict === 'valid' ? [item.sfoId] : []))
    for (const sfoId of valid) expect(this.store.rows.has(sfoId)).toBe(true)
  }

  restart(): void {
    for (const { items } of this.running) this.books.refused += items.length
    this.running = [idle, idle]
    this.circuits = [open(0), open(1)]
  }

  check(): void {
    const rows: Record<Status, number> = { pending: 0, proven: 0, escalated: 0, lateProven: 0, unjudgeable: 0 }
    for (const state of this.store.rows.values()) rows[statusOf(state)] += 1
    const storing = this.running.reduce((sum, { items }) => sum + items.length, 0)
    expect(isConserved({ ...this.books, rows, storing })).toBe(true)
    for (const sfoId of this.store.acknowledged) expect(this.store.rows.has(sfoId)).toBe(true)
    toldOnce(this.store)
  }
}

function open(which: number): State<CircuitContext> {
  const nonce = step(circuitMachine, initialCircuit(`c${which}`), { type: 'nonceRequested', nonce: 'n', at: 1 })
  return step(circuitMachine, nonce.state, { type: 'authenticate', nonce: 'n', verdict: 'ctr', ctrId: 'ctr1', at: 1 })
    .state
}

test('received = pending + resolved by status + duplicate + invalid + refused, at every instant [INV-006.3]', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(advanced, submission, settled), { maxLength: 60, size: 'max' }), (ops) => {
      const auditor = new Auditor()
      for (const op of ops) {
        auditor.take(op)
        auditor.check()
      }
    }),
    { numRuns: 200 },
  )
})

const life = fc.array(fc.tuple(sfoEvent, fc.boolean()), { maxLength: 40, size: 'max' })

test('a crash between step and transaction, and a restart, lose and repeat no escalation [INV-009]', () => {
  fc.assert(
    fc.property(row, life, (start, events) => {
      const store = fresh()
      insert(store, start)
      for (const [event, crash] of events) {
        advance(store, 'sfo', event, crash)
        toldOnce(store)
      }
    }),
    { numRuns: 300 },
  )
})

test('after any crashes a withheld SFO is escalated in the first round after its grace [INV-009, INV-004]', () => {
  fc.assert(
    fc.property(row, life, (start, events) => {
      const store = fresh()
      insert(store, start)
      for (const [event, crash] of events) advance(store, 'sfo', event, crash)
      restart(store)
      advance(store, 'sfo', { type: 'challengeNow', firstDue: null, latest: null, spansGap: false, at: 1_000 }, false)
      const state = store.rows.get('sfo')
      expect(state && statusOf(state)).not.toBe('pending')
      toldOnce(store)
    }),
    { numRuns: 200 },
  )
})

test('a view that is lost at any moment and made again from its store repeats nothing that lasts [INV-009]', () => {
  const events = fc.array(fc.tuple(logViewEvent, fc.nat({ max: 5 })), { maxLength: 50, size: 'max' })
  fc.assert(
    fc.property(events, fc.integer({ min: 2, max: 8 }), (history, capacity) => {
      let state = initialLogView('log', mmd, capacity)
      const told: Evidence[] = []
      for (const [event, crash] of history) {
        const after = step(logViewMachine, state, event)
        for (const effect of after.effects) if (effect.type === 'escalate') told.push(effect.evidence)
        state = crash === 0 ? initialLogView('log', mmd, capacity, after.state.context.sths, told) : after.state
        if (after.state.value === 'broken') expect(state.value).toBe('broken')
      }
      const count = (kind: string) =>
        told.filter((one) => one.kind === kind && one.lastOutcome !== 'unreachable').length
      for (const kind of ['split-view', 'rollback', 'inconsistent']) expect(count(kind)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 200 },
  )
})

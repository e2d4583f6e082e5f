// What a log's view wants to be durable, in order [AUD-012, AUD-016]. Invariant: nothing is written before what came earlier is durable;
// what the store refuses stays for the next flush; the number that waits is bounded, and what exceeds it is counted as a store error.
import type { LogViewEffect } from '../../machines/auditor/types.ts'
import type { Incidents } from './incidents.ts'
import type { AuditorWorld } from './world.ts'

export type Writable = Exclude<LogViewEffect, { type: 'proveConsistency' }>

export interface Outbox {
  add(effect: Writable): void
  /** Whether nothing waits any more. */
  flush(): Promise<boolean>
  readonly isEmpty: boolean
}

export function outboxOf({ limits, store, tools, writes }: AuditorWorld, incidents: Incidents): Outbox {
  const waiting: Writable[] = []
  let flushing: Promise<boolean> | null = null

  async function write(effect: Writable): Promise<boolean> {
    if (effect.type === 'saveSth') return (await writes.write('saveSth', () => store.saveSth(effect.seen))).ok
    const escalated = await writes.write('escalate', () => store.escalate(effect.evidence))
    if (escalated.ok) incidents.notifySoon()
    return escalated.ok
  }

  async function flushAll(): Promise<boolean> {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (!(await write(first))) return false
      waiting.shift()
    }
    return true
  }

  return {
    add(effect) {
      if (waiting.length < limits.mailbox) waiting.push(effect)
      else tools.count('auditor_store_errors_total', { write: effect.type, error: 'storeFull' })
    },
    flush() {
      flushing ??= flushAll().finally(() => {
        flushing = null
      })
      return flushing
    },
    get isEmpty() {
      return waiting.length === 0
    },
  }
}

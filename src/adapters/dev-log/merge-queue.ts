// Test equipment, not for operators: leaves that were promised by an SCT and are not merged yet [RFC 6962 3].
// Invariant: leaves leave in the order of their submission, but for those that a fault holds back.
import { concerns, type Fault, faultOf, type Leaves } from './fault.ts'
import type { LogEntry } from './history.ts'

export class MergeQueue {
  readonly #mmd: number
  #waiting: LogEntry[] = []

  /** `mmd` in milliseconds. */
  constructor(mmd: number) {
    this.#mmd = mmd
  }

  get size(): number {
    return this.#waiting.length
  }

  push(entry: LogEntry): void {
    this.#waiting.push(entry)
  }

  /** Takes out the leaves whose SCT is `delay` ms old at `now`, unless a fault withholds or delays them. */
  take(now: number, delay: number, faults: readonly Fault[]): readonly LogEntry[] {
    const withhold = faultOf(faults, 'withhold')
    const late = faultOf(faults, 'late-merge')
    const taken: LogEntry[] = []
    const waiting: LogEntry[] = []
    for (const entry of this.#waiting) {
      const hit = (leaves: Leaves) => concerns(leaves, entry.leafHash, entry.leaf)
      const withheld = withhold !== undefined && hit(withhold.leaves)
      const delayed = late !== undefined && now < entry.timestamp + this.#mmd + late.ms && hit(late.leaves)
      const due = now >= entry.timestamp + delay && !withheld && !delayed
      ;(due ? taken : waiting).push(entry)
    }
    this.#waiting = waiting
    return taken
  }
}

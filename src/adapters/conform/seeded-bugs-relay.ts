// Relays that are wrong in one place. Invariant: each of them is found on the `minimal` preset.
import type { SeededBug } from './seeded-bug.ts'
import { books, proofs } from './seeded-bugs-relay-books.ts'
import { policies, rounds } from './seeded-bugs-relay-rounds.ts'

export const relayBugs: readonly SeededBug[] = [...books, ...proofs, ...rounds, ...policies]

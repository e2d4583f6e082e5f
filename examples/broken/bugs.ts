// All bugs by name. Invariant: names are unique, and every family that vectors can reach has a bug.
import { auditorBugs } from './auditor-bugs.ts'
import type { Bug } from './bug.ts'
import { byteBugs } from './byte-bugs.ts'
import { directoryBugs } from './directory-bugs.ts'
import { relayBugs } from './relay-bugs.ts'

export const bugs: Readonly<Record<string, Bug>> = { ...byteBugs, ...directoryBugs, ...relayBugs, ...auditorBugs }

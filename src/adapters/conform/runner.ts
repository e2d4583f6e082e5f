// Runs vectors against an implementation, one after another [spec/conformance.md, Verdicts].
// Invariant: every vector chosen has exactly one outcome, whatever the implementation does, and a broken protocol is never a verdict on
// the vectors that came before or after.
import type { Fault, Implementation } from './implementation.ts'
import { type Level, protocolVersion, type Started, type SutMessage } from './protocol.ts'
import { type Chosen, choose, type Selection } from './selection.ts'
import { messageOf, subjectOf, type Vector } from './vectors.ts'
import { type Difference, differencesOf } from './verdict.ts'

/**
 * `passed`, `failed`: the implementation gave a result. `errored`: it said that it failed to run it. `skipped`: it does not claim this.
 * `broken`: it broke the protocol at this vector. `notRun`: it had broken it too often.
 */
export const statuses = ['passed', 'failed', 'errored', 'broken', 'skipped', 'notRun'] as const
export type Status = (typeof statuses)[number]

export interface Outcome {
  readonly vector: Vector
  readonly status: Status
  /** Listed as a known failure. */
  readonly known: boolean
  readonly differences: readonly Difference[]
  /** Why it was not passed, where no difference says it; else empty. */
  readonly note: string
  readonly ms: number
}

export interface Run {
  readonly sut: Pick<Started, 'name' | 'version' | 'levels' | 'features'> | null
  readonly outcomes: readonly Outcome[]
  readonly faults: readonly Fault[]
  readonly ms: number
}

export interface Options extends Selection {
  readonly vectors: readonly Vector[]
  /** IDs whose failure is expected. */
  readonly known: ReadonlySet<string>
  /** For each answer. */
  readonly timeoutMs: number
  /** For the answer to `start`; an interpreter or a virtual machine may take its time to begin. */
  readonly startMs?: number
  /** Called again where one broke the protocol. */
  readonly start: () => Implementation
  readonly onOutcome?: (done: number, all: number) => void
}

/** After so many broken answers the rest is not run: a hang costs its timeout each. */
export const maxFaults = 3

export async function runVectors(options: Options): Promise<Run> {
  const begun = performance.now()
  const chosen = choose(options.vectors, options)
  const outcomes: Outcome[] = []
  const faults: Fault[] = []
  let sut: Session | null = null
  let first: Started | null = null
  const add = (vector: Vector, judged: Judged, since: number) => {
    outcomes.push({ ...nothing, ...judged, vector, known: options.known.has(vector.id), ms: performance.now() - since })
    options.onOutcome?.(outcomes.length, chosen.length)
  }
  for (const vector of chosen) {
    if (faults.length < maxFaults && sut === null && (first !== null || faults.length === 0)) {
      const opened: Opened = await open(options)
      if ('fault' in opened) faults.push(opened.fault)
      else {
        sut = opened
        first ??= opened.started
      }
    }
    const since = performance.now()
    if (sut === null) add(vector, { status: 'notRun', note: faults.at(-1)?.detail ?? '' }, since)
    else {
      const judged = await judge(sut, vector, options.timeoutMs)
      add(vector, judged, since)
      if (judged.fault === undefined) continue
      faults.push(judged.fault)
      sut.implementation.kill()
      sut = null
    }
  }
  const last = await sut?.implementation.stop(options.timeoutMs)
  if (last) faults.push(last)
  return { sut: first, outcomes, faults, ms: performance.now() - begun }
}

interface Session {
  readonly implementation: Implementation
  readonly started: Started
}

type Opened = Session | { readonly fault: Fault }

const leastStartMs = 30_000

async function open({ start, timeoutMs, startMs = Math.max(timeoutMs, leastStartMs) }: Options): Promise<Opened> {
  const implementation = start()
  const reply = await implementation.ask({ type: 'start', protocol: protocolVersion }, startMs)
  const found = reply.kind === 'fault' ? reply.fault : faultOf(reply.message)
  if (found === null && reply.kind === 'answer' && reply.message.type === 'started')
    return { implementation, started: reply.message }
  implementation.kill()
  return { fault: found ?? { code: 'notMessage', detail: 'start was not answered by started' } }
}

function faultOf(message: SutMessage): Fault | null {
  if (message.type !== 'started') return { code: 'otherId', detail: `start was answered by ${message.type}` }
  const { protocol, levels, functions, machines } = message
  if (protocol !== protocolVersion)
    return { code: 'wrongProtocol', detail: `it speaks protocol ${protocol}, wanted ${protocolVersion}` }
  const empty: Level | undefined = levels.find((level) => (level === 'L0' ? functions : machines).length === 0)
  return empty === undefined ? null : { code: 'badClaims', detail: `it claims ${empty} and names nothing of it` }
}

interface Judged {
  readonly status: Status
  readonly note?: string
  readonly differences?: readonly Difference[]
  readonly fault?: Fault
}

const nothing = { note: '', differences: [] as readonly Difference[] }

async function judge({ implementation, started }: Session, vector: Vector, timeoutMs: number): Promise<Judged> {
  const unclaimed = lacks(started, vector)
  if (unclaimed !== null) return { status: 'skipped', note: unclaimed }
  const reply = await implementation.ask(messageOf(vector), timeoutMs)
  if (reply.kind === 'fault') return { status: 'broken', note: reply.fault.detail, fault: reply.fault }
  const { message } = reply
  if (message.type === 'started' || message.id !== vector.id) {
    const given = message.type === 'started' ? 'started' : message.id
    const fault: Fault = { code: 'otherId', detail: `asked ${vector.id}, answered ${given || 'no ID'}` }
    return { status: 'broken', note: fault.detail, fault }
  }
  if (message.type === 'skipped') return { status: 'failed', note: `claimed, but skipped: ${message.reason}` }
  if (message.type === 'errored') return { status: 'errored', note: message.message }
  const differences = differencesOf(vector, message, started.features)
  return { status: differences.length === 0 ? 'passed' : 'failed', differences }
}

/** What of the vector it does not claim; null where it claims all of it. */
function lacks({ levels, functions, machines, presets, features }: Started, vector: Chosen): string | null {
  if (!levels.includes(vector.level)) return `level ${vector.level} is not claimed`
  const subject = subjectOf(vector)
  if (!(vector.level === 'L0' ? functions : machines).includes(subject)) return `${subject} is not claimed`
  if (vector.level === 'L1' && !presets.includes(vector.preset)) return `preset ${vector.preset} is not claimed`
  const feature = vector.requires.find((required) => !features.includes(required))
  return feature === undefined ? null : `feature ${feature} is not claimed`
}

// The runner's view of an implementation under test [spec/conformance.md, Protocol]: it is asked, and answers or breaks the protocol.
// Invariant: every question ends, with an answer or with a fault of the closed set.
import type { RunnerMessage, SutMessage } from './protocol.ts'

/** How an implementation broke the protocol. */
export const faults = {
  cannotStart: 'the command could not be started',
  timeout: 'no answer in time',
  died: 'it ended before it answered',
  lineTooLong: 'a line of more than 4 MiB, or output without an end of line',
  notMessage: 'a line that is no message of the protocol',
  echo: "the runner's own message came back",
  otherId: 'an answer to another vector than the one asked',
  unsolicited: 'a line although nothing was asked',
  wrongProtocol: 'another version of the protocol',
  badClaims: 'it claims a level without naming any function or machine of it',
  badStop: 'it did not end with status 0 on stop',
} as const

export type FaultCode = keyof typeof faults

export interface Fault {
  readonly code: FaultCode
  readonly detail: string
}

export type Reply =
  | { readonly kind: 'answer'; readonly message: SutMessage }
  | { readonly kind: 'fault'; readonly fault: Fault }

export interface Implementation {
  /** One at a time. After a fault it is of no more use. */
  ask(message: RunnerMessage, timeoutMs: number): Promise<Reply>
  /** Ends it. */
  stop(timeoutMs: number): Promise<Fault | null>
  /** At once, with everything that it started; may be called at any time, and again. */
  kill(): void
}

export function fault(code: FaultCode, detail: string = faults[code]): Reply {
  return { kind: 'fault', fault: { code, detail } }
}

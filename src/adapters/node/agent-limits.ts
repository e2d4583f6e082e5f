// What a daemon's clients may take of circuits and time. Apart from the agents themselves, so that a configuration can be checked
// without loading an HTTP client. Invariant: plain data.

export interface AgentLimits {
  readonly maxAgents: number
  readonly idleMs: number
  readonly connectMs: number
  /** Longest time from request to the last byte of its answer; callers' signals may be shorter. */
  readonly totalMs: number
}

export const defaultAgentLimits: AgentLimits = { maxAgents: 256, idleMs: 20_000, connectMs: 20_000, totalMs: 60_000 }

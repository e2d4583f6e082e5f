// undici's agents, one per isolation token: undici pools sockets by origin, so a shared agent would share the circuit too.
// Invariant: at most `maxAgents` live at once; one that is not used for `idleMs` is closed, and with it its circuit's sockets.
import { Agent, type Dispatcher } from 'undici'
import type { Isolation } from '../../effects/ports.ts'
import { type AgentLimits, defaultAgentLimits } from './agent-limits.ts'
import { type Connector, connectorFor, type SocksProxy } from './connector.ts'

export interface Agents {
  readonly limits: AgentLimits
  /** Null where `maxAgents` are all in use. */
  use<T>(isolation: Isolation, task: (dispatcher: Dispatcher, connect: Connector) => Promise<T>): Promise<T | null>
  readonly size: number
  /** Cuts what is under way. */
  close(): Promise<void>
}

interface Entry {
  readonly agent: Agent
  readonly connect: Connector
  users: number
  idle: NodeJS.Timeout | undefined
}

export function agentPool(limits: AgentLimits = defaultAgentLimits, socks?: SocksProxy): Agents {
  const entries = new Map<Isolation, Entry>()

  const drop = (isolation: Isolation, entry: Entry): void => {
    clearTimeout(entry.idle)
    if (entries.get(isolation) === entry) entries.delete(isolation)
    entry.agent.destroy().catch(() => {})
  }

  const make = (isolation: Isolation): Entry | null => {
    if (entries.size >= limits.maxAgents) {
      const unused = [...entries].find(([, { users }]) => users === 0)
      if (unused === undefined) return null
      drop(...unused)
    }
    const connect = connectorFor(isolation, socks, limits.connectMs)
    const { totalMs } = limits
    const agent = new Agent({ connect, connections: 4, pipelining: 1, headersTimeout: totalMs, bodyTimeout: totalMs })
    const entry: Entry = { agent, connect, users: 0, idle: undefined }
    entries.set(isolation, entry)
    return entry
  }

  return {
    limits,
    get size() {
      return entries.size
    },
    async use(isolation, task) {
      const entry = entries.get(isolation) ?? make(isolation)
      if (entry === null) return null
      clearTimeout(entry.idle)
      entry.users++
      try {
        return await task(entry.agent, entry.connect)
      } finally {
        entry.users--
        if (entry.users === 0) {
          entry.idle = setTimeout(() => drop(isolation, entry), limits.idleMs)
          entry.idle.unref()
        }
      }
    },
    async close() {
      const all = [...entries]
      entries.clear()
      for (const [, { idle }] of all) clearTimeout(idle)
      await Promise.allSettled(all.map(([, { agent }]) => agent.destroy()))
    },
  }
}

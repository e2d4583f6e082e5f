// The logs of a consensus by their ID [CONS-001]. Invariant: it answers from the consensus it is asked about, and indexes it once.
import type { Log, LogId } from '../machines/ct/types.ts'
import type { Consensus } from '../machines/tor/types.ts'

export function logIndex(): (consensus: Consensus | null, logId: LogId) => Log | undefined {
  let indexed: Consensus | null = null
  let logs: ReadonlyMap<LogId, Log> = new Map()
  return (consensus, logId) => {
    if (consensus !== indexed) {
      logs = new Map(consensus?.logs.map((log) => [log.logId, log]))
      indexed = consensus
    }
    return logs.get(logId)
  }
}

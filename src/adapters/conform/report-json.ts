// The report for programs. Invariant: it has every outcome with every difference; its members change only with the protocol's version.
import { protocolVersion } from './protocol.ts'
import type { Run } from './runner.ts'
import type { Summary } from './summary.ts'
import { subjectOf } from './vectors.ts'

export function jsonReport(run: Run, summary: Summary): string {
  const report = {
    protocol: protocolVersion,
    sut: run.sut,
    ms: Math.round(run.ms),
    ...summary,
    faults: run.faults,
    vectors: run.outcomes.map(({ vector, status, known, note, differences, ms }) => ({
      id: vector.id,
      level: vector.level,
      subject: subjectOf(vector),
      reqs: vector.reqs,
      status,
      known,
      ms: Math.round(ms * 100) / 100,
      ...(note === '' ? {} : { note }),
      ...(differences.length === 0 ? {} : { differences }),
    })),
  }
  return `${JSON.stringify(report, null, 2)}\n`
}

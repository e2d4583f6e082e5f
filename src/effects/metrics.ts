// The names under which the engines count [docs/operating]. Invariant: every name an engine counts is in this table, and no label
// comes from an SFO: what a relay counts per log would tell what its clients visit.

export interface Metric {
  readonly type: 'counter' | 'gauge'
  readonly labels: readonly string[]
  readonly help: string
}

const counter = (help: string, ...labels: readonly string[]): Metric => ({ type: 'counter', labels, help })
const gauge = (help: string, ...labels: readonly string[]): Metric => ({ type: 'gauge', labels, help })

export const metricNames = {
  relay_submissions_total: counter('Bodies offered to the SFO listener: taken, or why not', 'result'),
  relay_backlog_dropped_total: counter('Submissions dropped before validation because too many waited'),
  relay_store_full_total: counter('SFOs and pairs that the memory store had no room for'),
  relay_sfos_received_total: counter('SFOs received [INV-006]'),
  relay_sfos_total: counter('SFOs that left, by how: proven, forwarded, reported, expired, or a drop reason', 'fate'),
  relay_sfos_held: gauge('SFOs in buckets, in the running round and in the report queue'),
  relay_proofs: gauge('Pairs in the proof set'),
  relay_rounds_total: counter('Rounds ended'),
  relay_rounds_postponed_total: counter('Rounds put off because no consensus was live [CONS-001.9]'),
  relay_round_seconds: gauge('Duration of the last round'),
  relay_step_expired_total: counter('Steps that ended by their deadline', 'step'),
  relay_challenges_total: counter('Challenges by outcome', 'outcome'),
  relay_breakers_open: gauge('Logs behind an open circuit breaker'),
  relay_pairs_fetched_total: counter('Pairs that peers served: verified, false, malformed, known', 'result'),
  relay_fetches_total: counter('Proof sets asked for, by answer', 'answer'),
  relay_connects_total: counter('Connections to sampled CTRs, by answer', 'answer'),
  relay_deliveries_total: counter('SFOs submitted to CTRs, by answer', 'answer'),
  relay_addresses_sent_total: counter('Onion addresses sent to CTRs, by answer', 'answer'),
  relay_onion_failures_total: counter('Onion services that could not be published or retired'),
  relay_reports_total: counter('Reports to auditors, by result', 'result'),
  relay_report_attempts_total: counter('Attempts to report, by answer', 'answer'),
  consensus_polls_total: counter('Consensus polls: newer, same, or an error code', 'result'),
  consensus_valid_after_seconds: gauge('Valid-after of the consensus in use'),
  consensus_bad_sths_total: counter('Announced STHs whose signature does not verify'),
  auditor_circuits_open: gauge('Submission circuits whose nonce is valid'),
  auditor_submissions_total: counter('Submissions by HTTP status and error code', 'status', 'error'),
  auditor_ctr_proofs_total: counter('Proofs to be a CTR, by the check that failed, or ok', 'check'),
  auditor_sfos_total: counter('Submitted SFOs: valid, duplicate, or the class of their error', 'verdict'),
  auditor_rows: gauge('SFOs by status', 'status'),
  auditor_challenges_total: counter('Challenges by log and outcome', 'log', 'outcome'),
  auditor_challenges_skipped_total: counter('Rows judged without a request because of an open breaker', 'log'),
  auditor_breakers_open: gauge('Logs behind an open circuit breaker'),
  auditor_consistency_total: counter('Consistency questions by log and answer', 'log', 'answer'),
  auditor_rounds_total: counter('Rounds ended'),
  auditor_rounds_idle_total: counter('Rounds that only polled because no consensus was live [CONS-001.9]'),
  auditor_round_seconds: gauge('Duration of the last round'),
  auditor_step_expired_total: counter('Steps that ended by their deadline', 'step'),
  auditor_alerts_total: counter('CTRs that began to report more than the null model gives', 'kind'),
  auditor_incidents: gauge('Incidents on record'),
  auditor_notifications_total: counter('Attempts to tell a human of an incident, by result', 'result'),
  auditor_store_errors_total: counter('Writes that did not become durable', 'write', 'error'),
  auditor_gaps_total: counter('Gaps in the consensus history'),
  auditor_logs_dropped_total: counter('Logs that left the consensus and are no longer on record either [AUD-023.3]'),
  auditor_canary_total: counter('Canary submissions, by result', 'result'),
  defects_total: counter('Handlers, machines or ports that threw', 'code'),
} as const satisfies Readonly<Record<string, Metric>>

export type MetricName = keyof typeof metricNames

// The auditor's machines, each in a finite world of its own, on the `minimal` preset [spec/presets/minimal.json].
// Invariant: all five machines are here.
export { type CircuitModel, circuitModel } from './minimal-circuit.ts'
export { type LogViewModel, logViewModels } from './minimal-log-view.ts'
export { type ReportModel, reportModel } from './minimal-report.ts'
export { type RoundModel, roundModel } from './minimal-round.ts'
export { type SfoModel, sfoModel } from './minimal-sfo.ts'

// The few things that the auditor's minimal worlds are about [spec/presets/minimal.json].
// Invariant: every name is 32 bytes that say no more than that they differ; the log is that of the preset.
import type { Consensus } from '../../../../machines/tor/types.ts'

export const idOf = (number: number): string => number.toString(16).padStart(64, '0')

export const logId = idOf(0)
export const otherLogId = idOf(0xb)
/** The CTR of the preset, and another one. */
export const ctrId = idOf(0)
export const otherCtrId = idOf(2)

const url = 'http://127.0.0.1/'

export function consensusAt(validAfter: number, freshUntil: number): Consensus {
  return {
    digest: idOf(validAfter),
    validAfter,
    freshUntil,
    validUntil: freshUntil + 10,
    logs: [{ logId, key: '', mmd: 10, url }],
    sths: [],
    ctrs: [{ ctrId, url, family: [] }],
    auditors: [],
  }
}

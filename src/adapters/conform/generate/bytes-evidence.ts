// L0 vectors of evidence bundles: each kind, and each kind broken in each field [EVID-002 to EVID-014].
// Invariant: which error, and how far a bundle that holds goes, is said by the case and not by the kernel.
import type { BundleKind } from '../../../machines/ct/evidence-bundle.ts'
import { code, type DraftL0, type Must, members } from './draft.ts'
import { type EvidenceCase, evidenceCases, ruleOf } from './evidence-cases.ts'

/** Cases that show a sentence beside the rule of their kind, by name. */
const shownBy: Readonly<Record<string, readonly string[]>> = {
  'head-0-no-checkpoint': ['EVID-004.1'],
  'head-1-no-checkpoint': ['EVID-004.1'],
  'proof-no-text': ['EVID-004.1'],
  'proof-with-extra-data': ['EVID-004.1'],
  'origin-of-another': ['EVID-004.2'],
  'list-without-the-log': ['EVID-005.2'],
  'larger-mmd-by-the-list': ['EVID-005.2'],
  'smaller-mmd-by-the-list': ['EVID-005.2'],
  'rfc-6962-log-by-the-list': ['EVID-005.2'],
  'static-by-the-list': ['EVID-005.2'],
}

const formErrors: Readonly<Record<string, readonly string[]>> = {
  tooLarge: ['EVID-003.4'],
  notJson: ['EVID-002.1'],
  notBundle: ['EVID-002.1'],
  notCanonical: ['EVID-003.1', 'EVID-003.3'],
  badDigest: ['EVID-003.2', 'EVID-003.3'],
  wrongParts: ['EVID-002.2'],
  unknownVersion: ['EVID-002.1'],
  unknownKind: ['EVID-002.1'],
}

const isTranscript = (kind: BundleKind) => kind === 'inconsistent' || kind === 'withheld'

function mustOf({ kind, logs, error }: EvidenceCase): Must {
  if (error !== null) return code(error)
  const standing = isTranscript(kind) ? 'transcript' : logs === null ? 'conditional' : 'proven'
  return members({ kind, standing, rule: ruleOf[kind], logFrom: logs === null ? 'bundle' : 'list' })
}

function reqsOf({ kind, name, error }: EvidenceCase): readonly string[] {
  const shown = new Set(['EVID-005.1', ...(shownBy[name] ?? []), ruleOf[kind]])
  if (error === null) return [...shown.add('EVID-005.2').add(isTranscript(kind) ? 'EVID-005.4' : 'EVID-005.3')].sort()
  return formErrors[error] ?? [...shown]
}

export const evidenceDrafts = (): readonly DraftL0[] =>
  evidenceCases.map((one) => ({
    function: 'verifyEvidence',
    name: `${one.kind}-${one.name}`,
    input: { bundle: one.text, ...(one.logs === null ? {} : { logs: one.logs }) },
    must: mustOf(one),
    reqs: reqsOf(one),
    comment: `${one.kind}: ${one.name.replaceAll('-', ' ')}`,
  }))

// Why a file is no evidence [EVID-005]: a closed set, in the order in which the reasons are looked for.
// Invariant: a code is never renamed or reused; the sentence beside it is for people and may change.

export const evidenceErrors = {
  tooLarge: 'the file is larger than 256 KiB',
  notJson: 'not JSON in UTF-8',
  unknownVersion: 'not an evidence bundle of version 1',
  unknownKind: 'the kind is none that has a bundle',
  notBundle: 'a member is missing, unknown, or not of its form',
  notCanonical: 'not in canonical encoding',
  badDigest: 'the digest is not that of the content',
  wrongParts: 'the parts are not those of its kind',
  badKey: 'the log ID is not the SHA-256 of the key',
  unknownLog: 'the log list does not have this log',
  badSfo: 'an SFO is not of the format',
  otherLog: "an SFO's SCT is another log's",
  badSct: "the log's signature on an SCT, or the chain under it, does not verify",
  badHead: 'a tree head is no checkpoint of this log, or its signature does not verify',
  badProof: 'the inclusion proof is not of the format, or does not lead to its tree head',
  noIndex: 'the SCT has no leaf index, or the log is no static-ct log',
  sizesDiffer: 'the trees are of different size',
  sameRoot: 'the trees have the same root',
  notLater: 'the second tree head is not later than the first',
  notSmaller: 'the second tree is not smaller than the first',
  sizeOrder: 'the first tree is not smaller than the second',
  tooEarly: "the tree head was signed before the log's promise ran out",
  indexReached: 'the tree is larger than the index',
  otherIndex: 'not the same index',
  sameLeaf: 'not another leaf',
  notNewer: 'the SCT is not newer than the tree head',
  notAnswered: 'the transcript has no answer that speaks against the log',
  consistent: 'the answer proves that both trees are consistent',
} as const

export type EvidenceError = keyof typeof evidenceErrors

export type Refused = { readonly ok: false; readonly error: EvidenceError; readonly detail: string }

export function refuse(error: EvidenceError, detail: string = evidenceErrors[error]): Refused {
  return { ok: false, error, detail }
}

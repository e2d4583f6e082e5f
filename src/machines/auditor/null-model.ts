// How many SFOs an honest CTR reports by chance [AUD-022, AUD-120]: the mean of the Poisson null model.
// Invariant: what a CTR reports is a challenge that failed: more than this means that logs fail, or that the CTR invents.

/** Network-wide means; probabilities as integers in 1/10000, as the consensus parameters carry them. */
export interface NullModel {
  /** Site visits in Tor Browser a day, and SFOs a visit. */
  readonly visitsPerDay: number
  readonly sfosPerVisit: number
  /** `ct-submit-pr`. */
  readonly submitPr: number
  /** A proof query over a full circuit that fails without fault of the log: 30 to 50. */
  readonly failurePr: number
  /** An SFO that its client or its CTR made unusable: what an honest CTR reports as invalid. */
  readonly invalidPr: number
  readonly ctrs: number
  readonly auditors: number
  /** The report window, milliseconds. */
  readonly windowMs: number
}

export interface Expected {
  readonly valid: number
  readonly invalid: number
}

const day = 86_400_000

/**
 * visits a day * SFOs a visit * submit-pr / CTRs: what one CTR receives a day. Times failure-pr: what it has no proof for when
 * it is due. Divided by the auditors, since each SFO has one that is fixed. Times the window in days. Invalid ones likewise.
 */
export function expectedReports(model: NullModel): Expected {
  const { visitsPerDay, sfosPerVisit, submitPr, ctrs, auditors, windowMs } = model
  if (ctrs <= 0 || auditors <= 0) return { valid: 0, invalid: 0 }
  const received = (visitsPerDay * sfosPerVisit * submitPr) / 10_000 / ctrs
  const one = (received / auditors) * (windowMs / day)
  return { valid: (one * model.failurePr) / 10_000, invalid: (one * model.invalidPr) / 10_000 }
}

// Which vectors are negative by what they expect [spec/coverage.md]. Invariant: a refusal is something that the last step or the answer
// says, never something that the comment says.
interface Answer {
  readonly ok?: {
    readonly valid?: boolean
    readonly heads?: boolean
    readonly down?: boolean
    readonly verdict?: string
    readonly outcome?: string
    readonly objects?: readonly object[]
  }
  readonly error?: string
  readonly disposition?: string
}

export interface RawVector {
  readonly id: string
  readonly reqs: readonly string[]
  readonly flags?: readonly string[]
  readonly expect?: Answer
  readonly steps?: readonly { readonly expect?: Answer }[]
}

/** An error, an event that is ignored or rejected, `valid: false`, an object that is refused, a proof that is none, tails. */
export function isRefusal({ expect, steps }: RawVector): boolean {
  const answer = expect ?? steps?.at(-1)?.expect
  if (answer === undefined) return false
  const { ok, error, disposition } = answer
  if (error !== undefined || disposition === 'ignored' || disposition === 'rejected') return true
  if (ok?.valid === false || ok?.heads === false || ok?.down === false) return true
  if (ok?.verdict !== undefined && ok.verdict !== 'ctr') return true
  if (ok?.outcome !== undefined && ok.outcome !== 'proven') return true
  return ok?.objects?.some((object) => 'error' in object) === true
}

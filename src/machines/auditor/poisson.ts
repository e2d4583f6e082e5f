// The upper tail of the Poisson distribution, in log space [AUD-022]: how likely a count at least so high is by chance.
// Invariant: relative error of p below 1e-11 while p is not smaller than a double; below that, ln p stays right to 1e-12.

/**
 * ln P(X >= seen) for X of mean `expected`; 0 for seen <= 0, -Infinity where it is impossible. `seen`: an integer;
 * `expected`: finite, >= 0. Takes some 9 sqrt(expected) steps at most.
 */
export function lnUpperTail(seen: number, expected: number): number {
  if (seen <= 0) return 0
  if (seen > expected) return lnMass(seen, expected) + Math.log(sumUpwards(seen, expected))
  return Math.log1p(-Math.exp(lnMass(seen - 1, expected)) * sumDownwards(seen - 1, expected))
}

/** Sum of P(X = k + i) / P(X = k) over i >= 0; k + 1 > expected, so the terms fall. */
function sumUpwards(k: number, expected: number): number {
  return sumOf((i) => expected / (k + i))
}

/** Sum of P(X = k - i) / P(X = k) over i from 0 to k; k < expected, so the terms fall, and the one after the last is 0. */
function sumDownwards(k: number, expected: number): number {
  return sumOf((i) => (k + 1 - i) / expected)
}

/** 1 + r(1) + r(1) r(2) + ..., until a term changes nothing. */
function sumOf(ratio: (i: number) => number): number {
  let sum = 1
  let before = 0
  for (let i = 1, term = 1; sum > before; i++) {
    term *= ratio(i)
    before = sum
    sum += term
  }
  return sum
}

/** ln P(X = k), by Loader's saddle-point form: no difference of large numbers. */
function lnMass(k: number, expected: number): number {
  if (k === 0) return -expected
  return -stirlingError(k) - deviance(k, expected) - 0.5 * Math.log(2 * Math.PI * k)
}

/** For k from 1 to 15, where the series is not close enough; 0 is not asked for. */
const stirlingErrors: readonly number[] = [
  0, 0.08106146679532726, 0.0413406959554093, 0.02767792568499834, 0.020790672103765093, 0.01664469118982119,
  0.013876128823070748, 0.01189670994589177, 0.010411265261972096, 0.009255462182712733, 0.008330563433362871,
  0.00757367548795184, 0.00694284010720953, 0.006408994188004207, 0.005951370112758848, 0.005554733551962801,
]

/** ln k! - ln(sqrt(2 pi k) (k/e)^k). */
function stirlingError(k: number): number {
  const kk = k * k
  return stirlingErrors[k] ?? (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / kk) / kk) / kk) / kk) / k
}

/** k ln(k / expected) + expected - k; as a series where the two are close. */
function deviance(k: number, expected: number): number {
  const difference = k - expected
  if (Math.abs(difference) > 0.1 * (k + expected)) return k * Math.log(k / expected) - difference
  const v = difference / (k + expected)
  let sum = difference * v
  let before = Number.NaN
  for (let j = 3, term = 2 * k * v; !Object.is(sum, before); j += 2) {
    term *= v * v
    before = sum
    sum += term / j
  }
  return sum
}

/** A probability as decimal text with four digits, from its logarithm: also where no double is that small. */
export function decimal(lnP: number): string {
  if (lnP === Number.NEGATIVE_INFINITY) return '0'
  const exponent = Math.floor(lnP / Math.LN10)
  const mantissa = Math.exp(lnP - exponent * Math.LN10).toFixed(3)
  // Rounding may carry into the next power of ten.
  return mantissa === '10.000' ? `1.000e${exponent + 1}` : `${mantissa}e${exponent}`
}

// The upper tail of the Poisson distribution, in log space [AUD-022]: how likely a count at least so high is by chance.
// Invariant: relative error of p below 1e-11 while p is not smaller than a double; below that, ln p stays right to 1e-12.

/**
 * ln P(X >= seen) for X of mean `expected`; 0 for seen <= 0, -Infinity where it is impossible. `seen`: an integer;
 * `expected`: finite, >= 0. Takes some 9 sqrt(expected) steps at most.
 */
export function lnUpperTail(seen: number, expected: number): number {
  if (seen <= 0) return 0
  if (expected <= 0) return Number.NEGATIVE_INFINITY
  if (seen > expected) return lnMass(seen, expected) + Math.log(sumUpwards(seen, expected))
  return Math.log1p(-Math.exp(lnMass(seen - 1, expected)) * sumDownwards(seen - 1, expected))
}

/** Sum of P(X = k + i) / P(X = k) over i >= 0; k + 1 > expected, so the terms fall. */
function sumUpwards(k: number, expected: number): number {
  let sum = 1
  let term = 1
  for (let i = k + 1; term > sum * Number.EPSILON; i++) {
    term *= expected / i
    sum += term
  }
  return sum
}

/** Sum of P(X = k - i) / P(X = k) over i from 0 to k; k < expected, so the terms fall. */
function sumDownwards(k: number, expected: number): number {
  let sum = 1
  let term = 1
  for (let i = k; i > 0 && term > sum * Number.EPSILON; i--) {
    term *= i / expected
    sum += term
  }
  return sum
}

/** ln P(X = k), by Loader's saddle-point form: no difference of large numbers. */
function lnMass(k: number, expected: number): number {
  if (k === 0) return -expected
  return -stirlingError(k) - deviance(k, expected) - 0.5 * Math.log(2 * Math.PI * k)
}

/** ln k! - ln(sqrt(2 pi k) (k/e)^k). */
function stirlingError(k: number): number {
  if (k < 16) return lnFactorial(k) - (0.5 * Math.log(2 * Math.PI * k) + k * Math.log(k) - k)
  const kk = k * k
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / kk) / kk) / kk) / kk) / k
}

/** k below 16: the factorial is exact. */
function lnFactorial(k: number): number {
  let product = 1
  for (let i = 2; i <= k; i++) product *= i
  return Math.log(product)
}

/** k ln(k / expected) + expected - k; as a series where the two are close. */
function deviance(k: number, expected: number): number {
  const difference = k - expected
  if (Math.abs(difference) >= 0.1 * (k + expected)) return k * Math.log(k / expected) - difference
  const v = difference / (k + expected)
  let sum = difference * v
  let term = 2 * k * v
  for (let j = 3; j < 100; j += 2) {
    term *= v * v
    const next = sum + term / j
    if (next === sum) break
    sum = next
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

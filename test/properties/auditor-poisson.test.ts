// The Poisson tail against values computed to 60 digits, and the null model whose mean it is asked with [AUD-022].
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectedReports } from '../../src/machines/auditor/null-model.ts'
import { decimal, lnUpperTail } from '../../src/machines/auditor/poisson.ts'

describe('the Poisson tail', () => {
  /** ln P(X >= seen), by a direct sum in 60 decimal digits. */
  test.each([
    [1, 1, -0.45867514538708187],
    [10, 1, -16.009909825202023],
    [1, 1e-9, -20.723265837446412],
    [20, 5, -14.879102532939179],
    [100, 100, -0.66689715058528942],
    [130, 100, -6.082662250846484],
    [60, 100, -6.341523534786638e-6],
    [857, 857, -0.68410307088621725],
    [2000, 857, -556.08967685677396],
    [400, 0.5, -2278.2583225502985],
    [15, 14.5, -0.72897478843483321],
    [16, 17, -0.46434551632004911],
    [17, 16.5, -0.72666378525993258],
    [10_000, 9_000, -56.835486168752247],
    [30, 90, -6.3926569911377041e-14],
  ])('is known for %d seen and %d expected [AUD-022.2]', (seen, expected, lnP) => {
    expect(Math.abs(lnUpperTail(seen, expected) / lnP - 1)).toBeLessThan(lnP > -1e-6 ? 1e-2 : 1e-11)
  })

  /** Where one form gives way to another, and what the last terms are worth. */
  test.each([
    [140, 140, -0.6709173749851413, 5e-16],
    [1_468, 1_793, -1.0509241731163967e-15, 5e-16],
    [16, 12.35, -1.703714707309859, 5e-16],
    [1_000_001, 1_000_000, -0.6936792450537248, 2e-14],
  ])('is right nearly to the last digit for %d seen and %d expected [AUD-022.2]', (seen, expected, lnP, error) => {
    expect(Math.abs(lnUpperTail(seen, expected) / lnP - 1)).toBeLessThan(error)
  })

  test('is certain for nothing seen, and impossible where nothing is expected [AUD-022.2]', () => {
    expect([lnUpperTail(0, 5), lnUpperTail(0, 0), lnUpperTail(1, 0)]).toEqual([0, 0, Number.NEGATIVE_INFINITY])
  })

  test('equals one minus the sum below, falls with what is seen and rises with what is expected [AUD-022.2]', () => {
    const direct = (seen: number, expected: number) => {
      let mass = Math.exp(-expected)
      let below = 0
      for (let k = 0; k < seen; mass *= expected / ++k) below += mass
      return 1 - below
    }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.double({ min: 0.01, max: 50, noNaN: true }), (seen, expected) => {
        const lnP = lnUpperTail(seen, expected)
        expect(Math.exp(lnP)).toBeCloseTo(direct(seen, expected), 12)
        expect(lnUpperTail(seen + 1, expected)).toBeLessThanOrEqual(lnP)
        expect(lnUpperTail(seen, expected * 1.1)).toBeGreaterThanOrEqual(lnP)
      }),
      { numRuns: 300 },
    )
  })

  test('is written as decimal text also where no double is that small [AUD-022.2]', () => {
    const texts = [0, Math.log(0.5), -16.009909825202023, -2278.2583225502985, Math.log(9.9999e-7)].map(decimal)
    expect(texts).toEqual(['1.000e0', '5.000e-1', '1.114e-7', '3.673e-990', '1.000e-6'])
    expect(decimal(Number.NEGATIVE_INFINITY)).toBe('0')
  })
})

describe('the null model', () => {
  const paper = {
    visitsPerDay: 140_000_000,
    sfosPerVisit: 7,
    submitPr: 1_000,
    failurePr: 40,
    invalidPr: 1,
    ctrs: 4_000,
    auditors: 2,
    windowMs: 7 * 86_400_000,
  }

  test("is what the paper's numbers give one CTR: 24,500 SFOs a day, of which 0.4 % go to one of two auditors [AUD-022.2]", () => {
    const { valid: seen, invalid } = expectedReports(paper)
    expect(seen).toBeCloseTo(24_500 * 7 * 0.004 * 0.5, 9)
    expect(invalid).toBeCloseTo(24_500 * 7 * 0.0001 * 0.5, 9)
    expect(expectedReports({ ...paper, invalidPr: 40 }).invalid).toBe(seen)
    expect(expectedReports({ ...paper, ctrs: 0 })).toEqual({ valid: 0, invalid: 0 })
    expect(expectedReports({ ...paper, auditors: 0 })).toEqual({ valid: 0, invalid: 0 })
  })
})

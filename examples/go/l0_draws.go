package main

import (
	"fmt"
	"math"
	"math/big"
	"sort"
	"strconv"
)

const drawRange = 1 << 32

// coin of bias k/n: heads if and only if draw * n < k * 2^32, exactly (conventions.md, "Draws").
func coin(draw, k, n int64) bool {
	left := new(big.Int).Mul(big.NewInt(draw), big.NewInt(n))
	return left.Cmp(new(big.Int).Lsh(big.NewInt(k), 32)) < 0
}

// indexBelow is floor(draw * m / 2^32).
func indexBelow(draw, m int64) int64 {
	product := new(big.Int).Mul(big.NewInt(draw), big.NewInt(m))
	return product.Rsh(product, 32).Int64()
}

// choosePositions is the partial Fisher-Yates shuffle of 0..size-1.
func choosePositions(size, count int64, draws []int64) []int64 {
	if count > size || int64(len(draws)) < count {
		badShape("cannot choose %d of %d with %d draws", count, size, len(draws))
	}
	all := make([]int64, size)
	for i := range all {
		all[i] = int64(i)
	}
	for i := int64(0); i < count; i++ {
		j := i + indexBelow(draws[i], size-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:count]
}

// drawnBuckets is RELAY-111.3 and RELAY-009.1, ascending.
func drawnBuckets(bucketing string, n, k int64, draws []int64) []int64 {
	buckets := []int64{}
	switch bucketing {
	case "coin":
		for b := int64(0); b < n; b++ {
			if coin(draws[b], k, n) {
				buckets = append(buckets, b)
			}
		}
	case "choose":
		buckets = append(buckets, choosePositions(n, k, draws)...)
	default:
		badShape("no bucketing %q", bucketing)
	}
	sort.Slice(buckets, func(i, j int) bool { return buckets[i] < buckets[j] })
	return buckets
}

// auditorOf is RELAY-005.1: the first 32 bits of the sfoId modulo the number of auditors, ordered by ID.
func auditorOf(ids []string, sfoID string) (string, bool) {
	if len(ids) == 0 {
		return "", false
	}
	sorted := append([]string{}, ids...)
	sort.Strings(sorted)
	bits, _ := strconv.ParseUint(sfoID[:8], 16, 64)
	return sorted[bits%uint64(len(sorted))], true
}

// isLogDown is AUD-022.1: more than max(3, 1 % of CTRs) distinct CTRs.
func isLogDown(distinct, ctrs int64) bool {
	return distinct > 3 && big.NewInt(0).Mul(big.NewInt(distinct), big.NewInt(100)).Cmp(big.NewInt(ctrs)) > 0
}

// poissonTail is P(X >= seen), computed in logarithms: the series from seen upwards, or its complement.
func poissonTail(seen int64, expected float64) string {
	switch {
	case seen == 0:
		return scientific(0)
	case expected == 0:
		return "0"
	}
	term := func(k int64) float64 { // ln P(X = k)
		g, _ := math.Lgamma(float64(k) + 1)
		return float64(k)*math.Log(expected) - expected - g
	}
	if float64(seen) > expected {
		sum, ratio := 1.0, 1.0
		for k := seen + 1; ratio > 1e-18*sum; k++ {
			ratio *= expected / float64(k)
			sum += ratio
		}
		return scientific(term(seen) + math.Log(sum))
	}
	sum, ratio := 1.0, 1.0
	for k := seen - 1; k > 0 && ratio > 1e-18*sum; k-- {
		ratio *= float64(k) / expected
		sum += ratio
	}
	return scientific(math.Log1p(-math.Exp(term(seen-1) + math.Log(sum))))
}

// scientific writes e^ln as d.ddde-n.
func scientific(ln float64) string {
	log10 := ln / math.Ln10
	exponent := math.Floor(log10)
	mantissa := math.Round(math.Pow(10, log10-exponent)*1000) / 1000
	if mantissa >= 10 {
		mantissa, exponent = mantissa/10, exponent+1
	}
	return fmt.Sprintf("%.3fe%d", mantissa, int64(exponent))
}

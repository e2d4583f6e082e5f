package main

const dayMs = 24 * 3600 * 1000

// signers are the configured authorities that signed what is signed, each counted once (CONS-002.5, CONS-003.3).
func signers(list []torSignature, algorithm string, signed []byte, certs []*keyCert, authorities []string, times ...int64) int {
	configured, good := distinct(authorities), map[string]bool{}
	digest := digestBy(algorithm, signed)
	for _, s := range list {
		if s.algorithm != algorithm || !configured[s.identity] || good[s.identity] {
			continue
		}
		for _, c := range certs {
			if c.identity == s.identity && c.keyDigest == s.keyDigest && c.countsAt(times) && bareSigned(c.key, digest, s.signature) {
				good[s.identity] = true
			}
		}
	}
	return len(good)
}

func distinct(list []string) map[string]bool {
	set := map[string]bool{}
	for _, one := range list {
		set[one] = true
	}
	return set
}

func (c *keyCert) countsAt(times []int64) bool {
	for _, t := range times {
		if t < c.publishedAt || t >= c.expiresAt {
			return false
		}
	}
	return true
}

func verifyTorConsensus(document, certificates []byte, authorities []string, now int64) any {
	c := parseTorConsensus(document)
	configured := len(distinct(authorities))
	good := signers(c.signatures, c.algorithm(), c.signed, goodKeyCerts(certificates), authorities, c.validAfter, now)
	return obj{"good": dec(int64(good)), "configured": dec(int64(configured)), "signed": 2*good > configured,
		"liveness": c.liveness(now)}
}

// liveness is CONS-002.7.
func (c *torConsensus) liveness(now int64) string {
	switch {
	case now < c.validAfter-dayMs:
		return "early"
	case now >= c.validUntil+dayMs:
		return "stale"
	case c.validAfter <= now && now < c.validUntil:
		return "live"
	}
	return "reasonablyLive"
}

package main

import (
	"cmp"
	"crypto/sha3"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"slices"
	"sort"
	"strings"
)

var (
	onionBase32  = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	onionPattern = regexp.MustCompile(`^[a-z2-7]{56}\.onion$`)
)

// encodeOnionAddress is WIRE-007.1.
func encodeOnionAddress(key []byte) string {
	sum := sha3.Sum256(join([]byte(".onion checksum"), key, []byte{3}))
	return onionBase32.EncodeToString(join(key, sum[:2], []byte{3})) + ".onion"
}

// strings.ToLower would make a k of the Kelvin sign, too.
func lowerASCII(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

func decodeOnionAddress(address string) []byte {
	address = strings.Map(lowerASCII, address)
	need(onionPattern.MatchString(address), "badAddress")
	b, err := onionBase32.DecodeString(strings.TrimSuffix(address, ".onion"))
	need(err == nil && len(b) == 35, "badAddress")
	need(encodeOnionAddress(b[:32]) == address, "badAddress")
	return b[:32]
}

// A ctrProof is WIRE-008.1 and WIRE-008.3; delegation is nil where there is none.
type ctrProof struct{ nonce, ctrID, certificate, delegation, signature []byte }

func (p *ctrProof) encode() string {
	b := join(p.nonce, p.ctrID, u16(len(p.certificate)), p.certificate)
	if p.delegation != nil {
		b = join(b, u16(len(p.delegation)), p.delegation)
	}
	return base64.StdEncoding.EncodeToString(join(b, p.signature))
}

func decodeCtrProof(text string) *ctrProof {
	b, ok := strictBase64(text)
	need(ok && len(text) <= 2048, "malformed")
	c := &cursor{b, "malformed"}
	p := &ctrProof{nonce: c.take(32), ctrID: c.take(32), certificate: c.vector16()}
	if len(c.b) != 64 {
		p.delegation = c.vector16()
		need(len(p.delegation) > 0, "malformed")
	}
	p.signature = c.take(64)
	c.end()
	return p
}

// ctrProofMessage is WIRE-008.2.
func ctrProofMessage(auditorKey, nonce, digest []byte) []byte {
	return join([]byte("ctor CTR authentication v1\x00"), auditorKey, nonce, digest)
}

// verifySigningKeyCert reads a certificate of cert-spec, type 4.
func verifySigningKeyCert(certificate, identity []byte, now int64) (key []byte, expiresAt int64) {
	return verifyCert(4, certificate, identity, now, "badCertificate", "expiredCertificate")
}

// verifyDelegation is WIRE-008.4.
func verifyDelegation(certificate, signer []byte, now int64) (key []byte, expiresAt int64) {
	return verifyCert(0xc7, certificate, signer, now, "badDelegation", "expiredDelegation")
}

func verifyCert(kind byte, certificate, identity []byte, now int64, bad, expired string) (key []byte, expiresAt int64) {
	c := &cursor{certificate, bad}
	need(c.uint8() == 1 && c.uint8() == kind, bad)
	expiresAt = int64(binary.BigEndian.Uint32(c.take(4))) * 3600000
	need(c.uint8() == 1, bad)
	key = c.take(32)
	named := false
	for n := c.uint8(); n > 0; n-- {
		length := c.uint16()
		kind, flags := c.uint8(), c.uint8()
		data := c.take(length)
		if kind == 4 {
			need(length == 32 && string(data) == string(identity) && !named, bad)
			named = true
		} else {
			need(flags&1 == 0, bad) // AFFECTS_VALIDATION
		}
	}
	signed := certificate[:len(certificate)-len(c.b)]
	signature := c.take(64)
	c.end()
	need(ed25519Signed(identity, signed, signature), bad)
	need(now <= expiresAt, expired)
	return key, expiresAt
}

// verifyRelayCert tells a genuine certificate of another relay than `identity` from a bad one (WIRE-008.5).
func verifyRelayCert(certificate, identity []byte, now int64) ([]byte, int64) {
	if other := namedIdentity(certificate); other != nil && string(other) != string(identity) {
		_, failed := attempt(func() []byte {
			k, _ := verifySigningKeyCert(certificate, other, now)
			return k
		})
		need(failed == "badCertificate", "wrongRelay")
	}
	return verifySigningKeyCert(certificate, identity, now)
}

// namedIdentity is the key in the first extension of type 4, or nil.
func namedIdentity(certificate []byte) []byte {
	named, _ := attempt(func() []byte {
		c := &cursor{certificate, "badCertificate"}
		c.take(39)
		for n := c.uint8(); n > 0; n-- {
			length := c.uint16()
			kind := c.uint8()
			c.uint8()
			if data := c.take(length); kind == 4 && length == 32 {
				return data
			}
		}
		return nil
	})
	return named
}

const proofToleranceMs = 3 * 3600 * 1000 // AUD-002.2

// verifyCtrProof is AUD-002.2, against the consensuses that the auditor knows.
func verifyCtrProof(text string, auditorKey, nonce []byte, consensuses []*consensus, now int64) any {
	check := func(c string) any { return obj{"verdict": "badProof", "check": c} }
	p, failed := attempt(func() *ctrProof { return decodeCtrProof(text) })
	if failed != "" {
		return check(failed)
	}
	if string(p.nonce) != string(nonce) {
		return check("otherNonce")
	}
	key, failed := attempt(func() []byte {
		k, _ := verifyRelayCert(p.certificate, p.ctrID, now)
		if p.delegation != nil {
			k, _ = verifyDelegation(p.delegation, k, now)
		}
		return k
	})
	if failed != "" {
		return check(failed)
	}
	for _, c := range newestLive(consensuses, now) {
		if !ed25519Signed(key, ctrProofMessage(auditorKey, nonce, unhex(c.digest, "digest")), p.signature) {
			continue
		}
		for _, ctr := range c.ctrs {
			if ctr.id == hx(p.ctrID) {
				return obj{"verdict": "ctr", "ctrId": ctr.id}
			}
		}
		return obj{"verdict": "notCtr", "ctrId": hx(p.ctrID), "check": "notListed"}
	}
	return check(whyUnsigned(key, auditorKey, nonce, p.signature, consensuses, now))
}

// newestLive are the newest that serve, as many as are tried.
func newestLive(consensuses []*consensus, now int64) []*consensus {
	list := slices.DeleteFunc(slices.Clone(consensuses), func(c *consensus) bool { return !c.live(now) })
	slices.SortStableFunc(list, func(a, b *consensus) int { return cmp.Compare(b.validAfter, a.validAfter) })
	return list[:min(len(list), proofCandidates)]
}

// live: in its validity, or up to 3 h beyond it.
func (c *consensus) live(now int64) bool {
	return c.validAfter <= now && now < c.validUntil+proofToleranceMs
}

const proofCandidates = 8 // consensuses that serve, stale ones and other auditors that are tried, WIRE-008

// whyUnsigned names the reason of a signature that no live consensus explains.
func whyUnsigned(key, auditorKey, nonce, signature []byte, consensuses []*consensus, now int64) string {
	signs := func(auditor []byte, c *consensus) bool {
		return ed25519Signed(key, ctrProofMessage(auditor, nonce, unhex(c.digest, "digest")), signature)
	}
	newest := append([]*consensus{}, consensuses...)
	sort.SliceStable(newest, func(i, j int) bool { return newest[i].validAfter > newest[j].validAfter })
	var usable *consensus
	stale := 0
	for _, c := range newest {
		if c.live(now) && usable == nil {
			usable = c
		}
		if c.validAfter <= now && !c.live(now) && stale < proofCandidates {
			stale++
			if signs(auditorKey, c) {
				return "staleConsensus"
			}
		}
	}
	if usable == nil {
		return "badSignature"
	}
	tried := 0
	for _, a := range usable.auditors {
		if a.key == hx(auditorKey) || tried == proofCandidates {
			continue
		}
		tried++
		if signs(unhex(a.key, "key"), usable) {
			return "otherAuditor"
		}
	}
	return "badSignature"
}

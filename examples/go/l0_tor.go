package main

import (
	"crypto/ed25519"
	"crypto/sha3"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"regexp"
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

func decodeOnionAddress(address string) []byte {
	address = strings.ToLower(address)
	need(onionPattern.MatchString(address), "badAddress")
	b, err := onionBase32.DecodeString(strings.TrimSuffix(address, ".onion"))
	need(err == nil && len(b) == 35, "badAddress")
	need(encodeOnionAddress(b[:32]) == address, "badAddress")
	return b[:32]
}

// A ctrProof is WIRE-008.1.
type ctrProof struct{ nonce, ctrID, certificate, signature []byte }

func (p *ctrProof) encode() string {
	return base64.StdEncoding.EncodeToString(
		join(p.nonce, p.ctrID, u16(len(p.certificate)), p.certificate, p.signature))
}

func decodeCtrProof(text string) *ctrProof {
	b, ok := strictBase64(text)
	need(ok && len(text) <= 2048, "malformed")
	c := &cursor{b, "malformed"}
	p := &ctrProof{c.take(32), c.take(32), c.vector16(), c.take(64)}
	c.end()
	return p
}

// ctrProofMessage is WIRE-008.2. The domain is not in spec/; it was seen in another implementation's answer.
func ctrProofMessage(auditorKey, nonce, digest []byte) []byte {
	return join([]byte("ctor CTR authentication v1\x00"), auditorKey, nonce, digest)
}

// verifySigningKeyCert reads a certificate of cert-spec, type 4.
func verifySigningKeyCert(certificate, identity []byte, now int64) (key []byte, expiresAt int64) {
	const bad = "badCertificate"
	c := &cursor{certificate, bad}
	need(c.uint8() == 1 && c.uint8() == 4, bad)
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
	need(ed25519.Verify(identity, signed, signature), bad)
	need(now <= expiresAt, "expiredCertificate")
	return key, expiresAt
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
		k, _ := verifySigningKeyCert(p.certificate, p.ctrID, now)
		return k
	})
	if failed != "" {
		return check(failed)
	}
	signed := false
	for _, c := range consensuses {
		if !c.live(now) || !ed25519.Verify(key, ctrProofMessage(auditorKey, nonce, unhex(c.digest, "digest")), p.signature) {
			continue
		}
		signed = true
		for _, ctr := range c.ctrs {
			if ctr.id == hx(p.ctrID) {
				return obj{"verdict": "ctr", "ctrId": ctr.id}
			}
		}
	}
	if !signed {
		return check("badSignature")
	}
	return obj{"verdict": "notCtr", "ctrId": hx(p.ctrID), "check": "notListed"}
}

// live: in its validity, or up to 3 h beyond it.
func (c *consensus) live(now int64) bool {
	return c.validAfter <= now && now < c.validUntil+proofToleranceMs
}

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	_ "crypto/sha1" // for crypto.SHA1
	"crypto/sha256"
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
)

// A log is as the consensus lists it.
type log struct {
	id            string
	key           []byte // DER SPKI
	mmd           int64
	url           string
	monitoringURL string // of a static-ct log
}

func readLog(r *reader) *log {
	l := &log{id: r.hash("logId"), mmd: r.num("mmd"), url: r.url("url")}
	if r.has("monitoringUrl") {
		l.monitoringURL = r.url("monitoringUrl")
	}
	key := r.text("key")
	if utf16Length(key) > 4096 {
		badShape("%s.key is too long", r.where)
	}
	l.key, _ = strictBase64(key) // what is none verifies nothing
	r.done()
	return l
}

// logSigned verifies a DigitallySigned of RFC 5246: SHA-256 (4) with RSA (1) or ECDSA (3), as RFC 6962 2.1.4 asks.
func logSigned(spki, message []byte, hash, algorithm byte, signature []byte) bool {
	if hash != 4 {
		return false
	}
	key, ok := parseKey(spki)
	if !ok {
		return false
	}
	digest := sha256.Sum256(message)
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return algorithm == 3 && k.Curve == elliptic.P256() && ecdsa.VerifyASN1(k, digest[:], signature)
	case *rsaPublic:
		return algorithm == 1 && k.signed(crypto.SHA256, digest[:], signature)
	}
	return false
}

// signatureAlgorithms names by AlgorithmIdentifier what certificates may be signed with; RSA's parameters are NULL or missing.
var signatureAlgorithms = map[string]struct {
	key  string
	hash crypto.Hash
}{
	"300d06092a864886f70d0101050500": {"rsa", crypto.SHA1},
	"300b06092a864886f70d010105":     {"rsa", crypto.SHA1},
	"300d06092a864886f70d01010b0500": {"rsa", crypto.SHA256},
	"300b06092a864886f70d01010b":     {"rsa", crypto.SHA256},
	"300d06092a864886f70d01010c0500": {"rsa", crypto.SHA384},
	"300b06092a864886f70d01010c":     {"rsa", crypto.SHA384},
	"300d06092a864886f70d01010d0500": {"rsa", crypto.SHA512},
	"300b06092a864886f70d01010d":     {"rsa", crypto.SHA512},
	"300a06082a8648ce3d040302":       {"ecdsa", crypto.SHA256},
	"300a06082a8648ce3d040303":       {"ecdsa", crypto.SHA384},
	"300506032b6570":                 {"ed25519", 0},
}

// signedBy says whether the key of the certificate that follows verifies this one's signature (WIRE-001.2).
func (c *certificate) signedBy(issuer *certificate) bool {
	a, known := signatureAlgorithms[hx(c.algorithm.full)]
	key, ok := parseKey(issuer.spki)
	if !known || !ok {
		return false
	}
	message := c.tbs.full
	if a.hash != 0 {
		h := a.hash.New()
		h.Write(message)
		message = h.Sum(nil)
	}
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return a.key == "ecdsa" && ecdsa.VerifyASN1(k, message, c.signature)
	case *rsaPublic:
		return a.key == "rsa" && k.signed(a.hash, message, c.signature)
	case ed25519.PublicKey:
		return a.key == "ed25519" && ed25519Signed(k, message, c.signature)
	}
	return false
}

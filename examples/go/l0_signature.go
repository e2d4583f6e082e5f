package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"crypto/x509"
	"encoding/base64"
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
	l := &log{id: r.hash("logId"), mmd: r.num("mmd"), url: r.text("url")}
	if r.has("monitoringUrl") {
		l.monitoringURL = r.text("monitoringUrl")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(r.text("key"))
	if err != nil {
		badShape("%s.key is not base64", r.where)
	}
	l.key = key
	r.done()
	return l
}

// logSigned verifies a DigitallySigned of RFC 5246: SHA-256 (4) with RSA (1) or ECDSA (3), as RFC 6962 2.1.4 asks.
func logSigned(spki, message []byte, hash, algorithm byte, signature []byte) bool {
	if hash != 4 {
		return false
	}
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return false
	}
	digest := sha256.Sum256(message)
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return algorithm == 3 && ecdsa.VerifyASN1(k, digest[:], signature)
	case *rsa.PublicKey:
		return algorithm == 1 && rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], signature) == nil
	}
	return false
}

// signatureHashes names by OID content what certificates may be signed with.
var signatureHashes = map[string]struct {
	key  string
	hash crypto.Hash
}{
	"2a864886f70d01010b": {"rsa", crypto.SHA256},
	"2a864886f70d01010c": {"rsa", crypto.SHA384},
	"2a864886f70d01010d": {"rsa", crypto.SHA512},
	"2a8648ce3d040302":   {"ecdsa", crypto.SHA256},
	"2a8648ce3d040303":   {"ecdsa", crypto.SHA384},
	"2a8648ce3d040304":   {"ecdsa", crypto.SHA512},
	"2b6570":             {"ed25519", 0},
}

// signedBy says whether the key of the certificate that follows verifies this one's signature (WIRE-001.2).
func (c *certificate) signedBy(issuer *certificate) bool {
	members := readAll(c.algorithm.body)
	if len(members) == 0 || members[0].tag != tagOID {
		return false
	}
	a, known := signatureHashes[hx(members[0].body)]
	key, err := x509.ParsePKIXPublicKey(issuer.spki)
	if !known || err != nil {
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
	case *rsa.PublicKey:
		return a.key == "rsa" && rsa.VerifyPKCS1v15(k, a.hash, message, c.signature) == nil
	case ed25519.PublicKey:
		return a.key == "ed25519" && ed25519.Verify(k, message, c.signature)
	}
	return false
}

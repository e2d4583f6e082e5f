package main

import "crypto/sha256"

const futureToleranceMs = 5 * 60 * 1000 // AUD-011.1

// An entry is what a log signs: a certificate, or an issuer key hash and a TBS (WIRE-003).
type entry struct {
	precert       bool
	certificate   []byte
	issuerKeyHash []byte
	tbs           []byte
}

func entryOf(s *sfo) (*entry, *certificate) {
	decodeSct(s.sct)
	leaf := parseLeaf(s.chain[0])
	if !leaf.holdsSct(s.sct) {
		return &entry{certificate: s.chain[0]}, leaf
	}
	need(len(s.chain) > 1, "noIssuer")
	issuer := parseCertificate(s.chain[1])
	sum := sha256.Sum256(issuer.spki)
	return &entry{precert: true, issuerKeyHash: sum[:], tbs: leaf.precertTBS()}, leaf
}

func (e *entry) fields() obj {
	if e.precert {
		return obj{"type": "precert", "issuerKeyHash": hx(e.issuerKeyHash), "tbs": hx(e.tbs)}
	}
	return obj{"type": "x509", "certificate": hx(e.certificate)}
}

func readEntry(r *reader) *entry {
	e := &entry{}
	switch kind := r.text("type"); kind {
	case "x509":
		e.certificate = r.hex("certificate")
	case "precert":
		e.precert, e.issuerKeyHash, e.tbs = true, r.hexOf("issuerKeyHash", 32), r.hex("tbs")
	default:
		badShape("no entry %q", kind)
	}
	r.done()
	return e
}

// timestamped is timestamp, entry and extensions, as both the leaf and the signature hold them (WIRE-003.5).
func timestamped(e *entry, timestamp int64, extensions []byte) []byte {
	signed := join([]byte{0, 0}, u24(len(e.certificate)), e.certificate)
	if e.precert {
		signed = join([]byte{0, 1}, e.issuerKeyHash, u24(len(e.tbs)), e.tbs)
	}
	return join(u64(timestamp), signed, u16(len(extensions)), extensions)
}

// merkleTreeLeaf and sctSignatureInput start alike: version 1, then leaf type or signature type 0.
func merkleTreeLeaf(e *entry, timestamp int64, extensions []byte) []byte {
	return join([]byte{0, 0}, timestamped(e, timestamp, extensions))
}

func leafHash(leaf []byte) []byte {
	sum := sha256.Sum256(append([]byte{0}, leaf...))
	return sum[:]
}

func sctValid(key []byte, t *sct, e *entry) bool {
	return logSigned(key, merkleTreeLeaf(e, t.timestamp, t.extensions), t.hashAlgorithm, t.signatureAlgorithm, t.signature)
}

// validateSfo is RELAY-012.1: entry, certificates, known log, leaf's issuer, the log's signature, then the chain.
func validateSfo(l *log, s *sfo, now int64) any {
	t := decodeSct(s.sct)
	e, leaf := entryOf(s)
	for _, der := range s.chain {
		parseCertificate(der)
	}
	need(l != nil && l.id == hx(t.logID), "unknownLog")
	if e.precert {
		need(leaf.signedBy(parseCertificate(s.chain[1])), "badChainSignature")
	}
	need(sctValid(l.key, t, e), "badSctSignature")
	below := leaf
	for _, der := range s.chain[1:] {
		above := parseCertificate(der)
		need(below.signedBy(above), "badChainSignature")
		below = above
	}
	need(!below.selfIssued || below.signedBy(below), "badChainSignature")
	hash := leafHash(merkleTreeLeaf(e, t.timestamp, t.extensions))
	valid := obj{"sfoId": sfoID(s), "leafId": hx(t.logID) + ":" + hx(hash), "logId": hx(t.logID),
		"sctTimestamp": dec(t.timestamp), "future": t.timestamp > now+futureToleranceMs}
	if index := promisedIndex(l, t); index != noIndex {
		valid["leafIndex"] = dec(index)
	}
	return valid
}

// errorClass is AUD-005.1.
func errorClass(c string) string {
	switch c {
	case "unknownLog", "oversize":
		return c
	case "futureSct":
		return c
	case "badSctSignature":
		return "badSct"
	case "badChainSignature", "noIssuer":
		return "badChain"
	case "notJson", "notSfoList", "sctVersion", "sctCount", "badBase64", "badSctList", "badSct", "numberTooLarge",
		"chainLength", "badPem", "badDer", "badCertificate", "duplicateExtension":
		return "malformed"
	}
	badShape("no error %q", c)
	return ""
}

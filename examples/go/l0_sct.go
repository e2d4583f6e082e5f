package main

import "encoding/binary"

// An sct is a SignedCertificateTimestamp of version 1 (WIRE-002.1, RFC 6962 3.2).
type sct struct {
	logID              []byte
	timestamp          int64
	extensions         []byte
	hashAlgorithm      byte
	signatureAlgorithm byte
	signature          []byte
}

// A cursor reads big-endian fields and fails with its code where they run out.
type cursor struct {
	b    []byte
	code string
}

func (c *cursor) take(n int) []byte {
	need(len(c.b) >= n, c.code)
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) uint8() byte      { return c.take(1)[0] }
func (c *cursor) uint16() int      { return int(binary.BigEndian.Uint16(c.take(2))) }
func (c *cursor) uint64() uint64   { return binary.BigEndian.Uint64(c.take(8)) }
func (c *cursor) vector16() []byte { return c.take(c.uint16()) }
func (c *cursor) end()             { need(len(c.b) == 0, c.code) }

// knownAlgorithms: SHA-256 with RSA or ECDSA (RFC 6962 2.1.4).
func knownAlgorithms(hash, signature byte) bool {
	return hash == 4 && (signature == 1 || signature == 3)
}

// decodeSct fails with badSct or numberTooLarge, whichever comes first in the bytes.
func decodeSct(b []byte) *sct {
	c := &cursor{b, "badSct"}
	need(c.uint8() == 0, "badSct")
	s := &sct{logID: c.take(32)}
	timestamp := c.uint64()
	need(timestamp <= maxNumber, "numberTooLarge")
	s.extensions = c.vector16()
	s.hashAlgorithm, s.signatureAlgorithm = c.uint8(), c.uint8()
	s.signature = c.vector16()
	c.end()
	need(knownAlgorithms(s.hashAlgorithm, s.signatureAlgorithm), "badSct")
	s.timestamp = int64(timestamp)
	return s
}

func u16(n int) []byte {
	if n > 0xffff {
		badShape("longer than its length field")
	}
	return []byte{byte(n >> 8), byte(n)}
}

func u24(n int) []byte { return []byte{byte(n >> 16), byte(n >> 8), byte(n)} }

func u64(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func join(parts ...[]byte) []byte {
	out := []byte{}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func encodeSct(s *sct) []byte {
	return join([]byte{0}, s.logID, u64(s.timestamp), u16(len(s.extensions)), s.extensions,
		[]byte{s.hashAlgorithm, s.signatureAlgorithm}, u16(len(s.signature)), s.signature)
}

// decodeSctList takes a SignedCertificateTimestampList apart, or fails with badSctList.
func decodeSctList(b []byte) [][]byte {
	outer := &cursor{b, "badSctList"}
	inner := &cursor{outer.vector16(), "badSctList"}
	outer.end()
	list := [][]byte{}
	for len(inner.b) > 0 {
		one := inner.vector16()
		need(len(one) > 0, "badSctList")
		list = append(list, one)
	}
	need(len(list) > 0, "badSctList")
	return list
}

func encodeSctList(list [][]byte) []byte {
	body := []byte{}
	for _, one := range list {
		body = append(append(body, u16(len(one))...), one...)
	}
	return append(u16(len(body)), body...)
}

func sctFields(s *sct) obj {
	return obj{"logId": hx(s.logID), "timestamp": dec(s.timestamp), "extensions": hx(s.extensions),
		"hashAlgorithm": dec(int64(s.hashAlgorithm)), "signatureAlgorithm": dec(int64(s.signatureAlgorithm)),
		"signature": hx(s.signature)}
}

func readSctFields(r *reader) *sct {
	s := &sct{logID: r.hexOf("logId", 32), timestamp: r.num("timestamp"), extensions: r.hex("extensions"),
		hashAlgorithm: byte(r.numUpTo("hashAlgorithm", 255)), signatureAlgorithm: byte(r.numUpTo("signatureAlgorithm", 255)),
		signature: r.hex("signature")}
	r.done()
	return s
}

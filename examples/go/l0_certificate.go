package main

import "bytes"

const (
	tagBoolean  = 0x01
	tagInteger  = 0x02
	tagBits     = 0x03
	tagOctets   = 0x04
	tagOID      = 0x06
	tagSequence = 0x30
)

// sctListOID is 1.3.6.1.4.1.11129.2.4.2 (WIRE-003.1).
var sctListOID = []byte{0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02}

// A certificate is what this implementation needs of X.509, each part as it stands.
type certificate struct {
	tbs        element
	fields     []byte   // of the TBS, as far as the extensions
	explicit   *element // [3], the last one of the TBS
	list       element  // the SEQUENCE in it
	sctList    []byte   // the SCT list extension's extnValue; of a leaf only
	others     []byte   // the list without that extension; of a leaf only
	spki       []byte
	selfIssued bool
	algorithm  element
	signature  []byte
}

func need(ok bool, c string) {
	if !ok {
		fail(c)
	}
}

// parseCertificate reads no deeper than spec/functions.md says, and fails with badDer or badCertificate.
func parseCertificate(der []byte) *certificate {
	outer := only(der)
	top, rest := readSome(outer.body, 3)
	need(outer.tag == tagSequence && top[0].tag == tagSequence && top[2].tag == tagBits && len(rest) == 0, "badCertificate")
	need(len(top[2].body) > 0 && top[2].body[0] == 0, "badCertificate")
	c := &certificate{tbs: top[0], algorithm: top[1], signature: top[2].body[1:]}
	c.readTBS()
	return c
}

func (c *certificate) readTBS() {
	members := c.tbs.body
	if first, rest := readElement(members); first.tag == 0xa0 {
		members = rest
	}
	six, rest := readSome(members, 6) // serial number, algorithm, issuer, validity, subject, key
	need(six[0].tag == tagInteger, "badCertificate")
	for _, field := range six[1:] {
		need(field.tag == tagSequence, "badCertificate")
	}
	c.selfIssued = bytes.Equal(six[2].full, six[4].full)
	c.spki = six[5].full
	c.readOptional(rest)
	need(bytes.Equal(six[1].full, c.algorithm.full), "badCertificate")
}

// readOptional takes unique identifiers and extensions, each at most once and in this order.
func (c *certificate) readOptional(rest []byte) {
	c.fields = c.tbs.body
	tags := []byte{0x81, 0x82, 0xa3}
	for len(rest) > 0 {
		var e element
		e, rest = readElement(rest)
		at := bytes.IndexByte(tags, e.tag)
		need(at >= 0, "badCertificate")
		tags = tags[at+1:]
		if e.tag == 0xa3 {
			c.explicit = &e
		}
	}
	if c.explicit != nil {
		c.fields = c.tbs.body[:len(c.tbs.body)-len(c.explicit.full)]
		c.list = only(c.explicit.body)
		need(c.list.tag == tagSequence, "badCertificate")
	}
}

// parseLeaf reads the extensions as well, and fails also with duplicateExtension.
func parseLeaf(der []byte) *certificate {
	c := parseCertificate(der)
	for rest := c.list.body; len(rest) > 0; {
		var e element
		e, rest = readElement(rest)
		name, members := readElement(e.body)
		need(e.tag == tagSequence && name.tag == tagOID, "badCertificate")
		if !bytes.Equal(name.body, sctListOID) {
			c.others = append(c.others, e.full...)
			continue
		}
		need(c.sctList == nil, "duplicateExtension") // WIRE-003.4
		value, behind := readElement(members)
		if value.tag == tagBoolean {
			value, behind = readElement(behind)
		}
		need(value.tag == tagOctets && len(behind) == 0, "badCertificate")
		c.sctList = value.body
	}
	return c
}

// holdsSct says whether the SCT list extension holds this SerializedSCT bit for bit (WIRE-003.1).
func (c *certificate) holdsSct(sct []byte) bool {
	held, failed := attempt(func() bool {
		list := only(c.sctList)
		need(list.tag == tagOctets, "badCertificate")
		for _, one := range decodeSctList(list.body) {
			if bytes.Equal(one, sct) {
				return true
			}
		}
		return false
	})
	return failed == "" && held
}

// precertTBS is the TBS of a leaf without the SCT extension, by splicing (WIRE-003.3).
func (c *certificate) precertTBS() []byte {
	return wrap(tagSequence, join(c.fields, wrap(0xa3, wrap(tagSequence, c.others))))
}

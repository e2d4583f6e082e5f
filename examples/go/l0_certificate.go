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
	der        []byte
	tbs        element
	parts      []element // of the TBS, in order
	extensions int       // index of [3] in parts, or -1
	sctList    *element  // the whole SCT list extension
	sctListDER []byte    // its extnValue
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

// parseCertificate fails with badDer, badCertificate or duplicateExtension.
func parseCertificate(der []byte) *certificate {
	outer := only(der)
	checkDeep(outer)
	need(outer.tag == tagSequence, "badCertificate")
	top := readAll(outer.body)
	need(len(top) == 3 && top[0].tag == tagSequence && top[1].tag == tagSequence && top[2].tag == tagBits, "badCertificate")
	c := &certificate{der: der, tbs: top[0], algorithm: top[1], extensions: -1}
	need(len(top[2].body) > 0 && top[2].body[0] == 0, "badCertificate")
	c.signature = top[2].body[1:]
	c.parts = readAll(top[0].body)
	c.readTBS()
	return c
}

func (c *certificate) readTBS() {
	i := 0
	take := func(tag byte) element {
		need(i < len(c.parts) && c.parts[i].tag == tag, "badCertificate")
		i++
		return c.parts[i-1]
	}
	if len(c.parts) > 0 && c.parts[0].tag == 0xa0 {
		take(0xa0)
	}
	take(tagInteger)
	take(tagSequence) // signature algorithm
	issuer := take(tagSequence)
	take(tagSequence) // validity
	c.selfIssued = bytes.Equal(issuer.full, take(tagSequence).full)
	c.spki = take(tagSequence).full
	for _, tag := range []byte{0x81, 0x82} {
		if i < len(c.parts) && c.parts[i].tag == tag {
			i++
		}
	}
	if i < len(c.parts) {
		c.extensions = i
		c.readExtensions(take(0xa3))
	}
	need(i == len(c.parts), "badCertificate")
}

func (c *certificate) readExtensions(explicit element) {
	inner := readAll(explicit.body)
	need(len(inner) == 1 && inner[0].tag == tagSequence, "badCertificate")
	duplicate := false
	for _, e := range readAll(inner[0].body) {
		need(e.tag == tagSequence, "badCertificate")
		members := readAll(e.body)
		need(len(members) == 2 || len(members) == 3, "badCertificate")
		need(members[0].tag == tagOID, "badCertificate")
		need(len(members) == 2 || members[1].tag == tagBoolean, "badCertificate")
		value := members[len(members)-1]
		need(value.tag == tagOctets, "badCertificate")
		if bytes.Equal(members[0].body, sctListOID) {
			duplicate = duplicate || c.sctList != nil // WIRE-003.4
			c.sctList, c.sctListDER = &e, value.body
		}
	}
	need(!duplicate, "duplicateExtension")
}

// holdsSct says whether the SCT list extension holds this SerializedSCT bit for bit (WIRE-003.1).
func (c *certificate) holdsSct(sct []byte) bool {
	if c.sctList == nil {
		return false
	}
	held, failed := attempt(func() bool {
		list := only(c.sctListDER)
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

// precertTBS is the TBS without the SCT extension, by splicing (WIRE-003.3).
func (c *certificate) precertTBS() []byte {
	body := []byte{}
	for i, part := range c.parts {
		if i != c.extensions {
			body = append(body, part.full...)
			continue
		}
		kept := []byte{}
		for _, e := range readAll(only(part.body).body) {
			if !bytes.Equal(e.full, c.sctList.full) {
				kept = append(kept, e.full...)
			}
		}
		body = append(body, wrap(0xa3, wrap(tagSequence, kept))...)
	}
	return wrap(tagSequence, body)
}

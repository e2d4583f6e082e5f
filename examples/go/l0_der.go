package main

// An element is one DER value: its bytes with and without the header (WIRE-001.6).
type element struct {
	tag  byte
	full []byte
	body []byte
}

// readElement takes the first element of b: definite lengths in the fewest octets, or `badDer`.
func readElement(b []byte) (e element, rest []byte) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		fail("badDer")
	}
	length, header := int(b[1]), 2
	if b[1] >= 0x80 {
		octets := int(b[1] & 0x7f)
		if octets == 0 || octets > 4 || len(b) < 2+octets || b[2] == 0 {
			fail("badDer")
		}
		length = 0
		for _, o := range b[2 : 2+octets] {
			length = length<<8 | int(o)
		}
		if length < 0x80 {
			fail("badDer")
		}
		header += octets
	}
	if len(b)-header < length {
		fail("badDer")
	}
	return element{b[0], b[:header+length], b[header : header+length]}, b[header+length:]
}

// readSome takes the first n elements of b, or `badDer`.
func readSome(b []byte, n int) (list []element, rest []byte) {
	for len(list) < n {
		var e element
		e, b = readElement(b)
		list = append(list, e)
	}
	return list, b
}

// only takes the one element that b is.
func only(b []byte) element {
	e, rest := readElement(b)
	if len(rest) > 0 {
		fail("badDer")
	}
	return e
}

// wrap puts a header in front of a body.
func wrap(tag byte, body []byte) []byte {
	n := len(body)
	if n < 0x80 {
		return append([]byte{tag, byte(n)}, body...)
	}
	octets := []byte{}
	for ; n > 0; n >>= 8 {
		octets = append([]byte{byte(n)}, octets...)
	}
	out := append([]byte{tag, 0x80 | byte(len(octets))}, octets...)
	return append(out, body...)
}

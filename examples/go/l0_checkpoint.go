package main

import (
	"crypto/sha256"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const maxCheckpoint = 128 << 10 // WIRE-013.4

// noteSignature has no white space in its name, in the sense of spec/functions.md.
var noteSignature = regexp.MustCompile(`^— ([^+\p{Z}\t-\r\x{feff}]+) ([A-Za-z0-9+/]+=*)$`)

// decodeCheckpoint takes a signed note of origin, size and root apart (WIRE-013.3).
func decodeCheckpoint(logID, origin string, note []byte) sth {
	need(len(note) <= maxCheckpoint, "tooLarge")
	text, signatures := splitNote(note)
	lines := strings.Split(text, "\n")
	need(len(lines) == 3 && decimal.MatchString(lines[1]), "badBody")
	root, ok := strictBase64(lines[2])
	need(ok && len(root) == 32, "badBody")
	need(lines[0] == origin, "otherOrigin")
	var own [][]byte
	for _, s := range signatures {
		if s.name == origin && string(s.data[:4]) == string(noteKeyID(origin, logID)) {
			own = append(own, s.data[4:])
		}
	}
	need(len(own) > 0, "notSigned")
	c := &cursor{own[0], "badSignature"}
	timestamp := c.uint64()
	signature := c.b
	need(knownAlgorithms(c.uint8(), c.uint8()), "badSignature")
	c.vector16()
	c.end()
	size, err := strconv.ParseInt(lines[1], 10, 64)
	need(err == nil && size <= maxNumber && timestamp <= maxNumber, "numberTooLarge")
	return sth{logID, int64(timestamp), size, hx(root), hx(signature)}
}

// noteKeyID is the first 4 bytes of SHA-256(name, 0A, 05, log ID).
func noteKeyID(name, logID string) []byte {
	sum := sha256.Sum256(join([]byte(name), []byte{0x0a, 0x05}, unhex(logID, "logId")))
	return sum[:4]
}

type noteLine struct {
	name string
	data []byte // key ID and signature
}

// splitNote is C2SP signed-note: a text, an empty line, lines of signatures; the text comes without its last newline.
func splitNote(note []byte) (text string, signatures []noteLine) {
	need(utf8.Valid(note), "notNote")
	whole := string(note)
	for _, r := range whole {
		need(r == '\n' || r >= 0x20, "notNote")
	}
	split := strings.LastIndex(whole, "\n\n")
	need(split > 0 && strings.HasSuffix(whole, "\n") && split+2 < len(whole), "notNote")
	for _, line := range strings.Split(whole[split+2:len(whole)-1], "\n") {
		parts := noteSignature.FindStringSubmatch(line)
		need(parts != nil, "notNote")
		data, ok := strictBase64(parts[2])
		need(ok && len(data) > 4, "notNote")
		signatures = append(signatures, noteLine{parts[1], data})
	}
	return whole[:split], signatures
}

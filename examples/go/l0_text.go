package main

import (
	"encoding/base64"
	"strings"
)

// strictBase64 is canonical base64 with padding (WIRE-001.4), or ok is false.
func strictBase64(s string) (b []byte, ok bool) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, false
	}
	return b, true
}

const (
	pemBegin = "-----BEGIN CERTIFICATE-----"
	pemEnd   = "-----END CERTIFICATE-----"
)

// decodePem takes one certificate: lines of one width, of which only the last may be shorter (wire.md).
func decodePem(text string) []byte {
	newline := "\n"
	if strings.HasPrefix(text, pemBegin+"\r\n") {
		newline = "\r\n"
	}
	lines := strings.Split(strings.TrimSuffix(text, newline), newline)
	need(len(lines) >= 3 && lines[0] == pemBegin && lines[len(lines)-1] == pemEnd, "badPem")
	body := lines[1 : len(lines)-1]
	for i, line := range body {
		need(line != "", "badPem")
		last := i == len(body)-1
		width, first := utf16Length(line), utf16Length(body[0])
		need(width == first || last && width < first, "badPem")
	}
	der, ok := strictBase64(strings.Join(body, ""))
	need(ok, "badBase64")
	return der
}

func encodePem(der []byte) string {
	text := base64.StdEncoding.EncodeToString(der)
	out := pemBegin + "\n"
	for len(text) > 64 {
		out, text = out+text[:64]+"\n", text[64:]
	}
	if text != "" {
		text += "\n"
	}
	return out + text + pemEnd + "\n"
}

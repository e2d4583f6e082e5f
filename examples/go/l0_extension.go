package main

import (
	"bytes"
	"regexp"
	"strings"
)

const extensionStart = "ctor-extension-version 1\n"

var (
	headerLine    = regexp.MustCompile(`^([A-Za-z0-9-]+)( |$)`)
	consensusLine = regexp.MustCompile(`^tor-consensus (ns|microdesc) ([0-9a-f]{64})( |$)`)
)

// An extension is a CT extension document whose content nobody has read yet (CONS-005.3).
type extension struct {
	consensuses map[string]string // digests by flavour
	content     string
	signed      []byte
	signatures  []torSignature
}

// readExtension goes from `tooLarge` to `badTorSignature`.
func readExtension(document []byte) *extension {
	need(len(document) <= maxDocument && bytes.Count(document, []byte("\n")) <= maxLines, "tooLarge")
	needText(document)
	text := string(document)
	need(strings.HasPrefix(text, extensionStart), "badVersion")
	start := strings.Index(text, "\n"+contentStart) + 1
	need(start > 0, "truncated")
	end := strings.Index(text, "\n"+signatureWord) + 1
	need(end > start && strings.HasSuffix(text[start:end], "\n"+contentEnd), "truncated")
	e := &extension{consensuses: map[string]string{}, content: text[start:end], signed: []byte(text[:end] + signatureWord)}
	for _, line := range strings.Split(text[len(extensionStart)-1:start-1], "\n")[1:] {
		keyword := headerLine.FindStringSubmatch(line)
		need(keyword != nil, "badConsensusLine")
		if keyword[1] != "tor-consensus" {
			continue // CONS-001.3
		}
		parts := consensusLine.FindStringSubmatch(line)
		need(parts != nil && e.consensuses[parts[1]] == "", "badConsensusLine")
		e.consensuses[parts[1]] = parts[2]
	}
	need(len(e.consensuses) > 0, "badConsensusLine")
	e.signatures = torSignatures(text[end:], readItems(text[end:], maxLines, "badTorSignature"))
	return e
}

// verifyExtension is CONS-005 and CONS-006.1 against a consensus that was verified already.
func verifyExtension(document, consensus, certificates []byte, authorities []string, now int64) any {
	c := parseTorConsensus(consensus)
	e := readExtension(document)
	need(e.consensuses[c.flavour] == c.digest(), "otherConsensus")
	committed, some := committedDigest(c.params)
	need(some && hx(committed) == sha256Text(e.content), "notCommitted")
	good := signers(e.signatures, "sha256", e.signed, goodKeyCerts(certificates), authorities, c.validAfter, now)
	need(2*good > len(distinct(authorities)), "notSigned")
	d := readContent(e.content[len(contentStart) : len(e.content)-len(contentEnd)])
	all := d.c.fields()
	return obj{"digest": hx(digestBy("sha256", e.signed)), "params": paramFields(d.params), "logs": all["logs"], "sths": all["sths"],
		"ctrs": all["ctrs"], "auditors": all["auditors"]}
}

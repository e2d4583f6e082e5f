package main

import (
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"
)

// A microdescriptor is what CONS-004 takes of one.
type microdescriptor struct {
	identity  string   // Ed25519
	names     []string // fingerprints that `family` names
	familyIDs []string
}

const microStart = "onion-key"

var familyName = regexp.MustCompile(`^\$([0-9A-Fa-f]{40})([^0-9A-Za-z_].*)?$`)

// readMicrodescriptors are those of a document by their SHA-256; what is at fault is left out.
func readMicrodescriptors(document []byte) map[string]*microdescriptor {
	need(len(document) <= maxTorConsensus, "tooLarge")
	list := map[string]*microdescriptor{}
	texts := []string{}
	for _, line := range strings.SplitAfter(string(document), "\n") {
		if line == microStart+"\n" {
			texts = append(texts, "")
		}
		if len(texts) > 0 {
			texts[len(texts)-1] += line
		}
	}
	for _, text := range texts {
		if m, failed := attempt(func() *microdescriptor { return readMicrodescriptor(text) }); failed == "" {
			sum := sha256.Sum256([]byte(text))
			list[hx(sum[:])] = m
		}
	}
	return list
}

func readMicrodescriptor(text string) *microdescriptor {
	const bad = "badMicrodescriptor"
	m := &microdescriptor{}
	for _, i := range readItems(text, 64, bad) {
		switch {
		case i.keyword == "id" && len(i.args) > 0 && i.args[0] == "ed25519":
			need(m.identity == "" && len(i.args) > 1, bad)
			m.identity = hx(unpadded(i.args[1], 32, bad))
		case i.keyword == "family":
			for _, name := range i.args {
				if parts := familyName.FindStringSubmatch(name); parts != nil {
					m.names = append(m.names, strings.ToLower(parts[1]))
				}
			}
		case i.keyword == "family-ids":
			m.familyIDs = append(m.familyIDs, i.args...)
		}
	}
	need(m.identity != "", bad)
	m.names, m.familyIDs = m.names[:min(len(m.names), 1024)], m.familyIDs[:min(len(m.familyIDs), 1024)]
	return m
}

type candidate struct {
	fingerprint string
	*microdescriptor
}

// candidates are the relays that CONS-004.1 admits and whose microdescriptor is there.
func (c *torConsensus) candidates(known map[string]*microdescriptor) []candidate {
	list := []candidate{}
	for _, r := range c.relays {
		m := known[r.descriptor]
		flagged := !slices.Contains(c.knownFlags, "CTR") || slices.Contains(r.flags, "CTR")
		if m != nil && flagged && slices.Contains(r.flags, "Running") && slices.Contains(r.flags, "Valid") {
			list = append(list, candidate{r.fingerprint, m})
		}
	}
	return list
}

// ctrList is CONS-004.
func ctrList(document, microdescriptors []byte, announced []ctr) []any {
	c := parseTorConsensus(document)
	list := c.candidates(readMicrodescriptors(microdescriptors))
	out := []any{}
	for _, line := range announced {
		for _, one := range list {
			if one.identity == line.id {
				out = append(out, obj{"ctrId": line.id, "url": line.url, "family": one.family(line.family, list)})
				break
			}
		}
	}
	return out
}

// family is CONS-004.3, ascending, each once, without the CTR itself.
func (one candidate) family(line []string, list []candidate) []string {
	ids := append([]string{}, line...)
	for _, other := range list {
		named := slices.Contains(one.names, other.fingerprint)
		for _, id := range one.familyIDs {
			named = named || slices.Contains(other.familyIDs, id)
		}
		if named {
			ids = append(ids, other.identity)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == one.identity })
}

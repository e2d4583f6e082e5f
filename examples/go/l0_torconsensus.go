package main

import (
	"crypto/sha1"
	"crypto/sha256"
	"strings"
)

const (
	maxTorConsensus  = 16 << 20 // CONS-002.8
	maxTorItems      = 400000
	maxTorSignatures = 256 // CONS-002.6
)

// A torConsensus is what CONS-002 takes of a Tor consensus.
type torConsensus struct {
	flavour                            string
	validAfter, freshUntil, validUntil int64
	knownFlags                         []string
	params                             map[string]int32
	relays                             []torRelay
	signatures                         []torSignature
	signed                             []byte // what the signatures cover
}

type torRelay struct {
	fingerprint, descriptor string
	flags                   []string
}

type torSignature struct {
	algorithm, identity, keyDigest string
	signature                      []byte
}

func (c *torConsensus) algorithm() string {
	return map[string]string{"ns": "sha1", "microdesc": "sha256"}[c.flavour]
}

// digest is that of documents that name the consensus, whatever its signatures are over.
func (c *torConsensus) digest() string { return hx(digestBy("sha256", c.signed)) }

func digestBy(algorithm string, signed []byte) []byte {
	if algorithm == "sha1" {
		sum := sha1.Sum(signed)
		return sum[:]
	}
	sum := sha256.Sum256(signed)
	return sum[:]
}

func parseTorConsensus(document []byte) *torConsensus {
	need(len(document) <= maxTorConsensus, "tooLarge")
	text := string(document)
	items := readItems(text, maxTorItems, "notItems")
	c := &torConsensus{flavour: flavourOf(items[0]), params: map[string]int32{}}
	end := indexOf(items, "directory-signature")
	footer := indexOf(items, "directory-footer")
	need(footer < end && end < len(items), "truncated")
	c.signatures = torSignatures(text, items[end:])
	c.signed = []byte(text[:items[end].start+len(signatureWord)])
	relays := min(indexOf(items, "r"), footer)
	c.readPreamble(items[:relays])
	for from := relays; from < footer; {
		to := from + 1
		for to < footer && items[to].keyword != "r" {
			to++
		}
		c.relays = append(c.relays, c.relayOf(items[from:to]))
		from = to
	}
	for i := 1; i < len(c.relays); i++ {
		need(c.relays[i-1].fingerprint < c.relays[i].fingerprint, "badOrder")
	}
	return c
}

// indexOf is the first item of a keyword, or how many items there are.
func indexOf(items []item, keyword string) int {
	for i, one := range items {
		if one.keyword == keyword {
			return i
		}
	}
	return len(items)
}

func flavourOf(first item) string {
	need(first.keyword == "network-status-version" && len(first.args) > 0 && first.args[0] == "3", "badFlavour")
	if len(first.args) == 1 {
		return "ns"
	}
	need(first.args[1] == "ns" || first.args[1] == "microdesc", "badFlavour")
	return first.args[1]
}

// torSignatures are the items from the first signature on (CONS-002.6).
func torSignatures(text string, items []item) []torSignature {
	const bad = "badTorSignature"
	need(len(items) <= maxTorSignatures, bad)
	list := []torSignature{}
	for _, i := range items {
		need(strings.HasPrefix(text[i.start:], signatureWord) && len(i.args) >= 2, bad)
		s := torSignature{algorithm: "sha1", signature: i.object(bad, "SIGNATURE")}
		args := i.args
		if len(args) > 2 {
			s.algorithm, args = strings.ToLower(characters(args[:1])[0]), args[1:]
		}
		s.identity, s.keyDigest = fingerprintOf(args[0], bad), fingerprintOf(args[1], bad)
		list = append(list, s)
	}
	return list
}

func (c *torConsensus) readPreamble(items []item) {
	found := map[string]item{}
	for _, keyword := range []string{"network-status-version", "vote-status", "consensus-method", "valid-after",
		"fresh-until", "valid-until", "voting-delay", "known-flags"} {
		found[keyword] = onlyItem(items, keyword, "badPreamble")
	}
	status := found["vote-status"].args
	need(len(status) > 0 && status[0] == "consensus", "badPreamble")
	c.knownFlags = characters(found["known-flags"].args)
	c.validAfter = found["valid-after"].timeOf("badPreamble")
	c.freshUntil = found["fresh-until"].timeOf("badPreamble")
	c.validUntil = found["valid-until"].timeOf("badPreamble")
	if at := indexOf(items, "params"); at < len(items) {
		c.readParams(onlyItem(items, "params", "badPreamble"))
	}
	need(c.validAfter < c.freshUntil && c.freshUntil <= c.validUntil, "badTimes")
}

func (c *torConsensus) readParams(i item) {
	need(len(i.args) <= 1024, "badParams")
	for _, one := range i.args {
		parts := paramPattern.FindStringSubmatch(one)
		need(parts != nil, "badParams")
		n, ok := int32Of(parts[2])
		_, twice := c.params[parts[1]]
		need(ok && !twice, "badParams")
		c.params[parts[1]] = n
	}
}

// relayOf is CONS-002.3; in flavour ns the digest of the descriptor stands in `r`.
func (c *torConsensus) relayOf(items []item) torRelay {
	const bad = "badRelay"
	counts := map[string]int{}
	for _, i := range items {
		counts[i.keyword]++
	}
	for _, keyword := range []string{"v", "pr", "w", "p", "m", "id"} {
		need(counts[keyword] <= 1, bad)
	}
	args := items[0].args
	relay := torRelay{flags: characters(onlyItem(items, "s", bad).args)}
	if c.flavour == "ns" {
		need(len(args) >= 8, bad)
		relay.descriptor = hx(unpadded(args[2], 20, bad))
	} else {
		m := onlyItem(items, "m", bad)
		need(len(args) >= 7 && len(m.args) > 0, bad)
		relay.descriptor = hx(unpadded(m.args[0], 32, bad))
	}
	relay.fingerprint = hx(unpadded(args[1], 20, bad))
	return relay
}

func (c *torConsensus) fields() obj {
	relays, signatures := []any{}, []any{}
	for _, r := range c.relays {
		relays = append(relays, obj{"fingerprint": r.fingerprint, "flags": r.flags, "descriptor": r.descriptor})
	}
	for _, s := range c.signatures {
		signatures = append(signatures, obj{"algorithm": s.algorithm, "identity": s.identity, "signingKeyDigest": s.keyDigest})
	}
	return obj{"flavour": c.flavour, "validAfter": dec(c.validAfter), "freshUntil": dec(c.freshUntil),
		"validUntil": dec(c.validUntil), "knownFlags": c.knownFlags, "params": paramFields(c.params), "relays": relays,
		"signatures": signatures, "digest": c.digest(), "algorithm": c.algorithm()}
}

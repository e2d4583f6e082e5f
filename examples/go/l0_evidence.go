package main

import (
	"crypto/sha256"
	"regexp"
	"strconv"
	"strings"
)

// kindParts says what a kind's bundle has (EVID-002.2), which rule it is held to and whether that proves anything.
type kindParts struct {
	heads, sfos                                 int
	inclusion, leafHash, transcript, receivedAt bool
	rule                                        string
	holds                                       func(*evidence)
}

var bundleParts map[string]kindParts

func init() {
	bundleParts = map[string]kindParts{
		"split-view":   {heads: 2, rule: "EVID-006.1", holds: splitView},
		"rollback":     {heads: 2, rule: "EVID-007.1", holds: rollback},
		"omission":     {heads: 1, sfos: 1, rule: "EVID-008.1", holds: omission},
		"substitution": {sfos: 1, inclusion: true, leafHash: true, rule: "EVID-009.1", holds: substitution},
		"equivocation": {sfos: 2, rule: "EVID-010.1", holds: equivocation},
		"late-merge":   {heads: 1, sfos: 1, inclusion: true, rule: "EVID-011.1", holds: lateMerge},
		"backdated":    {sfos: 1, inclusion: true, rule: "EVID-012.1", holds: backdated},
		"inconsistent": {heads: 2, transcript: true, rule: "EVID-013.1", holds: inconsistent},
		"withheld":     {heads: 1, sfos: 1, transcript: true, receivedAt: true, rule: "EVID-014.1", holds: withheld},
	}
}

// evidence is a bundle all of whose signatures, chains and proofs verified.
type evidence struct {
	*bundle
	by    *log
	scts  []*sct
	leafs []string // leafIds
	tree  []sth    // heads
	in    proof
	head  sth // that of inclusion
}

// verifyEvidence is EVID-005.
func verifyEvidence(text string, logs []*log) any {
	b := readBundle(text)
	parts := bundleParts[b.kind]
	b.checkParts(parts)
	e := &evidence{bundle: b, by: b.trustedLog(logs)}
	origin := strings.TrimSuffix(strings.SplitN(b.log.url, "://", 2)[1], "/")
	for _, o := range b.sfos {
		e.addSfo(o)
	}
	for _, note := range b.heads {
		e.tree = append(e.tree, e.checkpoint(origin, note))
	}
	if b.inclusion != nil {
		e.include(origin)
	}
	parts.holds(e)
	standing, from := "proven", "list"
	if logs == nil {
		standing, from = "conditional", "bundle"
	}
	if parts.transcript { // EVID-005.4
		standing = "transcript"
	}
	leafs := append([]string{}, e.leafs...)
	return obj{"standing": standing, "kind": b.kind, "logId": b.log.id, "rule": parts.rule, "logFrom": from,
		"mmd": dec(e.by.mmd), "leafIds": leafs, "digest": b.digest}
}

func (b *bundle) checkParts(p kindParts) {
	need(len(b.heads) == p.heads && len(b.sfos) == p.sfos, "wrongParts")
	need((b.inclusion != nil) == p.inclusion, "wrongParts")
	need(b.inclusion == nil || (b.inclusion.leafHash != "") == p.leafHash, "wrongParts")
	need((b.transcript != nil) == p.transcript && (b.receivedAt >= 0) == p.receivedAt, "wrongParts")
}

// trustedLog is EVID-005.2: key, MMD and kind of the list, where there is one.
func (b *bundle) trustedLog(logs []*log) *log {
	key, ok := strictBase64(b.log.key)
	sum := sha256.Sum256(key)
	need(ok && hx(sum[:]) == b.log.id, "badKey")
	if logs == nil {
		return &log{id: b.log.id, key: key, mmd: b.log.mmd, url: b.log.url, monitoringURL: b.log.monitoringURL}
	}
	for _, l := range logs {
		if l.id == b.log.id {
			return l
		}
	}
	fail("unknownLog")
	return nil
}

func (e *evidence) addSfo(o map[string]any) {
	s, failed := attempt(func() *sfo { return decodeSfo(o) })
	need(failed == "", "badSfo")
	t := decodeSct(s.sct)
	need(hx(t.logID) == e.by.id, "otherLog")
	leafID, failed := attempt(func() string { return validateSfo(e.by, s, 0).(obj)["leafId"].(string) })
	need(failed == "", "badSct")
	e.scts, e.leafs = append(e.scts, t), append(e.leafs, leafID)
}

func (e *evidence) checkpoint(origin, note string) sth {
	h, failed := attempt(func() sth { return decodeCheckpoint(e.by.id, origin, []byte(note)) })
	need(failed == "" && sthValid(e.by, h), "badHead")
	return h
}

var proofText = regexp.MustCompile(`^c2sp\.org/tlog-proof@v1\nindex (0|[1-9][0-9]*)\n((?:[A-Za-z0-9+/]+=*\n)*)\n`)

// include reads a C2SP tlog-proof v1 without extra data, then verifies its checkpoint and its path.
func (e *evidence) include(origin string) {
	text := e.inclusion.proof
	parts := proofText.FindStringSubmatch(text)
	need(parts != nil, "badProof")
	index, err := strconv.ParseInt(parts[1], 10, 64)
	need(err == nil && index <= maxNumber, "badProof")
	e.in = proof{index, []string{}}
	for _, line := range strings.Fields(parts[2]) {
		h, ok := strictBase64(line)
		need(ok && len(h) == hashSize, "badProof")
		e.in.path = append(e.in.path, hx(h))
	}
	e.head = e.checkpoint(origin, text[len(parts[0]):])
	leafID := e.leafs[0]
	if e.inclusion.leafHash != "" {
		leafID = e.by.id + ":" + e.inclusion.leafHash
	}
	need(proves(leafID, e.head, e.in), "badProof")
}

func sha256Text(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hx(sum[:])
}

package main

// A proof is an inclusion proof: an index and a path of hashes in hexadecimal.
type proof struct {
	leafIndex int64
	path      []string
}

// A pair is what a proof set holds: leafId, STH and inclusion proof (WIRE-009).
type pair struct {
	leafID string
	sth    sth
	proof  proof
}

func readProof(r *reader) proof {
	p := proof{r.num("leafIndex"), r.texts("path")}
	if len(p.path) > maxPath {
		badShape("%s.path has %d hashes", r.where, len(p.path))
	}
	for _, h := range p.path {
		if !hashText.MatchString(h) {
			badShape("%s.path holds something else than hashes", r.where)
		}
	}
	r.done()
	return p
}

func (p proof) fields() obj { return obj{"leafIndex": dec(p.leafIndex), "path": p.path} }

func readPair(r *reader) pair {
	p := pair{r.leafID("leafId"), readSth(r.object("sth")), readProof(r.object("proof"))}
	r.done()
	return p
}

func (p pair) fields() obj {
	return obj{"leafId": p.leafID, "sth": p.sth.fields(), "proof": p.proof.fields()}
}

func proves(leafID string, h sth, p proof) bool {
	_, failed := attempt(func() bool {
		verifyInclusion(leafID[65:], p.leafIndex, h.size, h.root, p.path)
		return true
	})
	return failed == "" && leafID[:64] == h.logID
}

// judgeInclusion is RELAY-004.1 and WIRE-006.2.
func judgeInclusion(in *reader) any {
	leafID, timestamp, asked, answer := in.leafID("leafId"), in.num("sctTimestamp"), readSth(in.object("sth")), in.object("answer")
	index := in.index("leafIndex")
	outcome := obj{"outcome": "badProof"}
	switch kind := answer.text("kind"); kind {
	case "ok":
		v := answer.object("value")
		there := ""
		if v.has("leafHash") {
			there = v.hash("leafHash")
		}
		p := readProof(v)
		if index != noIndex && p.leafIndex != index {
			break
		}
		if index != noIndex && there != "" && there != leafID[65:] && !proves(leafID, asked, p) &&
			leafID[:64] == asked.logID && proves(leafID[:65]+there, asked, p) { // `substitution` of evidence.md
			outcome = obj{"outcome": "contradiction", "proof": p.fields(), "leafHash": there}
		}
		if proves(leafID, asked, p) {
			outcome = obj{"outcome": "proven", "proof": p.fields()}
			if asked.timestamp < timestamp { // `backdated` of evidence.md
				outcome["outcome"] = "contradiction"
			}
		}
	case "unreachable":
		outcome = obj{"outcome": "unreachable"}
	case "refused":
		answer.num("status")
		outcome = obj{"outcome": "refused"}
	case "malformed":
	default:
		badShape("no answer %q", kind)
	}
	answer.done()
	return outcome
}

// pairValid is RELAY-007.1: the STH is one's own, and the proof verifies.
func pairValid(p pair, own []sth) bool {
	for _, h := range own {
		if h.logID == p.sth.logID && h.timestamp == p.sth.timestamp && h.size == p.sth.size && h.root == p.sth.root {
			return proves(p.leafID, h, p.proof)
		}
	}
	return false
}

// decodeProofSet is WIRE-009.1; at most limit pairs are taken, in the order sent.
func decodeProofSet(body []byte, limit int64) []any {
	o := parseNumbers(body, "badProofSet")
	need(len(o) == 2, "badProofSet")
	need(jsonNumber(o["version"], "badProofSet") == 1, "badProofSet")
	list, ok := o["pairs"].([]any)
	need(ok, "badProofSet")
	pairs := []any{}
	for _, v := range list {
		if int64(len(pairs)) == limit {
			break
		}
		pairs = append(pairs, decodePair(v).fields())
	}
	return pairs
}

func decodePair(v any) pair {
	const c = "badProofSet"
	member := func(v any, name string, all int) any {
		o, ok := v.(map[string]any)
		need(ok && len(o) == all, c) // RELAY-008.1: nothing beside
		return o[name]
	}
	text := func(v any) string {
		s, ok := v.(string)
		need(ok, c)
		return s
	}
	hash := func(v any) string {
		s := text(v)
		need(hashText.MatchString(s), c)
		return s
	}
	p := pair{leafID: text(member(v, "leafId", 3))}
	need(leafIDText.MatchString(p.leafID), c)
	h, proved := member(v, "sth", 3), member(v, "proof", 3)
	p.sth = sth{hash(member(h, "logId", 5)), jsonNumber(member(h, "timestamp", 5), c), jsonNumber(member(h, "size", 5), c),
		hash(member(h, "root", 5)), text(member(h, "signature", 5))}
	need(hexText.MatchString(p.sth.signature) && len(p.sth.signature) >= 8 && len(p.sth.signature) <= 2056, c)
	path, ok := member(proved, "path", 2).([]any)
	need(ok && len(path) <= maxPath, c)
	p.proof = proof{jsonNumber(member(proved, "leafIndex", 2), c), []string{}}
	for _, one := range path {
		p.proof.path = append(p.proof.path, hash(one))
	}
	return p
}

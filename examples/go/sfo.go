package main

import "strings"

// An sfoMachine is the life of one SFO at an auditor (auditor.md; transitions as in spec/machines/sfo.json).
type sfoMachine struct {
	sfoID, leafID, logID          string
	sctTimestamp, receivedAt, mmd int64
	leafIndex                     int64
	dueAt, graceEndsAt            int64
	leaf                          string
	attempts                      int64
	lastOutcome                   string
	asked, refusedBy, latest      *sth
	raised                        []string
}

func newSfoMachine(preset string, config *reader) *sfoMachine {
	zero := strings.Repeat("0", 64)
	defaults := map[string]any{"sfoId": zero, "leafId": zero + ":" + zero, "logId": zero, "sctTimestamp": "0",
		"receivedAt": "0", "mmd": "86400000", "graceMs": "86400000", "future": false}
	switch preset {
	case "minimal":
		defaults["mmd"], defaults["graceMs"] = "10", "20"
	case "seed", "hardened":
	default:
		badShape("no preset %q", preset)
	}
	for name, value := range config.members {
		defaults[name] = value
	}
	c := object(defaults, "config")
	m := &sfoMachine{sfoID: c.hash("sfoId"), leafID: c.leafID("leafId"), logID: c.hash("logId"),
		sctTimestamp: c.num("sctTimestamp"), receivedAt: c.num("receivedAt"), mmd: c.num("mmd"), leafIndex: c.index("leafIndex"),
		leaf: "pending.waiting", raised: []string{}}
	m.dueAt = dueAt(m.sctTimestamp, m.mmd, m.receivedAt)
	m.graceEndsAt = max(m.receivedAt, m.dueAt) + max(m.mmd, c.num("graceMs")) // decision 0008
	if c.boolean("future") {
		m.leaf, m.raised = "resolved.escalated", []string{"future-sct"} // AUD-011.1
	}
	c.done()
	return m
}

func (m *sfoMachine) take(e *reader) step {
	kind := e.text("type")
	at := e.num("at")
	switch kind {
	case "challengeNow":
		gap, firstDue, latest := e.boolean("spansGap"), optionalSth(e, "firstDue"), optionalSth(e, "latest")
		e.done()
		return m.challengeNow(at, gap, firstDue, latest)
	case "answered":
		gap, outcome := e.boolean("spansGap"), e.outcome("outcome")
		var p *proof
		if e.has("proof") {
			read := readProof(e.object("proof"))
			p = &read
		}
		there := ""
		if e.has("leafHash") {
			there = e.hash("leafHash")
		}
		e.done()
		return m.answered(at, gap, outcome, p, there)
	case "resubmitted":
		e.done()
		return ignored("alreadyKnown")
	case "logRemoved":
		e.done()
		if strings.HasPrefix(m.leaf, "resolved.") {
			return ignored("alreadyResolved")
		}
		m.rest("resolved.unjudgeable") // AUD-013.2
		return accepted()
	case "restarted":
		e.done()
		return m.restarted()
	}
	badShape("no event %q", kind)
	return step{}
}

func optionalSth(e *reader, name string) *sth {
	if !e.has(name) {
		return nil
	}
	h := readSth(e.object(name))
	return &h
}

// rest ends a challenge: what it was asked beside is forgotten.
func (m *sfoMachine) rest(leaf string) { m.leaf, m.refusedBy, m.latest = leaf, nil, nil }

func (m *sfoMachine) challenge(leaf string, h *sth) step {
	m.leaf, m.asked = leaf, h
	return accepted(obj{"type": "challenge", "sfoId": m.sfoID, "leafId": m.leafID, "sth": h.fields()})
}

func (m *sfoMachine) challengeNow(at int64, gap bool, firstDue, latest *sth) step {
	switch m.leaf {
	case "pending.waiting":
		by := m.judgedBy(firstDue, latest)
		if by == nil {
			m.lastOutcome = "notDue"
			if at < m.graceEndsAt {
				return accepted() // AUD-010.1
			}
			m.latest = latest
			return m.escalate("resolved.escalated", "no-sth", gap, nil) // AUD-009.2
		}
		if !m.reaches(by) {
			m.lastOutcome = "contradiction"
			return m.omitted(by, gap) // AUD-115.2
		}
		m.latest = latest
		return m.challenge("pending.challenging", by) // AUD-115.1
	case "resolved.escalated":
		if by := m.judgedBy(firstDue, latest); by != nil && !m.reaches(by) && !m.hasRaised("omission") {
			m.lastOutcome = "contradiction"
			return m.omitted(by, gap) // AUD-013.3
		}
		if latest == nil || !m.reaches(latest) {
			return ignored("atRest")
		}
		m.refusedBy, m.latest = firstDue, latest
		return m.challenge("resolved.reprobing", latest) // AUD-013.1
	case "pending.challenging", "pending.probing", "resolved.reprobing":
		return ignored("alreadyChallenging")
	}
	return ignored("alreadyResolved")
}

// reaches tells whether the tree has the place that was promised.
func (m *sfoMachine) reaches(h *sth) bool { return m.leafIndex == noIndex || h.size > m.leafIndex }

// judgedBy is AUD-115.3: a first-due head that shows nothing about the place gives way to the latest.
func (m *sfoMachine) judgedBy(firstDue, latest *sth) *sth {
	if m.leafIndex == noIndex {
		return firstDue
	}
	for _, h := range []*sth{firstDue, latest} {
		if h != nil && (m.reaches(h) || h.timestamp >= m.sctTimestamp+m.mmd) {
			return h
		}
	}
	return nil
}

// omitted raises what the head shows without any question; the one asked last stays as it is.
func (m *sfoMachine) omitted(by *sth, gap bool) step {
	asked := m.asked
	m.asked = by
	taken := m.escalate("resolved.escalated", "omission", gap, nil)
	m.asked = asked
	return taken
}

func (m *sfoMachine) restarted() step {
	switch m.leaf {
	case "pending.challenging", "pending.probing":
		m.rest("pending.waiting")
	case "resolved.reprobing":
		m.rest("resolved.escalated")
	default:
		return ignored("atRest")
	}
	return accepted()
}

// escalate raises an incident; its evidence holds the STHs that bear on it (evidence.md).
func (m *sfoMachine) escalate(leaf, kind string, gap bool, p *proof) step {
	heads := []any{}
	if m.refusedBy != nil && (kind == "withheld" || kind == "late-merge") {
		heads = append(heads, m.refusedBy.fields())
	}
	if kind == "no-sth" {
		if m.latest != nil {
			heads = append(heads, m.latest.fields())
		}
	} else if m.asked != nil {
		heads = append(heads, m.asked.fields())
	}
	evidence := obj{"kind": kind, "logId": m.logID, "sfoId": m.sfoID, "sths": heads, "lastOutcome": m.lastOutcome,
		"since": dec(m.receivedAt), "spansGap": gap}
	if p != nil {
		evidence["proof"] = p.fields()
	}
	m.raised = append(m.raised, kind)
	m.rest(leaf)
	return accepted(obj{"type": "escalate", "evidence": evidence})
}

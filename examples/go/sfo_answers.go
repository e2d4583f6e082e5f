package main

// answered takes how a challenge ended. What claims a proof without one is a badProof (WIRE-006.2).
func (m *sfoMachine) answered(at int64, gap bool, outcome string, p *proof, there string) step {
	if m.leaf != "pending.challenging" && m.leaf != "pending.probing" && m.leaf != "resolved.reprobing" {
		return ignored("notChallenging")
	}
	elsewhere := there != "" && (p == nil || p.leafIndex != m.leafIndex)
	if (p == nil || elsewhere) && (outcome == "proven" || outcome == "contradiction") {
		outcome = "badProof"
	}
	m.lastOutcome = outcome
	if outcome == "proven" {
		return m.proven(gap, p)
	}
	m.attempts++
	reprobing := m.leaf == "resolved.reprobing"
	contradicted := "backdated"
	if there != "" {
		contradicted = "substitution"
	}
	switch {
	case outcome == "contradiction" && !(reprobing && m.hasRaised(contradicted)):
		taken := m.escalate("resolved.escalated", contradicted, gap, p) // AUD-119.4
		if there != "" {
			taken.effects[0].(obj)["evidence"].(obj)["leafHash"] = there // AUD-119.5
		}
		return taken
	case reprobing:
		m.rest("resolved.escalated")
		return accepted()
	case m.leaf == "pending.challenging" && outcome == "refused" && m.latest != nil && m.latest.size > m.asked.size:
		m.refusedBy = m.asked
		return m.challenge("pending.probing", m.latest) // AUD-119.1
	case at < m.graceEndsAt:
		m.rest("pending.waiting") // AUD-116.1
		return accepted()
	}
	return m.escalate("resolved.escalated", "withheld", gap, nil) // AUD-009.1
}

func (m *sfoMachine) proven(gap bool, p *proof) step {
	probe := m.leaf != "pending.challenging"
	// AUD-119.2: beyond a first-due tree that the promise covered by the SCT's own clock
	if probe && m.refusedBy != nil && m.refusedBy.timestamp >= m.sctTimestamp+m.mmd && p.leafIndex >= m.refusedBy.size {
		return m.escalate("resolved.lateProven", "late-merge", gap, p)
	}
	if m.leaf == "resolved.reprobing" {
		m.rest("resolved.lateProven")
		return accepted()
	}
	m.rest("resolved.proven") // AUD-117.1, AUD-119.3
	return accepted(obj{"type": "purgeChain", "sfoId": m.sfoID})
}

func (m *sfoMachine) hasRaised(kind string) bool {
	for _, one := range m.raised {
		if one == kind {
			return true
		}
	}
	return false
}

func (m *sfoMachine) state() obj {
	s := obj{"leaf": m.leaf, "sfoId": m.sfoID, "leafId": m.leafID, "logId": m.logID, "sctTimestamp": dec(m.sctTimestamp),
		"receivedAt": dec(m.receivedAt), "dueAt": dec(m.dueAt), "graceEndsAt": dec(m.graceEndsAt),
		"attempts": dec(m.attempts), "raised": append([]string{}, m.raised...)}
	if m.leafIndex != noIndex {
		s["leafIndex"] = dec(m.leafIndex)
	}
	if m.lastOutcome != "" {
		s["lastOutcome"] = m.lastOutcome
	}
	for name, h := range map[string]*sth{"sth": m.asked, "refusedBy": m.refusedBy, "latest": m.latest} {
		if h != nil {
			s[name] = h.fields()
		}
	}
	return s
}

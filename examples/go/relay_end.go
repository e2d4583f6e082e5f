package main

// announce is step 7; the onion service of two rounds ago retires (RELAY-018.1).
func (m *relay) announce() step {
	m.leaf = "active.announcing"
	ctrs := []any{}
	for _, peer := range m.round.peers {
		ctrs = append(ctrs, peer.fields())
	}
	return accepted(obj{"type": "announce", "round": dec(m.round.number), "ctrs": ctrs, "retire": dec(m.round.number - 2)})
}

// rotate is step 8 (RELAY-108.1): pairs older than max(proofLifetimeMs, MMD of their log).
func (m *relay) rotate(at int64) step {
	m.leaf = "active.rotating"
	kept, removed := []stamped{}, []string{}
	for _, p := range m.proofs {
		lifetime := m.c.numbers["proofLifetimeMs"]
		if l := m.log(p.id[:64]); l != nil {
			lifetime = max(lifetime, l.mmd)
		}
		if at-p.at > lifetime {
			removed = append(removed, p.id)
		} else {
			kept = append(kept, p)
		}
	}
	m.proofs = kept
	remembered := []stamped{}
	for _, f := range m.forwardedLeaves {
		if at-f.at < m.c.numbers["forwardMemoryMs"] {
			remembered = append(remembered, f)
		}
	}
	m.forwardedLeaves = remembered
	return accepted(obj{"type": "forgetProofs", "round": dec(m.round.number), "leafIds": sorted(removed)})
}

// emptyRound is step 9: what becomes of each SFO taken, the first that applies. What an auditor is to hear of stays.
func (m *relay) emptyRound() step {
	m.leaf = "active.emptying"
	emptied, effects := []string{}, []any{}
	for _, id := range keys(m.round.taken) {
		h := m.round.taken[id]
		failure := "forwardFailed"
		if m.staysHere(h) {
			failure = "forwardedBefore"
		}
		switch {
		case m.provenHere(h.leafID): // INV-006.1
			m.proven++
			emptied = append(emptied, id)
			continue
		case m.c.has("reporting", "auditor") && m.due(h):
			auditorID, some := auditorOf(m.round.auditors, id)
			if some && int64(len(m.reports)) < m.c.numbers["reportCapacity"] { // RELAY-005.1
				m.reports = append(m.reports, &report{h.reference, auditorID, m.round.delivered[id]})
				effects = append(effects, obj{"type": "report", "sfoId": id, "auditorId": auditorID})
				continue
			}
			failure = "noAuditor"
			if some {
				failure = "reportQueueFull"
			}
		}
		emptied = append(emptied, id)
		if m.round.delivered[id] { // RELAY-017.2
			m.forwardedN++
		} else {
			m.drop(failure)
		}
	}
	m.round.taken = map[string]*heldSfo{}
	emptying := obj{"type": "emptyBuckets", "round": dec(m.round.number), "sfoIds": emptied}
	return accepted(emptying).with(effects...)
}

func (m *relay) wait() any { return obj{"type": "startWait", "ms": dec(m.c.numbers["waitMs"])} }

// endRound is step 10 (RELAY-110.1).
func (m *relay) endRound() step {
	ended := obj{"type": "endRound", "round": dec(m.round.number)}
	m.round, m.leaf = nil, "passive"
	return accepted(ended, m.wait())
}

// abortRound is RELAY-001.2: the deadline ends what runs; steps 8, 9 and 10 follow at once.
func (m *relay) abortRound(at int64) step {
	out := accepted(obj{"type": "endRound", "round": dec(m.round.number)})
	out = out.with(m.rotate(at).effects...).with(m.emptyRound().effects...)
	m.round, m.leaf = nil, "passive"
	return out.with(m.wait())
}

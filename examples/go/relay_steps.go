package main

// challengeLogs is step 4: challenges grouped by log (RELAY-015.1).
func (m *relay) challengeLogs() step {
	m.leaf = "active.challenging"
	groups := []any{}
	for _, logID := range m.round.logOrder {
		bySfo := map[string]string{}
		for leafID := range m.round.asked {
			if leafID[:64] == logID && !m.isProven(leafID) {
				bySfo[m.round.askedAs[leafID]] = leafID
			}
		}
		challenges := []any{}
		for _, sfoID := range keys(bySfo) {
			leafID := bySfo[sfoID]
			challenges = append(challenges, obj{"leafId": leafID, "sfoId": sfoID, "sth": m.round.asked[leafID].fields()})
		}
		groups = append(groups, obj{"logId": logID, "challenges": challenges})
	}
	return accepted(obj{"type": "challenge", "round": dec(m.round.number), "groups": groups})
}

// takeAnswer is RELAY-104.2: a proof counts with a pair of this leaf and of the STH that was asked with.
func (m *relay) takeAnswer(leafID, outcome string, open bool, p *pair, at int64) step {
	h, wasAsked := m.round.asked[leafID]
	if !wasAsked {
		return ignored("notAsked")
	}
	if outcome == "proven" && (p == nil || p.leafID != leafID || p.sth != h) {
		return ignored("notVerified") // INV-003.1
	}
	delete(m.round.asked, leafID)
	m.round.answered[leafID] = answer{outcome, open}
	if outcome != "proven" || m.isProven(leafID) {
		return accepted()
	}
	return m.keepPair(*p, at)
}

// fetchProofs is step 5: the addresses that are not too old, each of which is used once (RELAY-019.2).
func (m *relay) fetchProofs(at int64) step {
	m.leaf = "active.fetching"
	list := []string{}
	for _, a := range m.liveAddresses(at) {
		list = append(list, a.id)
	}
	m.addresses = nil
	return accepted(obj{"type": "fetch", "round": dec(m.round.number), "addresses": list, "limit": dec(m.c.numbers["pairsPerFetch"])})
}

// takePair is RELAY-007.1.
func (m *relay) takePair(p pair, verified bool, at int64) step {
	switch {
	case !verified:
		return ignored("notVerified")
	case m.isProven(p.leafID):
		return ignored("alreadyKnown")
	}
	return m.keepPair(p, at)
}

// forwardSfos is step 6: bucket i to CTR i, also where there is nothing to send (RELAY-106.1, RELAY-025.1).
func (m *relay) forwardSfos() step {
	m.leaf = "active.forwarding"
	deliveries := []any{}
	for i, peer := range m.round.peers {
		ids := []string{}
		for _, id := range keys(m.round.taken) {
			h := m.round.taken[id]
			if !h.in(int64(i)) || m.provenHere(h.leafID) {
				continue
			}
			if m.staysHere(h) {
				continue
			}
			ids = append(ids, id)
			note(m.round.pending, id, peer.id)
		}
		deliveries = append(deliveries, obj{"ctr": peer.fields(), "sfoIds": ids})
	}
	return accepted(obj{"type": "forward", "round": dec(m.round.number), "deliveries": deliveries})
}

// provenHere: in the proof set, or proven in this round and pushed out of a full set since.
func (m *relay) provenHere(leafID string) bool {
	return m.isProven(leafID) || m.round.answered[leafID].outcome == "proven"
}

func (h *heldSfo) in(bucket int64) bool {
	for _, b := range h.buckets {
		if b == bucket {
			return true
		}
	}
	return false
}

func (c ctr) fields() obj { return obj{"ctrId": c.id, "url": c.url, "family": c.family} }

func note(m map[string]map[string]bool, sfoID, ctrID string) {
	if m[sfoID] == nil {
		m[sfoID] = map[string]bool{}
	}
	m[sfoID][ctrID] = true
}

// staysHere is RELAY-010.1.
func (m *relay) staysHere(h *heldSfo) bool {
	return m.c.has("forwardHops", "one") && (h.hops > 0 || m.wasForwarded(h.leafID) || m.breakerOpen(h.logID))
}

// wasForwarded looks at what is remembered; only step 8 forgets.
func (m *relay) wasForwarded(leafID string) bool {
	for _, f := range m.forwardedLeaves {
		if f.id == leafID {
			return true
		}
	}
	return false
}

func (m *relay) breakerOpen(logID string) bool {
	for leafID, a := range m.round.answered {
		if leafID[:64] == logID && a.open {
			return true
		}
	}
	return false
}

func (m *relay) takeDelivery(ctrID, sfoID string, ok bool, at int64) step {
	if !m.round.pending[sfoID][ctrID] {
		return ignored("notAsked")
	}
	delete(m.round.pending[sfoID], ctrID)
	if len(m.round.pending[sfoID]) == 0 {
		delete(m.round.pending, sfoID)
	}
	if !ok {
		note(m.round.failed, sfoID, ctrID)
		return accepted()
	}
	m.round.delivered[sfoID] = true
	if leafID := m.round.taken[sfoID].leafID; m.c.has("forwardHops", "one") && !has(m.forwardedLeaves, leafID) {
		m.forwardedLeaves = append(m.forwardedLeaves, stamped{leafID, at})
		if over := len(m.forwardedLeaves) - int(m.c.numbers["forwardMemoryCapacity"]); over > 0 {
			m.forwardedLeaves = m.forwardedLeaves[over:]
		}
	}
	return accepted()
}

// redelivery is RELAY-017.1: the first sampled CTR that took all of its own, and what no CTR took.
func (m *relay) redelivery() (*ctr, []string) {
	ids := []string{}
	for _, id := range keys(m.round.taken) { // no answer is no delivery
		undelivered := m.round.failed[id] != nil || m.round.pending[id] != nil
		if undelivered && !m.round.delivered[id] && !m.provenHere(m.round.taken[id].leafID) {
			ids = append(ids, id)
		}
	}
	if m.round.retrying || len(ids) == 0 {
		return nil, nil
	}
	for i := range m.round.peers {
		id, took := m.round.peers[i].id, true
		for _, set := range []map[string]map[string]bool{m.round.pending, m.round.failed} {
			for _, ctrs := range set {
				took = took && !ctrs[id]
			}
		}
		if took {
			return &m.round.peers[i], ids
		}
	}
	return nil, nil
}

func (m *relay) redeliver(peer *ctr, ids []string) step {
	m.round.retrying, m.round.pending = true, map[string]map[string]bool{}
	for _, id := range ids {
		note(m.round.pending, id, peer.id)
	}
	delivery := obj{"ctr": peer.fields(), "sfoIds": ids}
	return accepted(obj{"type": "forward", "round": dec(m.round.number), "deliveries": []any{delivery}})
}

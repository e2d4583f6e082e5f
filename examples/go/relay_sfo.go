package main

// receiveSfo is the handler of the SFO API: the first that applies ends it (relay.md, "SFO handler").
func (m *relay) receiveSfo(r reference, at int64, draws []int64) step {
	m.received++
	if m.isProven(r.leafID) {
		return m.turnAway(r, "alreadyProven") // RELAY-111.2
	}
	if known := m.sameSfo(r.sfoID); known != nil {
		known.hops = min(known.hops, r.hops) // RELAY-014.2
		m.drop("duplicate")
		return ignored("duplicate") // RELAY-014.1
	}
	if m.variants(r.leafID) >= m.c.numbers["variantsPerLeaf"] {
		return m.turnAway(r, "tooManyVariants") // RELAY-013.1
	}
	n := m.c.numbers["n"]
	drawn := drawnBuckets(m.c.policy["bucketing"], n, m.c.numbers["k"], draws)
	if len(drawn) == 0 {
		return m.turnAway(r, "noBucket") // RELAY-111.4
	}
	if m.c.has("bucketFull", "evict") {
		return m.enterEvicting(r, at, drawn, draws[n:])
	}
	return m.enterUnlessFull(r, at, drawn)
}

func (m *relay) turnAway(r reference, reason string) step {
	m.drop(reason)
	if m.sameSfo(r.sfoID) != nil { // what it holds it does not forget
		return ignored(reason)
	}
	return ignored(reason).with(obj{"type": "forgetSfos", "sfoIds": []string{r.sfoID}})
}

// sameSfo finds an SFO in a bucket, in the running round or in the report queue.
func (m *relay) sameSfo(sfoID string) *reference {
	if h := m.held[sfoID]; h != nil {
		return &h.reference
	}
	if m.round != nil {
		if h := m.round.taken[sfoID]; h != nil {
			return &h.reference
		}
	}
	for _, q := range m.reports {
		if q.sfoID == sfoID {
			return &q.reference
		}
	}
	return nil
}

// variants counts the SFOs of one leaf, those of the running round and of the report queue among them.
func (m *relay) variants(leafID string) int64 {
	ids := map[string]bool{}
	for id, h := range m.held {
		ids[id] = h.leafID == leafID
	}
	if m.round != nil {
		for id, h := range m.round.taken {
			ids[id] = ids[id] || h.leafID == leafID
		}
	}
	for _, q := range m.reports {
		ids[q.sfoID] = ids[q.sfoID] || q.leafID == leafID
	}
	count := int64(0)
	for _, same := range ids {
		if same {
			count++
		}
	}
	return count
}

// enterUnlessFull is RELAY-011.2: a bucket that becomes full ends the wait.
func (m *relay) enterUnlessFull(r reference, at int64, drawn []int64) step {
	capacity := m.c.numbers["bucketCapacity"]
	h, full := &heldSfo{reference: r, receivedAt: at}, false
	for _, b := range drawn {
		if int64(len(m.buckets[b])) >= capacity {
			continue
		}
		m.buckets[b] = append(m.buckets[b], r.sfoID)
		h.buckets = append(h.buckets, b)
		full = full || int64(len(m.buckets[b])) == capacity
	}
	if len(h.buckets) == 0 {
		return m.turnAway(r, "bucketFull")
	}
	m.held[r.sfoID] = h
	if full && !m.active() {
		return accepted(obj{"type": "startWait", "ms": "0"})
	}
	return accepted()
}

// enterEvicting is RELAY-011.1: draw n+b picks the element of bucket b whose place is taken.
func (m *relay) enterEvicting(r reference, at int64, drawn, draws []int64) step {
	evicted := []string{}
	for _, b := range drawn {
		bucket := m.buckets[b]
		if int64(len(bucket)) < m.c.numbers["bucketCapacity"] {
			m.buckets[b] = append(bucket, r.sfoID)
			continue
		}
		i := indexBelow(draws[b], int64(len(bucket)))
		if h := m.held[bucket[i]]; h.leaves(b) {
			delete(m.held, h.sfoID)
			m.drop("evicted")
			evicted = append(evicted, h.sfoID)
		}
		bucket[i] = r.sfoID
	}
	m.held[r.sfoID] = &heldSfo{r, at, append([]int64{}, drawn...)}
	if len(evicted) > 0 {
		return accepted(obj{"type": "forgetSfos", "sfoIds": sorted(evicted)})
	}
	return accepted()
}

// leaves takes the SFO out of bucket b, and says whether it is in no other.
func (h *heldSfo) leaves(b int64) bool {
	kept := []int64{}
	for _, other := range h.buckets {
		if other != b {
			kept = append(kept, other)
		}
	}
	h.buckets = kept
	return len(kept) == 0
}

package main

import "sort"

// A reference is what the machine knows of an SFO.
type reference struct {
	sfoID, leafID, logID          string
	sctTimestamp, leafIndex, hops int64
}

// A heldSfo is in at least one bucket.
type heldSfo struct {
	reference
	receivedAt int64
	buckets    []int64
}

type stamped struct {
	id string
	at int64
}

type report struct {
	reference
	auditorID string
	forwarded bool
}

type knownLog struct {
	id   string
	mmd  int64
	sths []sth
}

// A relay is the balancing relay's machine (relay.md; transitions as in spec/machines/relay.json).
type relay struct {
	c                                                *relayConfig
	leaf                                             string
	roundNumber                                      int64
	consensus                                        *consensus
	logs                                             []*knownLog // by ID
	held                                             map[string]*heldSfo
	buckets                                          [][]string // sfoIds in the order of arrival
	proofs, addresses, forwardedLeaves               []stamped
	reports                                          []*report
	round                                            *round
	received, proven, forwardedN, reportedN, expired int64
	dropped                                          map[string]int64
}

func newRelay(c *relayConfig) *relay {
	return &relay{c: c, leaf: "passive", held: map[string]*heldSfo{}, buckets: make([][]string, c.numbers["n"]),
		dropped: map[string]int64{}}
}

func (m *relay) active() bool { return m.round != nil }

func (m *relay) log(id string) *knownLog {
	for _, l := range m.logs {
		if l.id == id {
			return l
		}
	}
	return nil
}

func (m *relay) drop(reason string) { m.dropped[reason]++ }

func has(list []stamped, id string) bool {
	for _, s := range list {
		if s.id == id {
			return true
		}
	}
	return false
}

func (m *relay) isProven(leafID string) bool { return has(m.proofs, leafID) }

// keepPair puts a verified pair into the proof set; the oldest makes room (RELAY-020.1).
func (m *relay) keepPair(p pair, at int64) step {
	effects := []any{}
	if int64(len(m.proofs)) >= m.c.numbers["proofCapacity"] {
		effects = append(effects, obj{"type": "forgetPairs", "leafIds": []string{m.proofs[0].id}})
		m.proofs = m.proofs[1:]
	}
	m.proofs = append(m.proofs, stamped{p.leafID, at})
	return accepted(append(effects, obj{"type": "keepPair", "pair": p.fields()})...)
}

// learnConsensus replaces logs and adds STHs, the newest `sthsPerLog` of each log.
func (m *relay) learnConsensus(c *consensus) step {
	if m.consensus != nil && c.validAfter <= m.consensus.validAfter {
		return ignored("oldConsensus")
	}
	logs := []*knownLog{}
	for _, listed := range c.logs {
		l := &knownLog{id: listed.id, mmd: listed.mmd}
		if old := m.log(listed.id); old != nil {
			l.sths = append(l.sths, old.sths...)
		}
		logs = append(logs, l)
	}
	sort.Slice(logs, func(i, j int) bool { return logs[i].id < logs[j].id })
	m.consensus, m.logs = c, logs
	for _, h := range c.sths {
		if l := m.log(h.logID); l != nil && !l.knows(h) {
			l.sths = append(l.sths, h)
		}
	}
	for _, l := range logs {
		sort.SliceStable(l.sths, func(i, j int) bool {
			a, b := l.sths[i], l.sths[j]
			return a.before(b) || !b.before(a) && a.root < b.root
		})
		if over := len(l.sths) - int(m.c.numbers["sthsPerLog"]); over > 0 {
			l.sths = l.sths[over:]
		}
	}
	return accepted()
}

func (l *knownLog) knows(h sth) bool {
	for _, o := range l.sths {
		if o.timestamp == h.timestamp && o.size == h.size && o.root == h.root {
			return true
		}
	}
	return false
}

// storeAddress is RELAY-112.1 and RELAY-019.1.
func (m *relay) storeAddress(address string, at, draw int64) step {
	if _, failed := attempt(func() []byte { return decodeOnionAddress(address) }); failed != "" {
		return rejected(failed)
	}
	live := m.liveAddresses(at)
	if has(live, address) {
		return ignored("alreadyKnown")
	}
	m.addresses = live
	if capacity := m.c.numbers["addressCapacity"]; int64(len(m.addresses)) >= capacity {
		m.addresses[indexBelow(draw, int64(len(m.addresses)))] = stamped{address, at}
	} else {
		m.addresses = append(m.addresses, stamped{address, at})
	}
	return accepted()
}

// liveAddresses are those that are not too old (RELAY-019.2).
func (m *relay) liveAddresses(at int64) (live []stamped) {
	for _, a := range m.addresses {
		if at-a.at <= m.c.numbers["addressLifetimeMs"] {
			live = append(live, a)
		}
	}
	return live
}

func (m *relay) served() int64 { return min(m.c.numbers["pairsPerFetch"], int64(len(m.proofs))) }

// serveProofs is RELAY-113.1.
func (m *relay) serveProofs(request string, draws []int64) step {
	ids := []string{}
	for _, i := range choosePositions(int64(len(m.proofs)), m.served(), draws) {
		ids = append(ids, m.proofs[i].id)
	}
	return accepted(obj{"type": "serveProofs", "request": request, "leafIds": ids})
}

// settleReport is RELAY-005.2 and RELAY-005.3.
func (m *relay) settleReport(sfoID string, ok bool) step {
	for i, r := range m.reports {
		if r.sfoID != sfoID {
			continue
		}
		m.reports = append(m.reports[:i:i], m.reports[i+1:]...)
		switch {
		case ok:
			m.reportedN++
		case r.forwarded:
			m.forwardedN++
		default:
			m.drop("reportFailed")
		}
		return accepted(obj{"type": "forgetSfos", "sfoIds": []string{sfoID}})
	}
	return ignored("unknownReport")
}

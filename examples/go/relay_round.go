package main

import "sort"

type answer struct {
	outcome string
	open    bool
}

// A round is what the running round took and knows; nothing that arrives changes its peers (RELAY-016.2).
type round struct {
	number, startedAt int64
	taken             map[string]*heldSfo
	undue             []string
	peers             []ctr
	auditors          []string
	logOrder          []string
	asked             map[string]sth
	askedAs           map[string]string // leafId: the smallest sfoId
	answered          map[string]answer
	delivered         map[string]bool
	pending, failed   map[string]map[string]bool // sfoId: ctrIds
	retrying          bool
}

func sorted(list []string) []string {
	out := append([]string{}, list...)
	sort.Strings(out)
	return out
}

func keys[T any](m map[string]T) []string {
	list := []string{}
	for k := range m {
		list = append(list, k)
	}
	sort.Strings(list)
	return list
}

// neededDraws: those that sample the CTRs, then one for each log.
func (m *relay) neededDraws() int { return m.peerDraws() + len(m.logs) }

// peerDraws: one for each bucket's CTR, and never more than the consensus lists CTRs, this one with them.
func (m *relay) peerDraws() int {
	if m.consensus == nil {
		return 0
	}
	return min(int(m.c.numbers["n"]), len(m.consensus.ctrs))
}

// startRound is steps 1 to 3 (RELAY-102.1).
func (m *relay) startRound(at int64, draws []int64) step {
	m.roundNumber++
	r := &round{number: m.roundNumber, startedAt: at, taken: m.held, asked: map[string]sth{}, askedAs: map[string]string{},
		answered: map[string]answer{}, delivered: map[string]bool{}, pending: map[string]map[string]bool{},
		failed: map[string]map[string]bool{}}
	m.round, m.held, m.leaf = r, map[string]*heldSfo{}, "active.connecting"
	old := m.buckets
	m.buckets = make([][]string, len(old))
	effects := []any{obj{"type": "startDeadline", "round": dec(r.number), "ms": dec(m.c.numbers["roundDeadlineMs"])}}
	gone := m.proveTaken(r)
	for _, id := range keys(r.taken) {
		if !m.due(r.taken[id]) {
			r.undue = append(r.undue, id)
		}
	}
	if m.c.has("notDue", "hold") {
		gone = append(gone, m.holdBack(r, old, at)...)
	}
	if len(gone) > 0 {
		effects = append(effects, obj{"type": "forgetSfos", "sfoIds": sorted(gone)})
	}
	m.choosePeers(r, draws)
	m.ask(r)
	m.orderLogs(r, draws)
	return accepted(append(effects, obj{"type": "connect", "round": dec(r.number), "logIds": r.logOrder})...)
}

// proveTaken: what was proven while it lay in a bucket is not taken (INV-001.1); it counts as proven.
func (m *relay) proveTaken(r *round) (proven []string) {
	for _, id := range keys(r.taken) {
		if m.isProven(r.taken[id].leafID) {
			m.proven++
			proven = append(proven, id)
			delete(r.taken, id)
		}
	}
	return proven
}

// due: a first-due STH of the SFO's log is known (WIRE-012.2).
func (m *relay) due(h *heldSfo) bool { return m.firstDue(h) != nil }

func (m *relay) firstDue(h *heldSfo) *sth {
	l := m.log(h.logID)
	if l == nil {
		return nil
	}
	return firstDue(l.sths, dueAt(h.sctTimestamp, l.mmd, h.receivedAt), h.leafIndex)
}

// holdBack is RELAY-002: what is not due goes back into the same buckets at once, or expires.
func (m *relay) holdBack(r *round, old [][]string, at int64) (expired []string) {
	for _, id := range r.undue {
		h := r.taken[id]
		delete(r.taken, id)
		mmd := int64(0)
		if l := m.log(h.logID); l != nil {
			mmd = l.mmd
		}
		if at > max(dueAt(h.sctTimestamp, mmd, h.receivedAt), h.receivedAt)+m.c.numbers["holdLimitMs"] {
			m.expired++
			expired = append(expired, id)
			continue
		}
		m.held[id] = h
	}
	for b, bucket := range old {
		for _, id := range bucket {
			if m.held[id] != nil {
				m.buckets[b] = append(m.buckets[b], id)
			}
		}
	}
	r.undue = nil
	return expired
}

// choosePeers is RELAY-016.1.
func (m *relay) choosePeers(r *round, draws []int64) {
	if m.consensus == nil {
		return
	}
	r.auditors = sorted(m.consensus.auditorIDs())
	others := []ctr{}
	for _, c := range m.consensus.ctrs {
		family := c.id == m.c.self
		for _, id := range m.c.family {
			family = family || id == c.id
		}
		if !family {
			others = append(others, c)
		}
	}
	sort.Slice(others, func(i, j int) bool { return others[i].id < others[j].id })
	count := min(m.c.numbers["n"], int64(len(others)))
	for _, i := range choosePositions(int64(len(others)), count, draws) {
		r.peers = append(r.peers, others[i])
	}
}

// ask chooses for each unproven leaf the STH to challenge with (RELAY-003, RELAY-104.1).
func (m *relay) ask(r *round) {
	for _, id := range keys(r.taken) {
		h := r.taken[id]
		if _, already := r.askedAs[h.leafID]; already || m.isProven(h.leafID) {
			continue
		}
		r.askedAs[h.leafID] = id
		var chosen *sth
		if l := m.log(h.logID); l != nil {
			if m.c.has("referenceSth", "first-due") {
				chosen = m.firstDue(h)
			}
			if chosen == nil {
				chosen = latestOf(l.sths)
			}
		}
		if chosen == nil {
			r.answered[h.leafID] = answer{"notDue", false}
		} else {
			r.asked[h.leafID] = *chosen
		}
	}
}

// orderLogs is RELAY-103.1: the logs challenged, shuffled by the draws that follow those of the buckets.
func (m *relay) orderLogs(r *round, draws []int64) {
	r.logOrder = []string{}
	logs := map[string]bool{}
	for leafID := range r.asked {
		logs[leafID[:64]] = true
	}
	ids := keys(logs)
	if len(ids) == 0 {
		return
	}
	for _, i := range choosePositions(int64(len(ids)), int64(len(ids)), draws[m.peerDraws():]) {
		r.logOrder = append(r.logOrder, ids[i])
	}
}

package main

import "sort"

// state is the projection of conformance.md: sets are arrays sorted by their ID.
func (m *relay) state() obj {
	logs, reports := []any{}, []any{}
	for _, l := range m.logs {
		heads := []any{}
		for _, h := range l.sths {
			heads = append(heads, h.head())
		}
		logs = append(logs, obj{"logId": l.id, "mmd": dec(l.mmd), "sths": heads})
	}
	for _, q := range m.reports {
		o := q.reference.fields()
		o["auditorId"], o["forwarded"] = q.auditorID, q.forwarded
		reports = append(reports, o)
	}
	sort.Slice(reports, func(i, j int) bool {
		return reports[i].(obj)["sfoId"].(string) < reports[j].(obj)["sfoId"].(string)
	})
	dropped := obj{}
	for reason, n := range m.dropped {
		dropped[reason] = dec(n)
	}
	s := obj{"leaf": m.leaf, "roundNumber": dec(m.roundNumber), "logs": logs, "held": heldFields(m.held),
		"proofs": stampedFields("leafId", m.proofs), "forwarded": stampedFields("leafId", m.forwardedLeaves),
		"addresses": stampedFields("address", m.addresses), "reports": reports,
		"counters": obj{"received": dec(m.received), "proven": dec(m.proven), "forwarded": dec(m.forwardedN),
			"reported": dec(m.reportedN), "expired": dec(m.expired), "dropped": dropped}}
	if m.consensus != nil {
		s["consensus"] = m.consensus.digest
	}
	if m.round != nil {
		s["round"] = m.round.state()
	}
	return s
}

func (r reference) fields() obj {
	o := obj{"sfoId": r.sfoID, "leafId": r.leafID, "logId": r.logID, "sctTimestamp": dec(r.sctTimestamp), "hops": dec(r.hops)}
	if r.leafIndex != noIndex {
		o["leafIndex"] = dec(r.leafIndex)
	}
	return o
}

func heldFields(held map[string]*heldSfo) []any {
	list := []any{}
	for _, id := range keys(held) {
		h := held[id]
		o := h.reference.fields()
		o["receivedAt"], o["buckets"] = dec(h.receivedAt), decs(h.buckets)
		list = append(list, o)
	}
	return list
}

func stampedFields(name string, list []stamped) []any {
	out := []any{}
	for _, s := range list {
		out = append(out, obj{name: s.id, "at": dec(s.at)})
	}
	return out
}

func (r *round) state() obj {
	peers, asked, answered := []string{}, []any{}, []any{}
	for _, p := range r.peers {
		peers = append(peers, p.id)
	}
	for _, leafID := range keys(r.asked) {
		asked = append(asked, obj{"leafId": leafID, "sth": r.asked[leafID].head()})
	}
	for _, leafID := range keys(r.answered) {
		a := r.answered[leafID]
		answered = append(answered, obj{"leafId": leafID, "outcome": a.outcome, "breakerOpen": a.open})
	}
	return obj{"number": dec(r.number), "startedAt": dec(r.startedAt), "taken": heldFields(r.taken),
		"undue": sorted(r.undue), "peers": peers, "auditors": sorted(r.auditors), "logOrder": r.logOrder,
		"asked": asked, "answered": answered, "delivered": keys(r.delivered), "pending": deliveries(r.pending),
		"failed": deliveries(r.failed), "retrying": r.retrying}
}

func deliveries(m map[string]map[string]bool) []any {
	list := []any{}
	for _, id := range keys(m) {
		list = append(list, obj{"sfoId": id, "ctrIds": keys(m[id])})
	}
	return list
}

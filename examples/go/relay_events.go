package main

func (m *relay) take(e *reader) step {
	kind := e.text("type")
	at := e.num("at")
	switch kind {
	case "consensus":
		c := readConsensus(e.object("consensus"))
		e.done()
		return m.learnConsensus(c)
	case "invalidSfo":
		e.text("error")
		e.done()
		m.received++
		m.drop("invalid") // RELAY-012.1
		return ignored("invalid")
	case "address":
		address, draws := e.text("address"), e.draws("draw")
		e.done()
		if len(draws) < 1 {
			return rejected("insufficientDraw")
		}
		return m.storeAddress(address, at, draws[0])
	case "proofsRequested":
		request, draws := e.text("request"), e.draws("draw")
		e.done()
		if int64(len(draws)) < m.served() {
			return rejected("insufficientDraw")
		}
		return m.serveProofs(request, draws)
	case "reported":
		id, ok := e.hash("sfoId"), e.boolean("ok")
		e.done()
		return m.settleReport(id, ok)
	case "sfo":
		o, draws := e.object("sfo"), e.draws("draw")
		r := reference{o.hash("sfoId"), o.leafID("leafId"), o.hash("logId"), o.num("sctTimestamp"), o.index("leafIndex"), o.num("hops")}
		o.done()
		e.done()
		if m.active() && m.c.has("whileActive", "drop") {
			m.received++
			return m.turnAway(r, "active") // RELAY-111.1
		}
		if int64(len(draws)) < 2*m.c.numbers["n"] {
			return rejected("insufficientDraw")
		}
		return m.receiveSfo(r, at, draws)
	case "waited":
		draws := e.draws("draw")
		e.done()
		if m.active() {
			return ignored("wrongStep")
		}
		if len(draws) < m.neededDraws() {
			return rejected("insufficientDraw")
		}
		return m.startRound(at, draws)
	}
	return m.takeRoundEvent(kind, e, at)
}

// takeRoundEvent takes what belongs to a round; of an ended one it is `staleRound` (RELAY-021.1).
func (m *relay) takeRoundEvent(kind string, e *reader, at int64) step {
	number := e.num("round")
	var run func() step
	wanted := ""
	switch kind {
	case "deadline":
		run = func() step { return m.abortRound(at) }
	case "challenged":
		leafID, outcome, open, p := e.leafID("leafId"), e.outcome("outcome"), e.boolean("breakerOpen"), (*pair)(nil)
		if e.has("pair") {
			read := readPair(e.object("pair"))
			p = &read
		}
		run, wanted = func() step { return m.takeAnswer(leafID, outcome, open, p, at) }, "challenging"
	case "pair":
		p, verified := readPair(e.object("pair")), e.boolean("verified")
		run, wanted = func() step { return m.takePair(p, verified, at) }, "fetching"
	case "delivered":
		ctrID, sfoID, ok := e.hash("ctrId"), e.hash("sfoId"), e.boolean("ok")
		run, wanted = func() step { return m.takeDelivery(ctrID, sfoID, ok, at) }, "forwarding"
	case "stepDone":
		name := e.text("step")
		leaf, known := stepLeaf[name]
		if !known {
			badShape("no step %q", name)
		}
		run, wanted = func() step { return m.stepDone(name, at) }, leaf
	default:
		badShape("no event %q", kind)
	}
	e.done()
	if m.round == nil || m.round.number != number {
		return ignored("staleRound")
	}
	if wanted != "" && m.leaf != "active."+wanted {
		return ignored("wrongStep")
	}
	return run()
}

var stepLeaf = map[string]string{"connect": "connecting", "challenge": "challenging", "fetch": "fetching",
	"forward": "forwarding", "announce": "announcing", "rotate": "rotating", "empty": "emptying"}

// stepDone goes on to the next step; with `forward-first` step 6 comes before step 4.
func (m *relay) stepDone(name string, at int64) step {
	forwardFirst := m.c.has("order", "forward-first")
	switch name {
	case "connect":
		if forwardFirst {
			return m.forwardSfos()
		}
		return m.challengeLogs()
	case "challenge":
		return m.fetchProofs(at)
	case "fetch":
		if forwardFirst {
			return m.announce()
		}
		return m.forwardSfos()
	case "forward":
		if peer, ids := m.redelivery(); peer != nil {
			return m.redeliver(peer, ids)
		}
		if forwardFirst {
			return m.challengeLogs()
		}
		return m.announce()
	case "announce":
		return m.rotate(at)
	case "rotate":
		return m.emptyRound()
	}
	return m.endRound()
}

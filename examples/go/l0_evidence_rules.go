package main

// index is the place that an SCT promises, or `noIndex`.
func (e *evidence) index(i int) int64 {
	index := promisedIndex(e.by, e.scts[i])
	need(index != noIndex, "noIndex")
	return index
}

// due is the latest time of a head that may be without the first SFO's leaf.
func (e *evidence) due() int64 { return e.scts[0].timestamp + e.by.mmd }

func splitView(e *evidence) { // EVID-006.1
	need(e.tree[0].size == e.tree[1].size, "sizesDiffer")
	need(e.tree[0].root != e.tree[1].root, "sameRoot")
}

func rollback(e *evidence) { // EVID-007.1
	need(e.tree[1].timestamp > e.tree[0].timestamp, "notLater")
	need(e.tree[1].size < e.tree[0].size, "notSmaller")
}

func omission(e *evidence) { // EVID-008.1
	index := e.index(0)
	need(e.tree[0].timestamp >= e.due(), "tooEarly")
	need(e.tree[0].size <= index, "indexReached")
}

func substitution(e *evidence) { // EVID-009.1
	need(e.in.leafIndex == e.index(0), "otherIndex")
	need(e.by.id+":"+e.inclusion.leafHash != e.leafs[0], "sameLeaf")
}

func equivocation(e *evidence) { // EVID-010.1
	need(e.index(0) == e.index(1), "otherIndex")
	need(e.leafs[0] != e.leafs[1], "sameLeaf")
}

func lateMerge(e *evidence) { // EVID-011.1
	need(e.tree[0].timestamp >= e.due(), "tooEarly")
	need(e.in.leafIndex >= e.tree[0].size, "indexReached")
}

func backdated(e *evidence) { // EVID-012.1
	need(e.head.timestamp < e.scts[0].timestamp, "notNewer")
}

func (e *evidence) answered() bool {
	for _, a := range e.transcript {
		if a.outcome != "notDue" {
			return true
		}
	}
	return false
}

func inconsistent(e *evidence) { // EVID-013.1
	first, second := e.tree[0], e.tree[1]
	need(first.size < second.size, "sizeOrder")
	need(e.answered(), "notAnswered")
	for _, a := range e.transcript {
		_, failed := attempt(func() bool {
			verifyConsistency(first.size, first.root, second.size, second.root, a.path)
			return true
		})
		need(a.path == nil || failed != "", "consistent")
	}
}

func withheld(e *evidence) { // EVID-014.1
	need(e.tree[0].timestamp >= dueAt(e.scts[0].timestamp, e.by.mmd, e.receivedAt), "tooEarly")
	need(e.answered(), "notAnswered")
}

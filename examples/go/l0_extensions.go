package main

// leafIndexOf reads the extensions of an SCT of a static-ct log (WIRE-013.1): noIndex where they have none.
func leafIndexOf(extensions []byte) int64 {
	c := &cursor{extensions, "truncated"}
	seen := map[byte]bool{}
	var data []byte
	for len(c.b) > 0 {
		kind := c.uint8()
		value := c.vector16()
		need(!seen[kind], "duplicate")
		seen[kind] = true
		if kind == 0 {
			data = value
		}
	}
	if !seen[0] {
		return noIndex
	}
	need(len(data) == 5, "badLeafIndex")
	index := int64(0)
	for _, b := range data {
		index = index<<8 | int64(b)
	}
	return index
}

// promisedIndex is WIRE-013.2: extensions at fault count as none, and only a static-ct log promises an index.
func promisedIndex(l *log, t *sct) int64 {
	index, failed := attempt(func() int64 { return leafIndexOf(t.extensions) })
	if l.monitoringURL == "" || failed != "" {
		return noIndex
	}
	return index
}

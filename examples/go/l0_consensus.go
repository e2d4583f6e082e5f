package main

// A consensus is what relay and auditor take from a verified document (CONS-001).
type consensus struct {
	digest                             string
	validAfter, freshUntil, validUntil int64
	logs                               []listedLog
	sths                               []sth
	ctrs                               []ctr
	auditors                           []auditor
}

type listedLog struct {
	id, key, url  string
	mmd           int64
	monitoringURL string
}

type ctr struct {
	id, url string
	family  []string
}

type auditor struct{ id, key, url string }

// readConsensus reads the shape that functions.md and the events of the machines share.
func readConsensus(r *reader) *consensus {
	c := &consensus{digest: r.hash("digest"), validAfter: r.num("validAfter"), freshUntil: r.num("freshUntil"),
		validUntil: r.num("validUntil"), sths: readSths(r, "sths")}
	for _, v := range r.list("logs") {
		o := object(v, "log")
		l := listedLog{id: o.hash("logId"), key: o.text("key"), url: o.url("url"), mmd: o.num("mmd")}
		if o.has("monitoringUrl") {
			l.monitoringURL = o.url("monitoringUrl")
		}
		c.logs = append(c.logs, l)
		o.done()
	}
	c.ctrs = readCtrs(r, "ctrs")
	for _, v := range r.list("auditors") {
		o := object(v, "auditor")
		c.auditors = append(c.auditors, auditor{o.hash("auditorId"), o.hash("key"), o.url("url")})
		o.done()
	}
	r.done()
	return c
}

func readCtrs(r *reader, name string) []ctr {
	list := []ctr{}
	for _, v := range r.list(name) {
		o := object(v, "ctr")
		one := ctr{o.hash("ctrId"), o.url("url"), o.texts("family")}
		for _, id := range one.family {
			if !hashText.MatchString(id) {
				badShape("%q is no identity", id)
			}
		}
		list = append(list, one)
		o.done()
	}
	return list
}

func (c *consensus) fields() obj {
	logs, sths, ctrs, auditors := []any{}, []any{}, []any{}, []any{}
	for _, l := range c.logs {
		one := obj{"logId": l.id, "key": l.key, "mmd": dec(l.mmd), "url": l.url}
		if l.monitoringURL != "" {
			one["monitoringUrl"] = l.monitoringURL
		}
		logs = append(logs, one)
	}
	for _, h := range c.sths {
		sths = append(sths, h.fields())
	}
	for _, o := range c.ctrs {
		ctrs = append(ctrs, obj{"ctrId": o.id, "url": o.url, "family": o.family})
	}
	for _, a := range c.auditors {
		auditors = append(auditors, obj{"auditorId": a.id, "key": a.key, "url": a.url})
	}
	return obj{"digest": c.digest, "validAfter": dec(c.validAfter), "freshUntil": dec(c.freshUntil),
		"validUntil": dec(c.validUntil), "logs": logs, "sths": sths, "ctrs": ctrs, "auditors": auditors}
}

func (c *consensus) auditorIDs() []string {
	ids := []string{}
	for _, a := range c.auditors {
		ids = append(ids, a.id)
	}
	return ids
}

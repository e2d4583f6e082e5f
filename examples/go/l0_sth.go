package main

import (
	"encoding/json"
	"strings"
)

// An sth is a signed tree head; root and signature stay in hexadecimal.
type sth struct {
	logID     string
	timestamp int64
	size      int64
	root      string
	signature string
}

func readSth(r *reader) sth {
	h := sth{r.hash("logId"), r.num("timestamp"), r.num("size"), r.hash("root"), ""}
	if len(r.hex("signature")) > 2048 {
		badShape("%s.signature is too long", r.where)
	}
	h.signature = r.text("signature")
	r.done()
	return h
}

func readSths(r *reader, name string) []sth {
	list := []sth{}
	for _, v := range r.list(name) {
		list = append(list, readSth(object(v, r.where+"."+name)))
	}
	return list
}

func (h sth) fields() obj {
	return obj{"logId": h.logID, "timestamp": dec(h.timestamp), "size": dec(h.size), "root": h.root, "signature": h.signature}
}

// key is what tells one from others in a document.
func (h sth) key() string {
	return strings.Join([]string{h.logID, dec(h.timestamp), dec(h.size), h.root}, " ")
}

func (h sth) head() obj {
	return obj{"timestamp": dec(h.timestamp), "size": dec(h.size), "root": h.root}
}

// before orders by (timestamp, size) (WIRE-012.2).
func (h sth) before(o sth) bool {
	return h.timestamp < o.timestamp || h.timestamp == o.timestamp && h.size < o.size
}

// sthSignatureInput is WIRE-004.1.
func sthSignatureInput(timestamp, size int64, root []byte) []byte {
	return join([]byte{0, 1}, u64(timestamp), u64(size), root)
}

func sthValid(l *log, h sth) bool {
	valid, failed := attempt(func() bool {
		c := &cursor{unhex(h.signature, "signature"), "badSth"}
		hash, algorithm, signature := c.uint8(), c.uint8(), c.vector16()
		c.end()
		message := sthSignatureInput(h.timestamp, h.size, unhex(h.root, "root"))
		return l.id == h.logID && logSigned(l.key, message, hash, algorithm, signature)
	})
	return failed == "" && valid
}

// jsonNumber reads a non-negative integer up to 2^53-1 of a parsed body, however it is written.
func jsonNumber(v any, c string) int64 {
	n, ok := v.(json.Number)
	need(ok && wholeOr(n, -1) >= 0, c)
	return wholeNumber(n)
}

func parseNumbers(body []byte, c string) map[string]any {
	value, ok := parseJSON(body)
	need(ok, c)
	o, ok := value.(map[string]any)
	need(ok, c)
	return o
}

// decodeSth reads the answer to get-sth (RFC 6962 4.3).
func decodeSth(logID string, body []byte) sth {
	o := parseNumbers(body, "badSth")
	h := sth{logID: logID, timestamp: jsonNumber(o["timestamp"], "badSth"), size: jsonNumber(o["tree_size"], "badSth")}
	rootText, ok := o["sha256_root_hash"].(string)
	need(ok, "badSth")
	root, ok := strictBase64(rootText)
	need(ok && len(root) == 32, "badSth")
	signatureText, ok := o["tree_head_signature"].(string)
	need(ok, "badSth")
	signature, ok := strictBase64(signatureText)
	need(ok, "badSth")
	c := &cursor{signature, "badSth"}
	need(knownAlgorithms(c.uint8(), c.uint8()), "badSth")
	c.vector16()
	c.end()
	h.root, h.signature = hx(root), hx(signature)
	return h
}

func dueAt(sctTimestamp, mmd, receivedAt int64) int64 { return min(sctTimestamp, receivedAt) + mmd }

// firstDue is WIRE-012.2 and WIRE-012.3: the earliest whose timestamp is at least dueAt, or whose tree has the leaf's place.
func firstDue(list []sth, due, index int64) *sth {
	var found *sth
	for i := range list {
		isDue := list[i].timestamp >= due || index != noIndex && list[i].size > index
		if isDue && (found == nil || list[i].before(*found)) {
			found = &list[i]
		}
	}
	return found
}

func latestOf(list []sth) *sth {
	var found *sth
	for i := range list {
		if found == nil || found.before(list[i]) {
			found = &list[i]
		}
	}
	return found
}

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"
)

const maxChainBytes = 20480 // WIRE-001.5

// An sfo is a chain of certificates, leaf first, and one SerializedSCT.
type sfo struct {
	chain [][]byte
	sct   []byte
}

func readSfo(r *reader) *sfo {
	s := &sfo{r.hexes("chain"), r.hex("sct")}
	if len(s.chain) < 1 {
		badShape("%s.chain has %d certificates", r.where, len(s.chain))
	}
	return s
}

func (s *sfo) fields() obj { return obj{"chain": hexList(s.chain), "sct": hx(s.sct)} }

// parseJSON leaves numbers as they are written.
func parseJSON(body []byte) (value any, ok bool) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // 1e400 is JSON
	return value, decoder.Decode(&value) == nil
}

// decodeSfos takes the body of a submission apart (WIRE-001).
func decodeSfos(body []byte, limit int64) []any {
	value, ok := parseJSON(body)
	need(ok, "notJson")
	list, ok := value.([]any)
	need(ok && len(list) > 0 && int64(len(list)) <= limit, "notSfoList")
	for _, v := range list { // WIRE-001.14
		_, ok := v.(map[string]any)
		need(ok, "notSfoList")
	}
	out := []any{}
	for _, v := range list {
		one, failed := attempt(func() *sfo { return decodeSfo(v.(map[string]any)) })
		if failed != "" {
			out = append(out, obj{"error": failed})
		} else {
			out = append(out, obj{"ok": one.fields()})
		}
	}
	return out
}

// stringList takes an array of strings.
func stringList(v any) (list []string, ok bool) {
	array, ok := v.([]any)
	for _, element := range array {
		text, isText := element.(string)
		list, ok = append(list, text), ok && isText
	}
	return list, ok
}

// missing is also an array of nothing.
func missing(o map[string]any, name string) bool {
	v, some := o[name]
	list, isList := v.([]any)
	return !some || isList && len(list) == 0
}

func decodeSfo(o map[string]any) *sfo {
	newer := !missing(o, "sct_data_v2")
	need(!newer || !missing(o, "sct_data_v1"), "sctVersion") // WIRE-001.3
	need(!newer, "sctCount")
	scts, ok := o["sct_data_v1"].([]any)
	need(ok && len(scts) == 1, "sctCount")
	encoded, ok := scts[0].(string)
	need(ok, "badBase64")
	data, ok := strictBase64(encoded)
	need(ok, "badBase64")
	list := decodeSctList(data)
	need(len(list) == 1, "sctCount") // RELAY-022.1
	decodeSct(list[0])
	pems, ok := o["x509_chain"].([]any)
	need(ok && len(pems) >= 1 && len(pems) <= 10, "chainLength") // WIRE-001.2
	s, total := &sfo{sct: list[0]}, 0
	for _, one := range pems {
		text, ok := one.(string)
		need(ok, "badPem")
		der := decodePem(text)
		s.chain, total = append(s.chain, der), total+len(der)
		need(total <= maxChainBytes, "oversize")
	}
	parseLeaf(s.chain[0])
	for _, der := range s.chain[1:] {
		parseCertificate(der)
	}
	return s
}

// encodeSfos is JSON without white space, `x509_chain` first (functions.md).
func encodeSfos(list []*sfo) []byte {
	type wire struct {
		Chain []string `json:"x509_chain"`
		Data  []string `json:"sct_data_v1"`
	}
	out := []wire{}
	for _, s := range list {
		decodeSct(s.sct)
		pems := []string{}
		for _, der := range s.chain {
			pems = append(pems, encodePem(der))
		}
		data := base64.StdEncoding.EncodeToString(encodeSctList([][]byte{s.sct}))
		out = append(out, wire{pems, []string{data}})
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(out) != nil {
		badShape("cannot be encoded")
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// sfoID is WIRE-011.1: it leaves the SCT's signature out.
func sfoID(s *sfo) string {
	t := decodeSct(s.sct)
	if len(s.chain) > 255 {
		badShape("more certificates than their number can say")
	}
	b := []byte{byte(len(s.chain))}
	for _, der := range s.chain {
		b = append(append(b, u24(len(der))...), der...)
	}
	b = append(b, join([]byte{0}, t.logID, u64(t.timestamp), u16(len(t.extensions)), t.extensions,
		[]byte{t.hashAlgorithm, t.signatureAlgorithm})...)
	sum := sha256.Sum256(b)
	return hx(sum[:])
}

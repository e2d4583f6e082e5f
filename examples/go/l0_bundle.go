package main

import (
	"encoding/json"
	"regexp"
	"strconv"
)

const (
	maxBundle  = 256 << 10 // EVID-003.4
	maxAnswers = 16
)

// A bundle is what anyone can check offline (evidence.md, "Bundles"); its shape is spec/schemas/evidence.json.
type bundle struct {
	kind, digest string
	log          bundleLog
	heads        []string
	sfos         []map[string]any
	inclusion    *bundleInclusion
	transcript   []bundleAnswer // nil where there is none
	receivedAt   int64          // -1 where there is none
}

type bundleLog struct {
	id, key, url, monitoringURL string
	mmd                         int64
}

type bundleInclusion struct{ proof, leafHash string }

type bundleAnswer struct {
	outcome string
	path    []string // nil where none was answered
}

var bundleURL = regexp.MustCompile(`^https?://[!-~]+$`)

// readBundle goes from `tooLarge` to `badDigest`.
func readBundle(text string) *bundle {
	need(len(text) <= maxBundle, "tooLarge")
	value, ok := parseJSON([]byte(text))
	need(ok, "notJson")
	o, _ := value.(map[string]any)
	version, isNumber := o["version"].(json.Number)
	need(isNumber && wholeOr(version, -1) == 1, "unknownVersion")
	kind, _ := o["kind"].(string)
	_, known := bundleParts[kind]
	need(known, "unknownKind")
	b := shapeOf(o)
	need(canonical(value)+"\n" == text, "notCanonical")
	delete(o, "digest")
	need(sha256Text(canonical(value)) == b.digest, "badDigest")
	return b
}

// A shape reads the members of an object and fails with notBundle for any other.
type shape map[string]any

func shaped(v any, names ...string) shape {
	o, ok := v.(map[string]any)
	need(ok, "notBundle")
	for name := range o {
		found := false
		for _, one := range names {
			found = found || one == name
		}
		need(found, "notBundle")
	}
	return o
}

func (s shape) has(name string) bool { _, ok := s[name]; return ok }

func (s shape) text(name string) string {
	text, ok := s[name].(string)
	need(ok, "notBundle")
	return text
}

func (s shape) like(name string, pattern *regexp.Regexp) string {
	text := s.text(name)
	need(pattern.MatchString(text), "notBundle")
	return text
}

func (s shape) url(name string) string {
	text := s.like(name, bundleURL)
	need(len(text) <= 2008, "notBundle")
	return text
}

func (s shape) number(name string) int64 {
	n, ok := s[name].(json.Number)
	need(ok && wholeOr(n, -1) >= 0, "notBundle")
	return wholeNumber(n)
}

func (s shape) list(name string, limit int) []any {
	list, ok := s[name].([]any)
	need(ok && len(list) <= limit, "notBundle")
	return list
}

func (s shape) texts(name string, limit int) []string {
	texts := []string{}
	for _, v := range s.list(name, limit) {
		text, ok := v.(string)
		need(ok, "notBundle")
		texts = append(texts, text)
	}
	return texts
}

// wholeOr reads an integer from 0 to 2^53-1, however it is written.
func wholeOr(n json.Number, otherwise int64) int64 {
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || f < 0 || f > maxNumber || f != float64(int64(f)) {
		return otherwise
	}
	return int64(f)
}

func wholeNumber(n json.Number) int64 { return wholeOr(n, 0) }

func shapeOf(value any) *bundle {
	s := shaped(value, "version", "kind", "log", "heads", "sfos", "digest", "inclusion", "transcript", "receivedAt")
	b := &bundle{kind: s.text("kind"), digest: s.like("digest", hashText), heads: s.texts("heads", 2), receivedAt: -1}
	l := shaped(s["log"], "logId", "key", "mmd", "url", "monitoringUrl")
	b.log = bundleLog{id: l.like("logId", hashText), key: l.text("key"), mmd: l.number("mmd"), url: l.url("url")}
	if l.has("monitoringUrl") {
		b.log.monitoringURL = l.url("monitoringUrl")
	}
	for _, v := range s.list("sfos", 2) {
		one := shaped(v, "x509_chain", "sct_data_v1")
		one.texts("x509_chain", 10)
		one.texts("sct_data_v1", 1)
		b.sfos = append(b.sfos, one)
	}
	if s.has("inclusion") {
		i := shaped(s["inclusion"], "proof", "leafHash")
		b.inclusion = &bundleInclusion{proof: i.text("proof")}
		if i.has("leafHash") {
			b.inclusion.leafHash = i.like("leafHash", hashText)
		}
	}
	if s.has("transcript") {
		b.transcript = []bundleAnswer{}
		for _, v := range s.list("transcript", maxAnswers) {
			b.transcript = append(b.transcript, answerOf(v))
		}
	}
	if s.has("receivedAt") {
		b.receivedAt = s.number("receivedAt")
	}
	return b
}

var answerOutcome = regexp.MustCompile(`^(notDue|unreachable|refused|badProof)$`)

func answerOf(v any) bundleAnswer {
	s := shaped(v, "at", "outcome", "size", "status", "path")
	s.number("at")
	a := bundleAnswer{outcome: s.like("outcome", answerOutcome)}
	for _, name := range []string{"size", "status"} {
		if s.has(name) {
			s.number(name)
		}
	}
	if s.has("path") {
		a.path = s.texts("path", maxPath)
		for _, h := range a.path {
			need(hashText.MatchString(h), "notBundle")
		}
	}
	return a
}

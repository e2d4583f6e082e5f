package main

import (
	"encoding/base64"
	"regexp"
	"strings"
	"time"
)

// An item is a keyword line of dir-spec 1.2 with the object behind it, if any.
type item struct {
	keyword string
	args    []string
	start   int    // where its line begins
	end     int    // where its line ends, behind the newline
	label   string // of its object
	data    []byte // nil without an object
}

var (
	itemKeyword = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	itemControl = regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f]`)
	objectBegin = regexp.MustCompile(`^-----BEGIN ([A-Z0-9 -]+)-----$`)
)

// readItems takes lines that end with LF, none of them empty, or fails with the code. A byte is a character.
func readItems(text string, limit int, bad string) []item {
	need(text != "" && strings.HasSuffix(text, "\n") && !itemControl.MatchString(text), bad)
	items := []item{}
	for at := 0; at < len(text); {
		line, next := lineAt(text, at)
		if strings.HasPrefix(line, "-----BEGIN ") {
			begin := objectBegin.FindStringSubmatch(line)
			need(begin != nil && len(items) > 0 && items[len(items)-1].data == nil, bad)
			one := &items[len(items)-1]
			one.label = begin[1]
			one.data, at = readObject(text, next, begin[1], bad)
			continue
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		need(len(words) > 0 && itemKeyword.MatchString(words[0]) && strings.HasPrefix(line, words[0]), bad)
		need(len(items) < limit, bad)
		items = append(items, item{keyword: words[0], args: words[1:], start: at, end: next})
		at = next
	}
	return items
}

// characters says in a text what bytes are in a document: one character each.
func characters(words []string) []string {
	texts := []string{}
	for _, word := range words {
		runes := []rune{}
		for _, b := range []byte(word) {
			runes = append(runes, rune(b))
		}
		texts = append(texts, string(runes))
	}
	return texts
}

func lineAt(text string, at int) (line string, next int) {
	end := at + strings.IndexByte(text[at:], '\n')
	return text[at:end], end + 1
}

func readObject(text string, at int, label, bad string) (data []byte, next int) {
	encoded := ""
	for at < len(text) {
		line, behind := lineAt(text, at)
		if line == "-----END "+label+"-----" {
			data, ok := strictBase64(encoded)
			need(ok, bad)
			return append([]byte{}, data...), behind
		}
		encoded, at = encoded+line, behind
	}
	fail(bad)
	return nil, 0
}

const itemTime = "2006-01-02 15:04:05"

// timeOf is `YYYY-MM-DD HH:MM:SS` in milliseconds since the epoch.
func (i item) timeOf(bad string) int64 {
	need(len(i.args) >= 2, bad)
	text := i.args[0] + " " + i.args[1]
	t, err := time.Parse(itemTime, text)
	need(err == nil && t.Format(itemTime) == text && t.UnixMilli() >= 0, bad)
	return t.UnixMilli()
}

// unpadded is base64 without padding, of a fixed length.
func unpadded(s string, length int, bad string) []byte {
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	need(err == nil && len(b) == length && !strings.ContainsAny(s, "\r\n"), bad)
	return b
}

var fingerprintText = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)

func fingerprintOf(s, bad string) string {
	need(fingerprintText.MatchString(s), bad)
	return strings.ToLower(s)
}

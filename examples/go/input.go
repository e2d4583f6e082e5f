package main

import (
	"encoding/hex"
	"math/big"
	"regexp"
	"strconv"
	"unicode/utf16"
)

// maxNumber is the largest number of the specification, 2^53-1 (conventions.md, "Units").
const maxNumber = 1<<53 - 1

var (
	decimal    = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
	hexText    = regexp.MustCompile(`^([0-9a-f]{2})*$`)
	hashText   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	leafIDText = regexp.MustCompile(`^[0-9a-f]{64}:[0-9a-f]{64}$`)
)

// A reader takes the members of an object in the JSON subset one by one and refuses what is left over.
type reader struct {
	members map[string]any
	taken   map[string]bool
	where   string
}

func object(v any, where string) *reader {
	members, ok := v.(map[string]any)
	if !ok {
		badShape("%s is not an object", where)
	}
	return &reader{members, map[string]bool{}, where}
}

func (r *reader) has(name string) bool { _, ok := r.members[name]; return ok }

func (r *reader) get(name string) any {
	v, ok := r.members[name]
	if !ok {
		badShape("%s.%s is missing", r.where, name)
	}
	r.taken[name] = true
	return v
}

// done refuses members that nobody asked for.
func (r *reader) done() {
	for name := range r.members {
		if !r.taken[name] {
			badShape("%s.%s is unknown", r.where, name)
		}
	}
}

func (r *reader) text(name string) string {
	s, ok := r.get(name).(string)
	if !ok {
		badShape("%s.%s is not a string", r.where, name)
	}
	return s
}

func (r *reader) boolean(name string) bool {
	b, ok := r.get(name).(bool)
	if !ok {
		badShape("%s.%s is not a boolean", r.where, name)
	}
	return b
}

func (r *reader) list(name string) []any {
	l, ok := r.get(name).([]any)
	if !ok {
		badShape("%s.%s is not an array", r.where, name)
	}
	return l
}

func (r *reader) object(name string) *reader { return object(r.get(name), r.where+"."+name) }

// url is 1 to 2048 characters, whatever they are.
func (r *reader) url(name string) string {
	s := r.text(name)
	if n := utf16Length(s); n < 1 || n > 2048 {
		badShape("%s.%s is no URL", r.where, name)
	}
	return s
}

// utf16Length counts as spec/functions.md does.
func utf16Length(s string) int { return len(utf16.Encode([]rune(s))) }

// numIn is a number of a range.
func (r *reader) numIn(name string, least, most int64) int64 {
	n := r.numUpTo(name, most)
	if n < least {
		badShape("%s.%s is too small", r.where, name)
	}
	return n
}

func (r *reader) texts(name string) []string {
	texts := []string{}
	for _, v := range r.list(name) {
		s, ok := v.(string)
		if !ok {
			badShape("%s.%s holds something else than strings", r.where, name)
		}
		texts = append(texts, s)
	}
	return texts
}

func (r *reader) hex(name string) []byte { return unhex(r.text(name), r.where+"."+name) }

// hexOf is hex of a fixed length.
func (r *reader) hexOf(name string, length int) []byte {
	b := r.hex(name)
	if len(b) != length {
		badShape("%s.%s is not %d bytes", r.where, name, length)
	}
	return b
}

// hash is 32 bytes that stay in hexadecimal.
func (r *reader) hash(name string) string {
	r.hexOf(name, 32)
	return r.text(name)
}

func (r *reader) leafID(name string) string {
	s := r.text(name)
	if !leafIDText.MatchString(s) {
		badShape("%s.%s is not a leafId", r.where, name)
	}
	return s
}

func (r *reader) hexes(name string) [][]byte {
	list := [][]byte{}
	for _, s := range r.texts(name) {
		list = append(list, unhex(s, r.where+"."+name))
	}
	return list
}

func (r *reader) num(name string) int64 { return r.numUpTo(name, maxNumber) }

func (r *reader) numUpTo(name string, limit int64) int64 {
	return number(r.text(name), limit, r.where+"."+name)
}

// index is a leaf index, or noIndex where the log promised no place.
func (r *reader) index(name string) int64 {
	if !r.has(name) {
		return noIndex
	}
	return r.num(name)
}

const noIndex int64 = -1

// anyNumber is a number that may be larger than a machine's: beyond 2^53-1 it is the error `numberTooLarge`.
func (r *reader) anyNumber(name string) int64 {
	s := r.text(name)
	if !decimal.MatchString(s) || len(s) > 20 {
		badShape("%s.%s is not a number", r.where, name)
	}
	n, _ := new(big.Int).SetString(s, 10)
	if !n.IsInt64() || n.Int64() > maxNumber {
		return -1
	}
	return n.Int64()
}

func (r *reader) draws(name string) []int64 {
	draws := []int64{}
	for _, s := range r.texts(name) {
		draws = append(draws, number(s, 1<<32-1, r.where+"."+name))
	}
	return draws
}

func number(s string, limit int64, where string) int64 {
	if !decimal.MatchString(s) {
		badShape("%s: %q is not a number", where, s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > limit {
		badShape("%s: %s is too large", where, s)
	}
	return n
}

func unhex(s, where string) []byte {
	if !hexText.MatchString(s) {
		badShape("%s is not lower-case hexadecimal", where)
	}
	b, _ := hex.DecodeString(s)
	return b
}

func dec(n int64) string { return strconv.FormatInt(n, 10) }

func hx(b []byte) string { return hex.EncodeToString(b) }

func hexList(list [][]byte) []string {
	texts := []string{}
	for _, b := range list {
		texts = append(texts, hx(b))
	}
	return texts
}

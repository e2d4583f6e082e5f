package main

import "strconv"

// functions are those of spec/functions.md, by name.
var functions map[string]func(*reader) any

// pure is a function whose input is read whole before it runs.
func pure(read func(*reader) func() any) func(*reader) any {
	return func(in *reader) any {
		run := read(in)
		in.done()
		return run()
	}
}

func init() {
	functions = map[string]func(*reader) any{}
	for name, read := range map[string]func(*reader) func() any{
		"decodeSct": func(in *reader) func() any {
			b := in.hex("bytes")
			return func() any { return sctFields(decodeSct(b)) }
		},
		"encodeSct": func(in *reader) func() any {
			s := readSctFields(in)
			return func() any { return obj{"bytes": hx(encodeSct(s))} }
		},
		"decodeSctList": func(in *reader) func() any {
			b := in.hex("bytes")
			return func() any { return obj{"scts": hexList(decodeSctList(b))} }
		},
		"encodeSctList": func(in *reader) func() any {
			list := in.hexes("scts")
			if len(list) == 0 {
				badShape("no SCTs")
			}
			return func() any { return obj{"bytes": hx(encodeSctList(list))} }
		},
		"decodePem": func(in *reader) func() any {
			text := in.text("text")
			return func() any { return obj{"der": hx(decodePem(text))} }
		},
		"decodeSfo": func(in *reader) func() any {
			body, limit := in.hex("body"), in.num("maxObjects")
			return func() any { return obj{"objects": decodeSfos(body, limit)} }
		},
		"encodeSfo": func(in *reader) func() any {
			list := []*sfo{}
			for _, v := range in.list("sfos") {
				o := object(v, "sfo")
				list = append(list, readSfo(o))
				o.done()
			}
			if len(list) == 0 {
				badShape("no SFOs")
			}
			return func() any { return obj{"body": hx(encodeSfos(list))} }
		},
		"sfoId": func(in *reader) func() any {
			s := readSfo(in)
			return func() any { return obj{"sfoId": sfoID(s)} }
		},
		"entry": func(in *reader) func() any {
			s := readSfo(in)
			return func() any { e, _ := entryOf(s); return e.fields() }
		},
		"encodeLeaf": func(in *reader) func() any {
			e, timestamp, extensions := readEntry(in.object("entry")), in.num("timestamp"), in.hex("extensions")
			return func() any { return obj{"leaf": hx(merkleTreeLeaf(e, timestamp, extensions))} }
		},
		"leafHash": func(in *reader) func() any {
			leaf := in.hex("leaf")
			return func() any { return obj{"leafHash": hx(leafHash(leaf))} }
		},
		"leafId": func(in *reader) func() any {
			logID, hash := in.hash("logId"), in.hash("leafHash")
			return func() any { return obj{"leafId": logID + ":" + hash} }
		},
		"verifySct": func(in *reader) func() any {
			l, s := readLog(in.object("log")), readSfo(in)
			return func() any {
				e, _ := entryOf(s)
				t := decodeSct(s.sct)
				return obj{"valid": l.id == hx(t.logID) && sctValid(l.key, t, e)}
			}
		},
		"validateSfo": func(in *reader) func() any {
			var l *log
			if in.has("log") {
				l = readLog(in.object("log"))
			}
			s, now := readSfo(in), in.num("now")
			return func() any { return validateSfo(l, s, now) }
		},
		"errorClass": func(in *reader) func() any {
			c := in.text("error")
			return func() any { return obj{"class": errorClass(c)} }
		},
	} {
		functions[name] = pure(read)
	}
	for _, table := range []map[string]func(*reader) func() any{
		headFunctions, staticFunctions, torFunctions, directoryFunctions, drawFunctions,
	} {
		for name, read := range table {
			functions[name] = pure(read)
		}
	}
}

// fraction is a mean or a probability: digits, and a fraction that ends in a digit other than 0.
func (r *reader) fraction(name string) float64 {
	s := r.text(name)
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strconv.FormatFloat(f, 'f', -1, 64) != s || s[0] == '-' {
		badShape("%s.%s is not a number", r.where, name)
	}
	return f
}

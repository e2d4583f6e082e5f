package main

// directoryFunctions are the documents of Tor's directory and the CT extension document.
var directoryFunctions = map[string]func(*reader) func() any{
	"readKeyCertificates": func(in *reader) func() any {
		document := in.hex("document")
		return func() any {
			list := []any{}
			for _, text := range splitKeyCerts(document) {
				c, failed := attempt(func() *keyCert { return readKeyCert(text) })
				if failed != "" {
					list = append(list, obj{"error": failed})
				} else {
					list = append(list, obj{"ok": c.fields()})
				}
			}
			return obj{"certificates": list}
		}
	},
	"parseTorConsensus": func(in *reader) func() any {
		document := in.hex("document")
		return func() any { return parseTorConsensus(document).fields() }
	},
	"verifyTorConsensus": func(in *reader) func() any {
		document, certificates := in.hex("document"), in.hex("certificates")
		authorities, now := in.fingerprints("authorities"), in.num("now")
		return func() any { return verifyTorConsensus(document, certificates, authorities, now) }
	},
	"ctrList": func(in *reader) func() any {
		consensus, microdescriptors, announced := in.hex("consensus"), in.hex("microdescriptors"), readCtrs(in, "announced")
		return func() any { return obj{"ctrs": ctrList(consensus, microdescriptors, announced)} }
	},
	"verifyExtension": func(in *reader) func() any {
		document, consensus, certificates := in.hex("document"), in.hex("consensus"), in.hex("certificates")
		authorities, now := in.fingerprints("authorities"), in.num("now")
		return func() any { return verifyExtension(document, consensus, certificates, authorities, now) }
	},
	"commitmentParams": func(in *reader) func() any {
		digest := in.hexOf("digest", 32)
		return func() any {
			params, line := commitmentParams(digest)
			return obj{"params": params, "line": line}
		}
	},
	"committedDigest": func(in *reader) func() any {
		params := in.params("params")
		return func() any {
			if digest, some := committedDigest(params); some {
				return obj{"digest": hx(digest)}
			}
			return obj{}
		}
	},
	"mergeVotes": func(in *reader) func() any {
		votes, authorities := in.texts("votes"), in.num("authorities")
		return func() any { return obj{"content": mergeVotes(votes, authorities)} }
	},
}

// fingerprints are those of authorities, in lower case.
func (r *reader) fingerprints(name string) []string {
	list := []string{}
	for _, b := range r.hexes(name) {
		if len(b) != 20 {
			badShape("%s.%s: a fingerprint has %d bytes", r.where, name, len(b))
		}
		list = append(list, hx(b))
	}
	return list
}

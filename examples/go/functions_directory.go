package main

// directoryFunctions are the documents of Tor's directory and the CT extension document.
var directoryFunctions = map[string]func(*reader) func() any{
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

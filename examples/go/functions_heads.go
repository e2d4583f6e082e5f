package main

// headFunctions are tree heads, proofs and challenges.
var headFunctions = map[string]func(*reader) func() any{
	"verifyInclusion": func(in *reader) func() any {
		hash, index, size := in.text("leafHash"), in.anyNumber("leafIndex"), in.anyNumber("size")
		root, path := in.text("root"), in.texts("path")
		return func() any { verifyInclusion(hash, index, size, root, path); return obj{} }
	},
	"verifyConsistency": func(in *reader) func() any {
		size1, root1, size2 := in.anyNumber("size1"), in.text("root1"), in.anyNumber("size2")
		root2, path := in.text("root2"), in.texts("path")
		return func() any { verifyConsistency(size1, root1, size2, root2, path); return obj{} }
	},
	"sthSignatureInput": func(in *reader) func() any {
		timestamp, size, root := in.num("timestamp"), in.num("size"), in.hexOf("root", 32)
		return func() any { return obj{"bytes": hx(sthSignatureInput(timestamp, size, root))} }
	},
	"verifySth": func(in *reader) func() any {
		l, h := readLog(in.object("log")), readSth(in.object("sth"))
		return func() any { return obj{"valid": sthValid(l, h)} }
	},
	"decodeSth": func(in *reader) func() any {
		logID, body := in.hash("logId"), in.hex("body")
		return func() any { return decodeSth(logID, body).fields() }
	},
	"decodeProofSet": func(in *reader) func() any {
		body, limit := in.hex("body"), in.num("limit")
		return func() any { return obj{"pairs": decodeProofSet(body, limit)} }
	},
	"dueAt": func(in *reader) func() any {
		timestamp, mmd, received := in.num("sctTimestamp"), in.num("mmd"), in.num("receivedAt")
		if dueAt(timestamp, mmd, received) > maxNumber {
			badShape("due too late")
		}
		return func() any { return obj{"dueAt": dec(dueAt(timestamp, mmd, received))} }
	},
	"firstDueSth": func(in *reader) func() any {
		list, due, index := readSths(in, "sths"), in.num("dueAt"), in.index("leafIndex")
		return func() any { return maybeSth(firstDue(list, due, index)) }
	},
	"latestSth": func(in *reader) func() any {
		list := readSths(in, "sths")
		return func() any { return maybeSth(latestOf(list)) }
	},
	"judgeInclusion": func(in *reader) func() any {
		value := judgeInclusion(in)
		return func() any { return value }
	},
	"verifyPair": func(in *reader) func() any {
		p, own := readPair(in.object("pair")), readSths(in, "ownSths")
		return func() any { return obj{"valid": pairValid(p, own)} }
	},
	"verifyEvidence": func(in *reader) func() any {
		text := in.text("bundle")
		var logs []*log
		if in.has("logs") {
			logs = []*log{}
			for _, v := range in.list("logs") {
				logs = append(logs, readLog(object(v, "log")))
			}
		}
		return func() any { return verifyEvidence(text, logs) }
	},
}

func maybeSth(h *sth) any {
	if h == nil {
		return obj{}
	}
	return obj{"sth": h.fields()}
}

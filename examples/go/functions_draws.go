package main

// What inputs may say (spec/functions.md, "Shapes of inputs").
const (
	mostChoices  = 1 << 21
	mostBuckets  = 30
	mostExpected = 1_000_000
)

// drawFunctions are draws and choices.
var drawFunctions = map[string]func(*reader) func() any{
	"coin": func(in *reader) func() any {
		draw, k, n := in.numUpTo("draw", drawRange-1), in.numIn("k", 1, mostChoices), in.numIn("n", 1, mostChoices)
		return func() any { return obj{"heads": coin(draw, k, n)} }
	},
	"indexBelow": func(in *reader) func() any {
		draw, m := in.numUpTo("draw", drawRange-1), in.numIn("m", 1, mostChoices)
		return func() any { return obj{"index": dec(indexBelow(draw, m))} }
	},
	"choosePositions": func(in *reader) func() any {
		size, count, draws := in.numIn("size", 1, mostChoices), in.num("count"), in.draws("draws")
		return func() any { return obj{"positions": decs(choosePositions(size, count, draws))} }
	},
	"drawnBuckets": func(in *reader) func() any {
		bucketing, n, k, draws := in.text("bucketing"), in.numIn("n", 1, mostBuckets), in.numIn("k", 1, mostBuckets), in.draws("draws")
		if k > n || int64(len(draws)) < n {
			badShape("%d buckets of %d with %d draws", k, n, len(draws))
		}
		return func() any { return obj{"buckets": decs(drawnBuckets(bucketing, n, k, draws))} }
	},
	"auditorOf": func(in *reader) func() any {
		ids := in.texts("auditors")
		for _, id := range ids {
			if !hashText.MatchString(id) {
				badShape("%q is no auditor's ID", id)
			}
		}
		sfoID := in.hash("sfoId")
		return func() any {
			if id, some := auditorOf(ids, sfoID); some {
				return obj{"auditorId": id}
			}
			return obj{}
		}
	},
	"relayConfig": func(in *reader) func() any {
		preset, changes := in.text("preset"), in.object("config")
		return func() any { return newRelayConfig(preset, changes.members).fields() }
	},
	"isLogDown": func(in *reader) func() any {
		distinct, ctrs := in.num("distinct"), in.num("ctrs")
		return func() any { return obj{"down": isLogDown(distinct, ctrs)} }
	},
	"poissonTail": func(in *reader) func() any {
		seen, expected := in.numUpTo("seen", mostExpected), in.fraction("expected")
		if expected > mostExpected {
			badShape("%v is too large a mean", expected)
		}
		return func() any { return obj{"p": poissonTail(seen, expected)} }
	},
}

func decs(list []int64) []string {
	texts := []string{}
	for _, n := range list {
		texts = append(texts, dec(n))
	}
	return texts
}

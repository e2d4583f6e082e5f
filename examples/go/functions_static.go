package main

// staticFunctions are SCT extensions, checkpoints and tiles of static-ct logs.
var staticFunctions = map[string]func(*reader) func() any{
	"decodeSctExtensions": func(in *reader) func() any {
		b := in.hex("bytes")
		return func() any {
			if index := leafIndexOf(b); index != noIndex {
				return obj{"leafIndex": dec(index)}
			}
			return obj{}
		}
	},
	"decodeCheckpoint": func(in *reader) func() any {
		logID, origin, b := in.hash("logId"), in.text("origin"), in.hex("bytes")
		return func() any { return decodeCheckpoint(logID, origin, b).fields() }
	},
	"tilePath": func(in *reader) func() any {
		t := tile{int(in.numUpTo("level", topLevel)), in.num("index"), in.numUpTo("width", 256)}
		if t.width == 0 {
			badShape("%s.width is 0", in.where)
		}
		return func() any { return obj{"path": t.path()} }
	},
	"inclusionTiles": func(in *reader) func() any {
		index, size := in.anyNumber("leafIndex"), in.anyNumber("size")
		return func() any { return obj{"paths": tilePaths(inclusionTiles(index, size))} }
	},
	"consistencyTiles": func(in *reader) func() any {
		size1, size2 := in.anyNumber("size1"), in.anyNumber("size2")
		return func() any { return obj{"paths": tilePaths(consistencyTiles(size1, size2))} }
	},
	"inclusionFromTiles": func(in *reader) func() any {
		index, size := in.anyNumber("leafIndex"), in.anyNumber("size")
		root, read := in.hexOf("root", hashSize), in.hexes("tiles")
		return func() any {
			t := newTiledTree(size, inclusionTiles(index, size), read)
			return obj{"leafIndex": dec(index), "leafHash": hx(t.subtree(index, index+1)),
				"path": t.inclusion(index, 0, size), "genuine": t.genuine(root)}
		}
	},
	"consistencyFromTiles": func(in *reader) func() any {
		size1, size2 := in.anyNumber("size1"), in.anyNumber("size2")
		root, read := in.hexOf("root2", hashSize), in.hexes("tiles")
		return func() any {
			list := consistencyTiles(size1, size2)
			t, path := newTiledTree(size2, list, read), []string{}
			if len(list) > 0 {
				path = t.consistency(size1, 0, size2, true)
			}
			return obj{"path": path, "genuine": t.genuine(root)}
		}
	},
}

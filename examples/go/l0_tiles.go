package main

import (
	"fmt"
	"math/bits"
)

const (
	maxLeaves = 1 << 40 // of a tree that is read by tiles
	topLevel  = 5
	hashSize  = 32
)

// A tile is 1 to 256 hashes of one level: those of subtrees of 256^level leaves.
type tile struct {
	level        int
	index, width int64
}

// path is C2SP tlog-tiles: the index in groups of three digits, all but the last behind x.
func (t tile) path() string {
	groups := fmt.Sprintf("%03d", t.index%1000)
	for n := t.index / 1000; n > 0; n /= 1000 {
		groups = fmt.Sprintf("x%03d/%s", n%1000, groups)
	}
	name := fmt.Sprintf("tile/%d/%s", t.level, groups)
	if t.width < 256 {
		name += fmt.Sprintf(".p/%d", t.width)
	}
	return name
}

func tilePaths(list []tile) []string {
	paths := []string{}
	for _, t := range list {
		paths = append(paths, t.path())
	}
	return paths
}

// tilesAbove are the full tiles above a leaf from a level on, then the partial tiles of the tree.
func tilesAbove(leaf, size int64, from int) []tile {
	list := []tile{}
	for level := from; level <= topLevel; level++ {
		if n := leaf >> (8 * (level + 1)); n < size>>(8*(level+1)) {
			list = append(list, tile{level, n, 256})
		}
	}
	for level := 0; level <= topLevel; level++ {
		if width := size >> (8 * level) & 255; width > 0 {
			list = append(list, tile{level, size >> (8 * (level + 1)), width})
		}
	}
	return list
}

// inclusionTiles is WIRE-014.1.
func inclusionTiles(index, size int64) []tile {
	need(index >= 0 && index <= maxLeaves && size >= 0 && size <= maxLeaves, "numberTooLarge")
	need(index < size, "indexBeyondSize")
	return tilesAbove(index, size, 0)
}

// consistencyTiles is WIRE-014.3.
func consistencyTiles(size1, size2 int64) []tile {
	need(size1 >= 0 && size1 <= maxLeaves && size2 >= 0 && size2 <= maxLeaves, "numberTooLarge")
	need(size1 <= size2, "sizeOrder")
	if size1 == 0 || size1 == size2 {
		return []tile{}
	}
	return tilesAbove(size1-1, size2, bits.TrailingZeros64(uint64(size1))/8)
}

// A tiledTree has the hashes of a tree of which some tiles were read.
type tiledTree struct {
	size  int64
	tiles []tile
	read  [][]byte
}

func newTiledTree(size int64, list []tile, read [][]byte) *tiledTree {
	need(len(list) == len(read), "tileCount")
	for i, t := range list {
		need(int64(len(read[i])) == t.width*hashSize, "tileLength")
	}
	return &tiledTree{size, list, read}
}

// hashes are count of one level, from the tile in which they are.
func (t *tiledTree) hashes(level int, from, count int64) []byte {
	for i, one := range t.tiles {
		first := from - one.index<<8
		if one.level == level && first >= 0 && first+count <= one.width {
			return t.read[i][first*hashSize : (first+count)*hashSize]
		}
	}
	panic(fmt.Sprintf("no tile with hash %d of level %d", from, level))
}

// subtree hashes the leaves from begin to end as RFC 9162 2.1.1 does.
func (t *tiledTree) subtree(begin, end int64) []byte {
	if count := end - begin; count&(count-1) == 0 {
		height := bits.TrailingZeros64(uint64(count))
		level := height / 8
		return combine(t.hashes(level, begin>>(8*level), 1<<(height%8)))
	}
	middle := begin + splitOf(end-begin)
	return nodeHash(t.subtree(begin, middle), t.subtree(middle, end))
}

// combine hashes a power of two of hashes to one.
func combine(list []byte) []byte {
	if len(list) == hashSize {
		return list
	}
	middle := len(list) / 2
	return nodeHash(combine(list[:middle]), combine(list[middle:]))
}

// splitOf is the largest power of two below n.
func splitOf(n int64) int64 { return 1 << (bits.Len64(uint64(n-1)) - 1) }

// inclusion is PATH of RFC 6962 2.1.1.
func (t *tiledTree) inclusion(index, begin, end int64) []string {
	if end-begin == 1 {
		return []string{}
	}
	middle := begin + splitOf(end-begin)
	if index < middle {
		return append(t.inclusion(index, begin, middle), hx(t.subtree(middle, end)))
	}
	return append(t.inclusion(index, middle, end), hx(t.subtree(begin, middle)))
}

// consistency is SUBPROOF of RFC 6962 2.1.2; known says that the first tree is all of this subtree's left edge.
func (t *tiledTree) consistency(size1, begin, end int64, known bool) []string {
	if size1 == end {
		if known {
			return []string{}
		}
		return []string{hx(t.subtree(begin, end))}
	}
	middle := begin + splitOf(end-begin)
	if size1 <= middle {
		return append(t.consistency(size1, begin, middle, known), hx(t.subtree(middle, end)))
	}
	return append(t.consistency(size1, middle, end, false), hx(t.subtree(begin, middle)))
}

// genuine is WIRE-014.4: the partial tiles hash to the root, each full one to its hash in the tile above.
func (t *tiledTree) genuine(root []byte) bool {
	for i, one := range t.tiles {
		if one.width == 256 && hx(combine(t.read[i])) != hx(t.hashes(one.level+1, one.index, 1)) {
			return false
		}
	}
	return len(t.tiles) == 0 || hx(t.subtree(0, t.size)) == hx(root)
}

package main

import "crypto/sha256"

const maxPath = 64 // WIRE-005.1

func nodeHash(left, right []byte) []byte {
	sum := sha256.Sum256(join([]byte{1}, left, right))
	return sum[:]
}

// hashes reads 32-byte hashes in hexadecimal, or fails with badHash.
func hashes(texts ...string) [][]byte {
	list := [][]byte{}
	for _, t := range texts {
		need(hashText.MatchString(t), "badHash")
		list = append(list, unhex(t, "hash"))
	}
	return list
}

// inclusionLength is the length of the path of a leaf in a tree (RFC 9162 2.1.3.1).
func inclusionLength(index, size int64) int {
	length := 0
	for last := size - 1; last > 0; index, last = index>>1, last>>1 {
		if index&1 == 1 || index < last {
			length++
		}
	}
	return length
}

// verifyInclusion is RFC 9162 2.1.3.2.
func verifyInclusion(hash string, index, size int64, root string, path []string) {
	need(index >= 0 && size >= 0, "numberTooLarge")
	need(size > 0, "emptyTree")
	need(index < size, "indexBeyondSize")
	need(len(path) <= maxPath, "pathLength")
	read := hashes(append([]string{hash, root}, path...)...)
	need(len(path) == inclusionLength(index, size), "pathLength")
	node := read[0]
	fn, sn := index, size-1
	for _, p := range read[2:] {
		if fn&1 == 1 || fn == sn {
			node = nodeHash(p, node)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			node = nodeHash(node, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	need(sn == 0 && hx(node) == root, "rootMismatch")
}

// verifyConsistency is RFC 9162 2.1.4.2.
func verifyConsistency(size1 int64, root1 string, size2 int64, root2 string, path []string) {
	need(size1 >= 0 && size2 >= 0, "numberTooLarge")
	need(size1 > 0, "emptyTree")
	need(size1 <= size2, "sizeOrder")
	need(len(path) <= maxPath, "pathLength")
	read := hashes(append([]string{root1, root2}, path...)...)
	proof := read[2:]
	if size1 == size2 {
		need(len(path) == 0, "pathLength")
		need(root1 == root2, "rootMismatch")
		return
	}
	if size1&(size1-1) == 0 {
		proof = append([][]byte{read[0]}, proof...)
	}
	fn, sn := size1-1, size2-1
	for fn&1 == 1 {
		fn, sn = fn>>1, sn>>1
	}
	need(len(proof) == 1+inclusionLength(fn, sn+1), "pathLength")
	fr, sr := proof[0], proof[0]
	for _, c := range proof[1:] {
		if fn&1 == 1 || fn == sn {
			fr, sr = nodeHash(c, fr), nodeHash(c, sr)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			sr = nodeHash(sr, c)
		}
		fn, sn = fn>>1, sn>>1
	}
	need(hx(fr) == root1 && hx(sr) == root2 && sn == 0, "rootMismatch")
}

package main

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

const commitmentWords = 8

func commitmentName(i int) string { return fmt.Sprintf("ct-ext-digest-%d", i) }

// commitmentParams is CONS-006.1 and the line for torrc of CONS-006.2.
func commitmentParams(digest []byte) (params obj, line string) {
	params, words := obj{}, []string{"ConsensusParams"}
	for i := range commitmentWords {
		word := dec(int64(int32(binary.BigEndian.Uint32(digest[4*i:]))))
		params[commitmentName(i)] = word
		words = append(words, commitmentName(i)+"="+word)
	}
	return params, strings.Join(words, " ")
}

// committedDigest reads the parameters back; none without all eight.
func committedDigest(params map[string]int32) (digest []byte, some bool) {
	for i := range commitmentWords {
		word, there := params[commitmentName(i)]
		if !there {
			return nil, false
		}
		digest = binary.BigEndian.AppendUint32(digest, uint32(word))
	}
	return digest, true
}

func int32Of(s string) (n int32, ok bool) {
	wide, err := strconv.ParseInt(s, 10, 32)
	return int32(wide), err == nil && dec(wide) == s
}

func (r *reader) params(name string) map[string]int32 {
	o := r.object(name)
	params := map[string]int32{}
	for key := range o.members {
		n, ok := int32Of(o.text(key))
		if !ok {
			badShape("%s.%s is no Int32", o.where, key)
		}
		params[key] = n
	}
	return params
}

func paramFields(params map[string]int32) obj {
	out := obj{}
	for name, n := range params {
		out[name] = dec(int64(n))
	}
	return out
}

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// canonical is RFC 8785 for values whose numbers are integers from 0 to 2^53-1 (EVID-003.1).
func canonical(v any) string {
	switch value := v.(type) {
	case json.Number:
		return dec(wholeNumber(value))
	case string:
		return canonicalText(value)
	case []any:
		parts := []string{}
		for _, one := range value {
			parts = append(parts, canonical(one))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		parts := []string{}
		for _, name := range namesInOrder(value) {
			parts = append(parts, canonicalText(name)+":"+canonical(value[name]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	default:
		return fmt.Sprint(v) // true, false
	}
}

// namesInOrder is the order of UTF-16 code units.
func namesInOrder(o map[string]any) []string {
	names := []string{}
	for name := range o {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
	})
	return names
}

var shortEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func canonicalText(s string) string {
	out := strings.Builder{}
	for _, r := range s {
		if short, some := shortEscapes[r]; some {
			out.WriteString(short)
		} else if r < 0x20 {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return `"` + out.String() + `"`
}

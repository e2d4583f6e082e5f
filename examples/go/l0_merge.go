package main

import (
	"slices"
	"strings"
)

const (
	contentStart = "content\n"
	contentEnd   = "directory-footer\n"
)

// readContent reads the lines between `content` and `directory-footer` of a vote or an extension document.
func readContent(text string) *documentLines {
	d := &documentLines{params: map[string]int32{}, seen: map[string]bool{}, lines: map[string]string{}}
	if text == "" {
		return d
	}
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		d.line(line)
	}
	return d
}

func readVote(text string) *documentLines {
	d, failed := attempt(func() *documentLines {
		needText([]byte(text))
		need(len(text) <= maxDocument && strings.Count(text, "\n") <= maxLines, "tooLarge")
		need(strings.HasPrefix(text, contentStart) && strings.HasSuffix(text, "\n"+contentEnd), "truncated")
		need(!strings.Contains(text, "\n"+signatureWord), "truncated")
		return readContent(text[len(contentStart) : len(text)-len(contentEnd)])
	})
	need(failed == "", "badVote")
	return d
}

// mergeVotes is CONS-007.
func mergeVotes(votes []string, authorities int64) string {
	need(int64(len(votes)) <= authorities, "tooManyVotes")
	read := []*documentLines{}
	for _, text := range votes {
		read = append(read, readVote(text))
	}
	majority := func(count int) bool { return 2*int64(count) > authorities }
	logs := agreed(read, "log ", 256, majority)
	heads := []string{}
	for _, line := range logs {
		if best := newestHead(read, line); best != "" {
			heads = append(heads, best)
		}
	}
	lines := slices.Concat(mergedParams(read, majority), logs, heads,
		agreed(read, "ctr ", 10000, majority), agreed(read, "auditor ", 64, majority))
	merged := contentStart
	for _, line := range lines {
		merged += line + "\n"
	}
	return merged + contentEnd
}

// agreed are the lines of one keyword that a majority has, by what follows the keyword (CONS-007.1, CONS-007.4).
func agreed(votes []*documentLines, keyword string, limit int, majority func(int) bool) []string {
	counts, lines := map[string]int{}, []string{}
	for _, d := range votes {
		for key, line := range d.lines {
			if strings.HasPrefix(key, keyword) {
				counts[line]++
			}
		}
	}
	for line, count := range counts {
		if majority(count) {
			lines = append(lines, line)
		}
	}
	need(len(lines) <= limit, "tooMany")
	slices.Sort(lines)
	return lines
}

// newestHead is CONS-007.2.
func newestHead(votes []*documentLines, logLine string) string {
	f := strings.Split(logLine, " ")
	key, _ := strictBase64(f[4])
	l := &log{id: f[1], key: key}
	newest, best := int64(-1), ""
	for _, d := range votes {
		for _, h := range d.c.sths {
			line := d.lines["sth "+h.key()]
			if h.logID != l.id || h.timestamp < newest || h.timestamp == newest && line <= best || !sthValid(l, h) {
				continue
			}
			newest, best = h.timestamp, line
		}
	}
	return best
}

// mergedParams is CONS-007.3: the low median.
func mergedParams(votes []*documentLines, majority func(int) bool) []string {
	values, words := map[string][]int32{}, []string{}
	for _, d := range votes {
		for name, n := range d.params {
			values[name] = append(values[name], n)
		}
	}
	names := []string{}
	for name, list := range values {
		if majority(len(list)) {
			names = append(names, name)
		}
	}
	need(len(names) <= 256, "tooMany")
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	for _, name := range names {
		list := values[name]
		slices.Sort(list)
		words = append(words, name+"="+dec(int64(list[(len(list)-1)/2])))
	}
	return []string{"params " + strings.Join(words, " ")}
}

package main

import (
	"crypto/sha256"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

const (
	maxDocument     = 4 << 20 // CONS-001.5
	maxLines        = 65536
	signatureWord   = "directory-signature "
	consensusDomain = "ctor consensus v1\x00"
	urlLabel        = `[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`
	urlOctet        = `(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
)

var (
	signatureLine = regexp.MustCompile(`^directory-signature ([0-9a-f]{64}) ([0-9a-f]{128})$`)
	urlPattern    = regexp.MustCompile(`^https?://(?:(` + urlLabel + `(?:\.` + urlLabel + `)*)|((?:` + urlOctet + `\.){3}` + urlOctet + `)|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{1,5}))?(?:/[A-Za-z0-9._~-]+)*$`)
	keyword       = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	paramPattern  = regexp.MustCompile(`^([A-Za-z0-9_-]{1,64})=(0|-?[1-9][0-9]*)$`)
)

// parseConsensus checks size, text, version, signatures, then the lines in order (CONS-001).
func parseConsensus(document []byte, authorities [][]byte) any {
	need(len(document) <= maxDocument && strings.Count(string(document), "\n") <= maxLines, "tooLarge")
	needText(document)
	text := string(document)
	need(strings.HasPrefix(text, "ctor-consensus-version 1\n"), "badVersion")
	split := strings.Index(text, "\n"+signatureWord) + 1
	need(split > 0 && strings.HasSuffix(text[:split], "\n"+contentEnd), "truncated")
	body, tail := text[:split-len(contentEnd)], text[split:]
	digest := checkSignatures(text[:len(text)-len(tail)]+signatureWord, tail, authorities)
	d := &documentLines{params: map[string]int32{}, seen: map[string]bool{}, lines: map[string]string{}}
	d.c.digest = digest
	for _, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n")[1:] {
		d.line(line)
	}
	need(d.seen["valid-after"] && d.seen["fresh-until"] && d.seen["valid-until"], "missing")
	need(d.c.validAfter < d.c.freshUntil && d.c.freshUntil <= d.c.validUntil, "badTimes")
	out := d.c.fields()
	out["params"] = paramFields(d.params)
	if d.torConsensus != "" {
		out["torConsensus"] = d.torConsensus
	}
	return out
}

// needText takes printable ASCII in lines that end with LF, none of them empty.
func needText(document []byte) {
	need(len(document) > 0 && document[len(document)-1] == '\n', "notText")
	need(!strings.Contains("\n"+string(document), "\n\n"), "notText")
	for _, b := range document {
		need(b == '\n' || b >= 0x20 && b < 0x7f, "notText")
	}
}

// checkSignatures is CONS-001.1 and CONS-001.4.
func checkSignatures(signed, tail string, authorities [][]byte) string {
	sum := sha256.Sum256([]byte(signed))
	message := append([]byte(consensusDomain), sum[:]...)
	lines := strings.Split(strings.TrimSuffix(tail, "\n"), "\n")
	need(len(lines) <= 64, "badSignatureLine")
	good := map[string]bool{}
	known := map[string]bool{}
	for _, a := range authorities {
		known[hx(a)] = true
	}
	seen := map[string]bool{}
	for _, line := range lines {
		parts := signatureLine.FindStringSubmatch(line)
		need(parts != nil && !seen[parts[1]], "badSignatureLine")
		seen[parts[1]] = true
		if known[parts[1]] && ed25519Signed(unhex(parts[1], "key"), message, unhex(parts[2], "signature")) {
			good[parts[1]] = true
		}
	}
	need(2*len(good) > len(known), "badSignature")
	return hx(sum[:])
}

type documentLines struct {
	c            consensus
	params       map[string]int32
	torConsensus string
	seen         map[string]bool
	lines        map[string]string // by keyword and what identifies them
}

// keep is once for a line that votes are merged by, without the arguments that are ignored.
func (d *documentLines) keep(key string, f []string) {
	d.once(key)
	d.lines[key] = strings.Join(f, " ")
}

// listed leaves the arguments that a keyword has and, of those behind, the first with that name.
func listed(f []string, required int, optional string) []string {
	for _, option := range f[required:] {
		if strings.HasPrefix(option, optional) {
			return append(append([]string{}, f[:required]...), option)
		}
	}
	return f[:required]
}

func (d *documentLines) once(key string) { need(!d.seen[key], "duplicate"); d.seen[key] = true }

func lineNumber(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	need(decimal.MatchString(s) && err == nil && n <= maxNumber, "badLine")
	return n
}

// lineURL is a URL of consensus.md; what IDNA says of a label is not looked at.
func lineURL(s string) string {
	parts := urlPattern.FindStringSubmatch(s)
	need(parts != nil && len(s) <= 255, "badLine")
	if name := parts[1]; name != "" && parts[2] == "" {
		last := name[strings.LastIndex(name, ".")+1:]
		address := regexp.MustCompile(`^(` + urlOctet + `\.){3}` + urlOctet + `$`).MatchString(name)
		need(address || last[0] > '9', "badLine")
	}
	if parts[3] != "" {
		_, err := netip.ParseAddr(parts[3])
		need(err == nil && strings.Contains(parts[3], ":"), "badLine")
	}
	port, _ := strconv.Atoi("0" + parts[4])
	need(port <= 65535, "badLine")
	return s
}

// keyID is the ID of an auditor: SHA-256 of its key.
func keyID(key string) string {
	sum := sha256.Sum256(unhex(key, "key"))
	return hx(sum[:])
}

func lineHash(s string) string { need(hashText.MatchString(s), "badLine"); return s }

func (d *documentLines) line(line string) {
	f := strings.Split(line, " ")
	fields := func(n int) { need(len(f) >= n, "badLine") }
	c := &d.c
	need(keyword.MatchString(f[0]), "badLine")
	switch f[0] {
	case "tor-consensus":
		fields(2)
		d.torConsensus = lineHash(f[1])
		d.once(f[0])
	case "valid-after", "fresh-until", "valid-until":
		fields(2)
		n := lineNumber(f[1])
		d.once(f[0])
		*map[string]*int64{"valid-after": &c.validAfter, "fresh-until": &c.freshUntil, "valid-until": &c.validUntil}[f[0]] = n
	case "params":
		d.once(f[0])
		need(len(f)-1 <= 256, "tooMany")
		for _, one := range f[1:] {
			parts := paramPattern.FindStringSubmatch(one)
			need(parts != nil, "badLine")
			n, ok := int32Of(parts[2])
			need(ok, "badLine")
			d.once("param " + parts[1])
			d.params[parts[1]] = n
		}
	case "log":
		fields(5)
		l := listedLog{id: lineHash(f[1]), mmd: lineNumber(f[2]), url: f[3], key: f[4]}
		lineURL(l.url)
		f = listed(f, 5, "static=")
		if len(f) == 6 {
			l.monitoringURL = lineURL(f[5][len("static="):])
		}
		key, ok := strictBase64(l.key)
		sum := sha256.Sum256(key)
		need(ok && hx(sum[:]) == l.id, "badLine")
		d.keep("log "+l.id, f)
		need(len(c.logs) < 256, "tooMany")
		c.logs = append(c.logs, l)
	case "sth":
		fields(6)
		h := sth{lineHash(f[1]), lineNumber(f[2]), lineNumber(f[3]), lineHash(f[4]), f[5]}
		need(hexText.MatchString(f[5]) && len(f[5]) > 0 && len(f[5]) <= 2200, "badLine")
		need(d.seen["log "+h.logID], "unknownLog")
		d.keep("sth "+h.key(), f[:6])
		need(len(c.sths) < 1024, "tooMany")
		c.sths = append(c.sths, h)
	case "ctr":
		fields(3)
		one := ctr{lineHash(f[1]), lineURL(f[2]), []string{}}
		f = listed(f, 3, "family=")
		if len(f) == 4 {
			for _, id := range strings.Split(f[3][len("family="):], ",") {
				one.family = append(one.family, lineHash(id))
			}
			need(len(one.family) <= 256, "tooMany")
		}
		d.keep("ctr "+one.id, f)
		need(len(c.ctrs) < 10000, "tooMany")
		c.ctrs = append(c.ctrs, one)
	case "auditor":
		fields(3)
		lineURL(f[2])
		d.keep("auditor "+lineHash(f[1]), f[:3])
		need(len(c.auditors) < 64, "tooMany")
		c.auditors = append(c.auditors, auditor{keyID(f[1]), f[1], f[2]})
	}
}

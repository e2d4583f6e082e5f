package main

import (
	"regexp"
	"strings"
)

// policyValues are the values of the eight parameters (RELAY-120.1); the first is that of `seed`, the second of `hardened`.
var policyValues = map[string][2]string{
	"bucketing": {"coin", "choose"}, "whileActive": {"drop", "defer"}, "referenceSth": {"latest", "first-due"},
	"notDue": {"challenge", "hold"}, "order": {"challenge-first", "forward-first"}, "forwardHops": {"unbounded", "one"},
	"reporting": {"never", "auditor"}, "bucketFull": {"end-wait", "evict"},
}

const (
	maxDuration = 366 * 24 * 3600 * 1000
	maxCapacity = 1 << 21
	maxBuckets  = 30
)

// A member is a number of the configuration: that of `seed` and `hardened`, that of `minimal`, and its range.
type member struct{ usual, minimal, low, high int64 }

// The ranges are not in spec/; see README.md.
var members = map[string]member{
	"n": {8, 2, 1, maxBuckets}, "k": {2, 1, 1, maxBuckets}, "waitMs": {600000, 10, 0, maxDuration},
	"roundDeadlineMs": {300000, 5, 1, maxDuration}, "bucketCapacity": {4096, 2, 1, maxCapacity},
	"proofCapacity": {65536, 2, 1, maxCapacity}, "proofLifetimeMs": {86400000, 20, 0, maxDuration},
	"forwardMemoryMs": {86400000, 20, 0, maxDuration}, "forwardMemoryCapacity": {65536, 2, 1, maxCapacity},
	"variantsPerLeaf": {4, 2, 1, maxCapacity}, "addressCapacity": {64, 2, 1, maxCapacity},
	"addressLifetimeMs": {3600000, 20, 0, maxDuration}, "holdLimitMs": {259200000, 30, 0, maxDuration},
	"reportCapacity": {1024, 1, 0, maxCapacity}, "sthsPerLog": {72, 3, 1, maxCapacity},
	"pairsPerFetch": {256, 2, 0, maxCapacity},
}

var smallNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,15})$`)

type relayConfig struct {
	policy  map[string]string
	self    string
	family  []string
	numbers map[string]int64
}

// newRelayConfig puts changes in place of a preset's members, nested ones likewise.
func newRelayConfig(preset string, changes map[string]any) *relayConfig {
	c := &relayConfig{map[string]string{}, strings.Repeat("0", 64), []string{}, map[string]int64{}}
	if preset != "seed" && preset != "hardened" && preset != "minimal" {
		badShape("no preset %q", preset)
	}
	for name, m := range members {
		c.numbers[name] = m.usual
		if preset == "minimal" {
			c.numbers[name] = m.minimal
		}
	}
	for name, values := range policyValues {
		c.policy[name] = values[1]
		if preset == "seed" || name == "order" {
			c.policy[name] = values[0]
		}
	}
	for name, value := range changes {
		c.change(name, value)
	}
	for name, m := range members {
		need(c.numbers[name] >= m.low && c.numbers[name] <= m.high, "outOfRange")
	}
	need(c.numbers["k"] <= c.numbers["n"], "kExceedsN") // RELAY-009.2
	return c
}

func (c *relayConfig) change(name string, value any) {
	const bad = "badConfig"
	switch {
	case name == "policy":
		changes, ok := value.(map[string]any)
		need(ok, bad)
		for parameter, v := range changes {
			values, known := policyValues[parameter]
			need(known && (v == values[0] || v == values[1]), bad)
			c.policy[parameter] = v.(string)
		}
	case name == "self":
		text, ok := value.(string)
		need(ok && hashText.MatchString(text), bad)
		c.self = text
	case name == "family":
		list, ok := stringList(value)
		need(ok, bad)
		for _, one := range list {
			need(hashText.MatchString(one), bad)
		}
		c.family = append([]string{}, list...)
	default:
		text, ok := value.(string)
		_, known := members[name]
		need(ok && known && smallNumber.MatchString(text), bad)
		n := int64(0)
		for _, digit := range text {
			n = n*10 + int64(digit-'0')
		}
		need(n <= maxNumber, bad)
		c.numbers[name] = n
	}
}

func (c *relayConfig) fields() obj {
	out := obj{"policy": c.policy, "self": c.self, "family": c.family}
	for name, n := range c.numbers {
		out[name] = dec(n)
	}
	return out
}

// has says whether a parameter of the policy has this value.
func (c *relayConfig) has(parameter, value string) bool { return c.policy[parameter] == value }

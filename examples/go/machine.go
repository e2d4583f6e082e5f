package main

// A step is what a machine answers to one event: a disposition, with a reason where it is not `accepted`, and effects.
type step struct {
	disposition string
	reason      string
	effects     []any
}

func accepted(effects ...any) step     { return step{"accepted", "", effects} }
func ignored(reason string) step       { return step{"ignored", reason, nil} }
func rejected(reason string) step      { return step{"rejected", reason, nil} }
func (s step) with(effect ...any) step { s.effects = append(s.effects, effect...); return s }

// A machine takes one event at a time and shows its state as any implementation can (conformance.md, "States").
type machine interface {
	take(event *reader) step
	state() obj
}

func runMachine(id string, m *reader) obj {
	name, preset, config := m.text("machine"), m.text("preset"), m.object("config")
	events := m.list("events")
	m.done()
	var it machine
	switch name {
	case "sfo":
		it = newSfoMachine(preset, config)
	case "relay":
		c, failed := attempt(func() *relayConfig { return newRelayConfig(preset, config.members) })
		if failed != "" {
			badShape("config: %s", failed)
		}
		it = newRelay(c)
	default:
		return obj{"type": "skipped", "id": id, "reason": "no machine " + name}
	}
	steps := []any{}
	for _, v := range events {
		s := it.take(object(v, "event"))
		if s.effects == nil {
			s.effects = []any{}
		}
		answer := obj{"disposition": s.disposition, "effects": s.effects, "state": it.state()}
		if s.reason != "" {
			answer["reason"] = s.reason
		}
		steps = append(steps, answer)
	}
	return obj{"type": "result", "id": id, "steps": steps}
}

var outcomes = map[string]bool{"proven": true, "notDue": true, "unreachable": true, "refused": true, "badProof": true, "contradiction": true}

// outcome reads one of the six ends of a challenge (RELAY-004.1).
func (r *reader) outcome(name string) string {
	s := r.text(name)
	if !outcomes[s] {
		badShape("%s.%s: no outcome %q", r.where, name, s)
	}
	return s
}

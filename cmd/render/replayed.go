package render

import (
	"slices"
	"strings"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// Replayed prints a state as JSON, or its part at path. Its notes
// come from [Printer.ReplayedNote]. If path doesn't exist, Replayed prints nothing and
// returns a [state.PathError].
func (p *Printer) Replayed(r *inspect.Replayed, path state.Path) error {
	v, err := path.Lookup(r.State)
	if err != nil {
		return err
	}
	p.state(v)
	return nil
}

// ReplayedNote returns lines that name the point of a state, its fold and the events
// without a handler, without a final line break. They go to standard error while the
// state goes to standard output.
func (p *Printer) ReplayedNote(r *inspect.Replayed) string {
	folded := count(r.Account.Events, "event", "events")
	note := safe(p.MomentText(r.Moment)) + "\n" + p.foldedBy(r.Projection) + " (" + folded + ")"
	if s := unhandled(r.Account.Tally); s != "" {
		note += "\n" + s
	}
	return string(note)
}

// unhandledMost is the maximum number of types of unhandled events listed.
const unhandledMost = 8

// unhandled lists the unhandled events by type, most frequent first.
func unhandled(t replay.Tally) safe {
	var types []string
	var total int64
	for name, n := range t.Unhandled {
		types = append(types, name)
		total += n
	}
	if total == 0 {
		return ""
	}
	slices.SortFunc(types, func(a, b string) int {
		if d := t.Unhandled[b] - t.Unhandled[a]; d != 0 {
			return int(min(max(d, -1), 1))
		}
		return strings.Compare(a, b)
	})
	s := count(total, "event without a handler", "events without a handler") + ": "
	for i, name := range types[:min(len(types), unhandledMost)] {
		if i > 0 {
			s += ", "
		}
		s += number(t.Unhandled[name]) + " " + clean(name)
	}
	if n := len(types) - unhandledMost; n > 0 {
		s += " … " + count(int64(n), "more type", "more types")
	}
	return s
}

// Step prints the state after one event of several, below a line that names the
// event. It must be called before the next step is made.
func (p *Printer) Step(s *replay.Step, at replay.Moment) error {
	p.momentLine(at)
	if !s.Handled {
		p.dim("  (no handler)")
	}
	p.endText()
	p.state(s.Root)
	return p.err
}

// momentLine prints [Printer.MomentText] with styles, without a line break.
func (p *Printer) momentLine(m replay.Moment) {
	p.put(p.st.strong, pointName(m))
	if m.IsStart() {
		p.dim("  before the first event")
		return
	}
	if t := p.time(m.Time); t != "" {
		p.dim("  " + t)
	}
	if m.EventType != "" {
		p.text("  " + clean(m.EventType))
	}
}

package mcp

import (
	"fmt"
	"strconv"
	"strings"

	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
)

func check(c *call) (*reply, error) {
	answer, err := c.checked()
	if err != nil {
		return nil, err
	}
	shape := wire.NewChecked(answer.Result)
	r := c.reply()
	r.set("as_of", asOf(shape.At))
	r.put("streams", value(shape.Streams), maxKey)
	r.put("events", value(shape.Events), maxKey)
	type found struct {
		invariant string
		wire.Violation
	}
	var rows []found
	summary := state.NewArray()
	doubts := 0
	for _, in := range shape.Invariants {
		for _, v := range in.Violations {
			rows = append(rows, found{in.Name, v})
		}
		doubts += len(in.Errors) + len(in.Unknown)
		summary.Append(invariantRow(in))
	}
	r.put("invariants", summary.Value(), r.budget/2)
	for _, in := range shape.Invariants {
		c.putDoubt(r, in)
	}
	many := len(shape.Invariants) > 1
	more := addPage(r, "violations", rows, &c.a, func(f found) any {
		n := object("stream", f.Stream, "culprit", headOf(&f.Culprit, f.Stream), "turns", f.Turns, "recovered", f.Recovered)
		if f.RecoveredAt != nil {
			n.Set("recovered_at", value(pointOf(*f.RecoveredAt)))
		}
		if f.FromStart {
			n.Set("from_start", value(true))
		}
		if many {
			n.Set("invariant", value(f.invariant))
		}
		return n.Value()
	})
	if more {
		r.then("check", "the rest", c.again("at", c.sameMoment(shape.At), "offset", c.a.Offset+r.shown))
	}
	if len(rows) > 0 {
		first := rows[0]
		r.then("blame", "what the first event set", c.here("stream", first.Stream, "at", strconv.FormatInt(first.Culprit.Version, 10)))
	}
	r.finding = replay.Counted(len(rows), "violation", "violations") + " in " + replay.Counted(shape.Streams, "stream", "streams") +
		"; " + replay.Counted(doubts, "stream is not known", "streams are not known") + leftOut(shape)
	r.command = c.command("check", nil, "--at", c.a.At)
	if c.condition().Given() {
		r.command = c.command("bisect", nil, "--all", flagOn, "--bad", c.a.Bad, "--good", c.a.Good, "--at", c.a.At)
	}
	return r, nil
}

// leftOut names what may be events of any stream.
func leftOut(shape wire.Checked) string {
	if len(shape.LeftOut) == 0 {
		return ""
	}
	return "; left out of every stream: " + strings.Join(shape.LeftOut, ", ")
}

// checked tests the condition of the call, or the invariants of asof.toml.
func (c *call) checked() (*ask.Checked, error) {
	if c.condition().Given() {
		return ask.BisectAll{StoreRef: c.store.Ref, Folding: c.folding(), Condition: c.condition(), At: c.a.At}.Ask(c.ctx, c.w)
	}
	return ask.CheckStore{StoreRef: c.store.Ref, Folding: c.folding(), At: c.a.At}.Ask(c.ctx, c.w)
}

// sameMoment is the moment of the call, of the whole store, as the next page has to name
// it. A time stays one: where times run backwards, no position is the same moment.
func (c *call) sameMoment(m *wire.Moment) string {
	if p, err := replay.ParsePoint(c.a.At, c.w.Env()); err == nil {
		if _, byTime := p.Time(); byTime {
			return p.String()
		}
	}
	if m != nil && m.Position != nil {
		return fmt.Sprintf("pos:%d", *m.Position)
	}
	return c.a.At
}

// asOf is a moment of the whole store, or null if it has no positions.
func asOf(m *wire.Moment) state.Value {
	switch {
	case m == nil:
		return state.NullValue()
	case m.Version == nil:
		return momentOf(m)
	}
	return object("position", valueOf(m).Node().Get("position"), "time", valueOf(m).Node().Get("time")).Value()
}

// invariantRow sums up what became of an invariant.
func invariantRow(in wire.Invariant) state.Value {
	groups := state.NewArray()
	for i := range in.Groups[:min(len(in.Groups), 10)] {
		groups.Append(valueOf(&in.Groups[i]))
	}
	n := object("name", in.Name, "predicate", in.Predicate, "streams", in.Streams, "violated_in", len(in.Violations), "not_judged", len(in.Errors),
		"not_read", len(in.Unknown), "culprits", groups)
	recovered := 0
	for _, v := range in.Violations {
		if v.Recovered {
			recovered++
		}
	}
	n.Set("recovered", value(recovered))
	return n.Value()
}

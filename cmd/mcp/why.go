package mcp

import (
	"fmt"
	"slices"
	"strconv"

	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
)

// maxSuspects bounds the inputs that a reply suggests to ask about.
const maxSuspects = 2

// why shows the values of a chain as rows, each with the inputs that it was made from.
// Inputs that were tried and have no effect are left out.
func (c *call) why(r *reply, q ask.Blame) error {
	answer, err := ask.Why{Timeline: q.Timeline, Path: q.Path}.Ask(c.ctx, c.w)
	if err != nil {
		return err
	}
	shape := wire.NewWhy(answer)
	c.found(shape.Moment.Stream)
	r.set("moment", momentOf(&shape.Moment))
	r.set("account", accountOf(shape.Account))
	r.put("projection", value(shape.Projection), maxKey)
	var rows []*wire.WhyNode
	for i := range shape.Nodes {
		if n := &shape.Nodes[i]; n.Open && n.Kind == "state" && (n.Event != nil || i == 0) {
			rows = append(rows, n)
		}
	}
	more := addPage(r, "rows", rows, &c.a, func(n *wire.WhyNode) any { return whyRow(&shape, n) })
	if more {
		r.then("blame", "the rest", c.again("at", pointOf(shape.Moment), "offset", c.a.Offset+r.shown))
	}
	suspects := answer.Root.Suspects()
	for _, in := range suspects[:min(len(suspects), maxSuspects)] {
		if by := in.By; !by.Open {
			r.then("blame", "what this input was computed from", c.again("at", strconv.FormatInt(int64(by.Moment.Version()), 10), "path", by.Name(), "offset", nil))
		}
	}
	if len(suspects) > 0 {
		first := strconv.FormatInt(int64(suspects[0].By.Moment.Version()), 10)
		r.then("state_at", "the value had the event of the first suspect not been", c.here("stream", c.a.Stream, "at", pointOf(shape.Moment), "path", c.a.Path, "edits", dropped(first)))
	}
	matter := slices.DeleteFunc(slices.Clone(shape.Edges), func(e wire.WhyEdge) bool { return e.Verdict != "matters" || e.Kept || e.Output != 1 })
	r.finding = replay.Counted(len(matter), "input matters", "inputs matter") + fmt.Sprintf(", and %d may be the cause", len(suspects))
	return nil
}

// whyRow is a value with its inputs: those that matter, and then those that are not known
// to. Those that the event only left as they were are left out.
func whyRow(all *wire.Why, n *wire.WhyNode) any {
	row := object("path", n.Path, "value", orNull(n.Value), "event", headOf(n.Event, all.Moment.Stream))
	if n.Absent {
		row.Set("absent", value(true))
	}
	if n.Then != nil {
		row.Set("path_then", value(*n.Then))
	}
	if n.Unseen != nil {
		row.Set("unseen", value(*n.Unseen))
	}
	if n.Untested > 0 {
		row.Set("untested", value(n.Untested))
	}
	inputs := state.NewArray()
	for _, verdict := range []string{"matters", "unknown"} {
		for i := range all.Edges {
			if e := &all.Edges[i]; e.Output == n.ID && e.Verdict == verdict && !e.Kept {
				inputs.Append(inputRow(all, e))
			}
		}
	}
	row.Set("inputs", inputs.Value())
	return labelled(row, n.Label)
}

// inputRow is an input, the value that was put in its place, and what the result would
// then be.
func inputRow(all *wire.Why, e *wire.WhyEdge) state.Value {
	in := &all.Nodes[e.Input-1]
	row := object("from", in.Kind, "path", in.Path)
	if in.Label != "" {
		row.Set("label", value(in.Label))
	}
	row.Set("value", orNull(in.Value))
	if e.Parts {
		row.Set("parts", value(true))
	}
	if in.Kind == "state" {
		row.Set("set_by", headOf(in.Event, all.Moment.Stream))
	}
	switch {
	case e.Verdict != "matters":
		row.Set("verdict", value(e.Verdict))
		return row.Value()
	case !e.EarlierAbsent:
		row.Set("earlier", orNull(e.Earlier))
	case !state.Value(e.Instead).IsAbsent():
		row.Set("instead", orNull(e.Instead))
	}
	switch {
	case e.Fails != nil:
		row.Set("fails", value(*e.Fails))
	case e.WouldAbsent:
		row.Set("would_be_absent", value(true))
	default:
		row.Set("would", orNull(e.Would))
	}
	if e.Changed != nil && *e.Changed != all.Nodes[e.Output-1].Path {
		row.Set("changed", value(*e.Changed))
	}
	return row.Value()
}

package mcp

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"asof/inspect/ask"
	inbisect "asof/inspect/bisect"
	"asof/inspect/wire"
	"asof/replay/state"
)

// maxFlips bounds the flips that a reply lists.
const maxFlips = 40

// maxAfter is how many states are tested after the event that is found, of a long history:
// the next call tests the others.
const maxAfter = 10_000

// maxCausing is how many events are folded to find what a wrong value was made from.
const maxCausing = 20_000

func findChange(c *call) (*reply, error) {
	q := ask.Bisect{Bisection: ask.Bisection{Timeline: c.timeline(""), From: c.a.From, To: c.a.To}, Condition: c.condition(), Enough: maxAfter, Causing: maxCausing}
	answer, err := q.Ask(c.ctx, c.w)
	if err != nil {
		return nil, err
	}
	shape := wire.NewBisected(answer)
	r := c.reply()
	c.found(shape.Stream)
	r.put("verdict", value(shape.Verdict), maxKey)
	r.set("from", momentOf(&shape.From))
	r.set("to", momentOf(&shape.To))
	r.set("account", accountOf(shape.Account))
	r.put("to_bad", value(shape.ToBad), maxKey)
	if shape.Culprit == nil {
		r.put("culprit", state.NullValue(), maxKey)
	} else {
		r.put("culprit", eventOf(*shape.Culprit), r.budget/3)
		r.set("before", momentOf(shape.Before))
		if shape.Cause != nil {
			r.put("cause", causeOf(shape.Cause, shape.Stream), r.budget/4)
		}
	}
	if shape.Recovered != nil {
		r.set("recovered", momentOf(shape.Recovered))
	}
	tested := wire.NewMoment(answer.Tested)
	isCut := answer.Tested != answer.To
	if shape.Without != nil {
		without := valueOf(shape.Without).Node()
		if isCut { // what its end would be is not known
			without.Delete("to_bad")
			without.Set("tested_to", value(pointOf(tested)))
		}
		r.put("without", without.Value(), r.budget/4)
	}
	if isCut {
		r.set("tested_to", momentOf(&tested))
	}
	c.putFlips(r, &shape, pointOf(tested))
	changes := state.NewArray()
	for _, one := range shape.Changes {
		changes.Append(changeRow(one))
	}
	for _, cut := range r.put("changes", changes.Value(), r.budget-200) {
		if cut.path == "" {
			r.then("diff_states", "the rest of the changes", c.here("stream", c.a.Stream, "to", pointOf(*shape.After), "offset", cut.shown))
			break
		}
	}
	if shape.Culprit != nil {
		c.afterChange(r, &shape)
	}
	r.finding = c.verdict(answer)
	if isCut {
		r.finding += "; states after version " + pointOf(tested) + " are not tested, except the last"
	}
	r.command = c.command("bisect", []string{c.a.Stream}, "--bad", c.a.Bad, "--good", c.a.Good, "--from", c.a.From, "--to", c.a.To)
	return r, nil
}

// verdict is the outcome of a search, in words of this package.
func (c *call) verdict(b *inbisect.Result) string {
	switch b.Verdict {
	case inbisect.Found:
		return fmt.Sprintf("the event at version %d turned the state bad", b.After.Version())
	case inbisect.NeverBad:
		return "no state of the range is bad"
	case inbisect.AlwaysBad:
		if !b.ToBad {
			return "the state is bad at the start of the range, becomes good and stays good"
		}
		return "the state is bad from the start of the range on"
	}
	return "which event it was could not be determined"
}

// afterChange suggests what to ask about the event that was found.
func (c *call) afterChange(r *reply, shape *wire.Bisected) {
	at := pointOf(*shape.After)
	suspect := at
	if one := shape.Cause; one != nil {
		if state.Value(one.Value).IsAbsent() { // nothing sets a value that is gone
			r.then("blame", "what was removed", c.here("stream", shape.Stream, "at", at, "removed", true))
		} else {
			r.then("blame", "what the wrong value was computed from", c.here("stream", shape.Stream, "at", at, "path", cmp.Or(one.Label, one.Path), "why", true))
		}
		if in := one.Input; in != nil && in.Event != nil && in.Event.Stream == shape.Stream {
			suspect = strconv.FormatInt(in.Event.Version, 10)
		}
	} else {
		r.then("read_events", "the events up to it, and what each changed", c.here("stream", shape.Stream, "at", at, "newest_first", true, "changes", true, "limit", 5))
	}
	if !strings.HasPrefix(shape.Stream, "proj:") { // check folds streams, whose states are others
		r.then("check", "which other streams it happened to", c.here("bad", c.a.Bad, "good", c.a.Good))
	}
	culprit := strconv.FormatInt(shape.Culprit.Version, 10)
	if shape.Culprit.CorrelationID != nil || shape.Culprit.CausationID != nil {
		r.then("trace", "what caused it", c.without("stream", shape.Culprit.Stream, "at", culprit))
	}
	r.then("state_at", "the state without event "+suspect, c.here("stream", shape.Stream, "at", at, "edits", dropped(suspect)))
}

// causeOf is the value that makes the state bad, and the input of it that another event
// set.
func causeOf(one *wire.Cause, stream string) state.Value {
	n := object("path", one.Path, "value", orNull(one.Value))
	if in := one.Input; in != nil {
		input := object("path", in.Path, "value", orNull(in.Value), "earlier", orNull(in.Earlier), "would", orNull(in.Would), "set_by", headOf(in.Event, stream))
		n.Set("input", labelled(input, in.Label))
	}
	return labelled(n, one.Label)
}

// without is here for a tool that folds nothing.
func (c *call) without(pairs ...any) *state.Node {
	n := c.here(pairs...)
	n.Delete("fold")
	n.Delete("projection")
	return n
}

// dropped are the edits that leave out the event at a point.
func dropped(at string) state.Value {
	version, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return state.NewArray().Value()
	}
	return state.NewArray(object("kind", "drop", "version", version).Value()).Value()
}

// putFlips puts the turns into data. tested is the last state that was tested.
func (c *call) putFlips(r *reply, shape *wire.Bisected, tested string) {
	flips := state.NewArray()
	for i := range shape.Flips[:min(len(shape.Flips), maxFlips)] {
		flips.Append(valueOf(&shape.Flips[i]))
	}
	r.put("flips", flips.Value(), r.budget/3)
	if shape.FlipCount > int64(flips.Len()) {
		r.put("flip_count", value(shape.FlipCount), maxKey)
		last := shape.Flips[flips.Len()-1].Version
		r.then("find_change", "the flips after these", c.again("from", strconv.FormatInt(last, 10), "to", pointOf(shape.To)))
	} else if tested != pointOf(shape.To) {
		r.then("find_change", "the states after these", c.again("from", tested, "to", pointOf(shape.To)))
	}
}

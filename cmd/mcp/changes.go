package mcp

import (
	"fmt"
	"strconv"

	"asof/inspect/ask"
	inbisect "asof/inspect/bisect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
)

// maxFlips bounds the flips that a reply lists.
const maxFlips = 40

func findChange(c *call) (*reply, error) {
	q := ask.Bisect{Bisection: ask.Bisection{Timeline: c.timeline(""), From: c.a.From, To: c.a.To}, Condition: c.condition()}
	answer, err := q.Ask(c.ctx, c.w)
	if err != nil {
		return nil, err
	}
	shape := wire.NewBisected(answer)
	r := c.reply()
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
		c.afterChange(r, &shape)
	}
	if shape.Recovered != nil {
		r.set("recovered", momentOf(shape.Recovered))
	}
	if shape.Without != nil {
		r.set("without", shape.Without)
	}
	c.putFlips(r, &shape)
	changes := state.NewArray()
	for _, one := range shape.Changes {
		changes.Append(changeRow(one))
	}
	r.put("changes", changes.Value(), r.budget-200)
	r.finding = c.verdict(answer)
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
		return "the state is bad from the start of the range on"
	}
	return "it is not known which event it was"
}

// afterChange suggests what to ask about the event that was found.
func (c *call) afterChange(r *reply, shape *wire.Bisected) {
	at := pointOf(*shape.After)
	condition := []any{"bad", c.a.Bad, "good", c.a.Good}
	r.then("read_events", "the events up to it, and what each changed", c.here("stream", shape.Stream, "at", at, "newest_first", true, "changes", true, "limit", 5))
	r.then("check", "which other streams it happened to", c.here(condition...))
	culprit := strconv.FormatInt(shape.Culprit.Version, 10)
	r.then("trace", "what caused it", c.without("stream", shape.Culprit.Stream, "at", culprit))
	r.then("state_at", "the state without it", c.here("stream", shape.Stream, "edits", dropped(at)))
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

func (c *call) putFlips(r *reply, shape *wire.Bisected) {
	flips := state.NewArray()
	for i := range shape.Flips[:min(len(shape.Flips), maxFlips)] {
		flips.Append(valueOf(&shape.Flips[i]))
	}
	r.put("flips", flips.Value(), r.budget/3)
	if shape.FlipCount > int64(flips.Len()) {
		r.put("flip_count", value(shape.FlipCount), maxKey)
		last := shape.Flips[flips.Len()-1].Version
		r.then("find_change", "the flips after these", c.again("from", strconv.FormatInt(last, 10)))
	}
}

// checkBlame holds the forms of a blame apart.
func checkBlame(a *arguments, c *checker) {
	oneFold(a, c)
	switch {
	case a.History && a.Path == "":
		c.add("path", "write a path such as /total", "a history needs a path")
	case a.History && a.Removed:
		c.add("removed", "give one of them", "both history and removed are given")
	case a.History && a.Offset > 0:
		c.add("offset", "use cursor", "a history continues with a cursor")
	case !a.History && a.Cursor != "":
		c.add("cursor", "use offset", "only a history has a cursor")
	}
}

func blame(c *call) (*reply, error) {
	q := ask.Blame{Timeline: c.timeline(c.a.At), Path: c.a.Path}
	r := c.reply()
	var err error
	switch {
	case c.a.History:
		err = c.history(r, q)
	case c.a.Removed:
		err = c.removed(r, q)
	default:
		err = c.blamed(r, q)
	}
	if err != nil {
		return nil, err
	}
	words := []string{c.a.Stream}
	if c.a.Path != "" {
		words = append(words, c.a.Path)
	}
	r.command = c.command("blame", words, "--at", c.a.At, "--history", on(c.a.History), "--reverse", on(c.a.Removed))
	return r, nil
}

func (c *call) blamed(r *reply, q ask.Blame) error {
	answer, err := q.Ask(c.ctx, c.w)
	if err != nil {
		return err
	}
	shape := wire.NewBlamed(answer)
	r.set("moment", momentOf(&shape.Moment))
	r.set("account", accountOf(shape.Account))
	r.put("projection", value(shape.Projection), maxKey)
	more := addPage(r, "rows", shape.Paths, &c.a, func(p wire.PathBlame) any {
		n := object("path", p.Path, "value", orNull(p.Value), "from", p.From, "event", headOf(p.Event, shape.Moment.Stream))
		return labelled(n, p.Label)
	})
	if more {
		r.then("blame", "the rest", c.again("at", c.pinned(shape.From, shape.Moment), "offset", c.a.Offset+r.shown))
	}
	if i := r.firstCut("rows"); i >= 0 {
		r.then("state_at", "a value that is cut", c.here("stream", c.a.Stream, "at", pointOf(shape.Moment), "path", shape.Paths[c.a.Offset+i].Path))
	}
	if c.a.Path != "" {
		r.then("blame", "every event that set it", c.again("history", true, "offset", nil))
	}
	r.finding = fmt.Sprintf("%d paths", len(shape.Paths))
	return nil
}

// pinned is the point or range of a call as it was resolved, so that the next page is of
// the same state.
func (c *call) pinned(from *wire.Moment, to wire.Moment) string {
	if from == nil {
		return pointOf(to)
	}
	return pointOf(*from) + ".." + pointOf(to)
}

func (c *call) removed(r *reply, q ask.Blame) error {
	answer, err := ask.Removed{Blame: q}.Ask(c.ctx, c.w)
	if err != nil {
		return err
	}
	shape := wire.NewGone(answer)
	r.set("moment", momentOf(&shape.Moment))
	r.set("account", accountOf(shape.Account))
	more := addPage(r, "rows", shape.Removed, &c.a, func(p wire.Removed) any {
		return labelled(object("path", p.Path, "value", orNull(p.Value), "event", headOf(p.Event, shape.Moment.Stream)), p.Label)
	})
	if more {
		r.then("blame", "the rest", c.again("at", c.pinned(shape.From, shape.Moment), "offset", c.a.Offset+r.shown))
	}
	r.finding = fmt.Sprintf("%d paths were removed", len(shape.Removed))
	return nil
}

func (c *call) history(r *reply, q ask.Blame) error {
	for limit := c.a.Limit; ; limit = r.shown {
		h := ask.History{Blame: q, Page: ask.Page{Limit: limit, Cursor: c.a.Cursor}}
		answer, err := h.Ask(c.ctx, c.w)
		if err != nil {
			return err
		}
		*r = *c.reply()
		moment := wire.NewMoment(answer.Moment)
		r.set("moment", momentOf(&moment))
		r.put("path", value(answer.Path), maxKey)
		r.list("rows")
		for _, e := range answer.Entries {
			if !r.row(historyRow(wire.NewHistoryEntry(e), moment.Stream), c.a.Limit) {
				break
			}
		}
		if r.shown < len(answer.Entries) && r.shown > 0 {
			continue // only the last of a page has a cursor
		}
		r.left = 0
		if n := len(answer.Entries); n > 0 && answer.Entries[n-1].Cursor != "" {
			r.left = unknown
			r.then("blame", "the rest", c.again("cursor", answer.Entries[n-1].Cursor))
		}
		if r.total = answer.Events; c.a.Cursor == "" {
			r.left = r.total - r.shown
		}
		r.finding = r.shownOf("events that set it")
		return nil
	}
}

// labelled adds the path with keys of array elements, if there are any.
func labelled(n *state.Node, label string) state.Value {
	if label != "" {
		n.Set("label", value(label))
	}
	return n.Value()
}

func historyRow(e wire.HistoryEntry, stream string) any {
	all := state.NewArray()
	for _, one := range e.Changes {
		all.Append(changeRow(one))
	}
	return object("event", headOf(&e.EventHead, stream), "changes", all).Value()
}

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
	r.finding = fmt.Sprintf("%d violations in %d streams; %d streams are not known", len(rows), shape.Streams, doubts)
	r.command = c.command("check", nil, "--at", c.a.At)
	if c.condition().Given() {
		r.command = c.command("bisect", []string{"--all"}, "--bad", c.a.Bad, "--good", c.a.Good, "--at", c.a.At)
	}
	return r, nil
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
	if m == nil {
		return state.NullValue()
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

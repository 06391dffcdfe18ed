package mcp

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"

	"asof/inspect"
	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// Bounds of the rows that are counted: a stream costs much more than an event, and so do
// the changes of one.
const (
	maxCounted        = 5000
	maxCountedStreams = 1500
	maxCountedChanges = 1000
)

// A listing is a list of which a page is shown.
type listing[A any] struct {
	of     func(ask.Page) iter.Seq2[A, error] // any page of it
	row    func(A) any                        // see [reply.row]
	cursor func(A) string                     // after a row; empty: the list is not cut there
	shown  func(i int, one A)                 // of each row that is shown; may be nil
	counts int                                // count rows up to this many; 0: only those of the page
	limit  int
	page   string // the cursor of this page
}

// fill shows as many rows as fit. It returns the cursor of the rest, or "".
func fill[A any](r *reply, name string, l listing[A]) (cursor string, err error) {
	budget := r.budget
	begin := func() {
		r.budget, r.cuts, r.lost, r.shown = budget, nil, 0, 0
		r.list(name)
	}
	begin()
	limit := l.limit
	if l.counts > 0 {
		limit = max(limit, l.counts) + 1
	}
	count := 0
	for one, err := range l.of(ask.Page{Cursor: l.page, Limit: limit}) {
		if err != nil {
			return "", err
		}
		if count == r.shown && r.shown < l.limit && r.row(l.row(one), l.limit) && l.shown != nil {
			l.shown(r.shown-1, one)
		}
		count++
		cursor = l.cursor(one)
	}
	ended := cursor == ""
	if r.shown < count || !r.holds(cursor) {
		if cursor, err = l.refill(r, begin); err != nil {
			return "", err
		}
	}
	if l.counts > 0 {
		r.atLeast = count - r.shown
	}
	if ended {
		if r.left = count - r.shown; l.page == "" {
			r.total = count
		}
	}
	return cursor, nil
}

// holds reports whether there is room for the call that has a cursor: it may quote an id.
func (r *reply) holds(cursor string) bool { return len(cursor) <= r.budget+aboutBytes/4 }

// refill asks for the rows that fit and no others, since only the last of a page has a
// cursor. If the store has grown, they may be others.
func (l listing[A]) refill(r *reply, begin func()) (cursor string, err error) {
	for fits := r.shown; fits > 0; fits = r.shown {
		begin()
		all := true
		for one, err := range l.of(ask.Page{Cursor: l.page, Limit: fits}) {
			if err != nil {
				return "", err
			}
			if all = all && r.row(l.row(one), l.limit); all {
				cursor = l.cursor(one)
			}
		}
		if all && (fits == 1 || r.holds(cursor)) {
			return cursor, nil
		}
		if all {
			r.shown--
		}
	}
	return "", errors.New("a row does not fit")
}

func readEvents(c *call) (*reply, error) {
	a := &c.a
	q := ask.Entries{
		Types: a.Types, Since: a.Since, Until: a.Until, Where: a.Where, Grep: a.Grep, Path: a.Path, Patch: a.Changes, Reverse: a.NewestFirst,
	}
	r := c.reply()
	r.folded = a.Changes || a.Path != ""
	var bodies wire.Bodies
	var whole *state.Node // the arguments that show the first event that is cut alone
	counts := 0
	if a.Stream != "" || reflect.DeepEqual(q, ask.Entries{Reverse: a.NewestFirst}) {
		counts = maxCounted
	}
	if a.Changes {
		counts = min(counts, maxCountedChanges)
	}
	q.Resolved = func(i replay.Interval) { c.putRange(r, i) }
	l := listing[*inspect.Entry]{
		of:     func(p ask.Page) iter.Seq2[*inspect.Entry, error] { q := q; q.Page = p; return c.entries(q) },
		row:    func(e *inspect.Entry) any { return c.entry(&bodies, e) },
		cursor: func(e *inspect.Entry) string { return e.Cursor },
		counts: counts, limit: a.Limit, page: a.Cursor,
		shown: func(i int, e *inspect.Entry) {
			if whole == nil && r.isCut("events", i) {
				alone := fmt.Sprintf("%d~1..%d", e.Event.Version, e.Event.Version)
				whole = c.without("stream", string(e.Event.Stream), "at", alone, "limit", 1, "payload_path", a.PayloadPath)
			}
		},
	}
	cursor, err := fill(r, "events", l)
	if err != nil {
		return nil, err
	}
	r.finding = r.shownOf("events")
	var words []string
	if a.Stream != "" {
		words = []string{a.Stream}
	}
	r.command = c.command("log", words, "--all", on(a.Stream == ""), "--at", a.At, "--type", workspace.Listed(a.Types...), "--since", a.Since, "--until", a.Until, "--where", a.Where,
		"--grep", a.Grep, "--path", a.Path, "--patch", on(a.Changes), "--reverse", on(a.NewestFirst), "--limit", strconv.Itoa(a.Limit))
	if cursor != "" {
		r.then("read_events", "the rest", c.again("cursor", cursor))
	}
	if whole != nil && a.Limit == 1 {
		whole.Set("payload_path", value(payloadPath(a.PayloadPath, r.cuts)))
		r.then("read_events", "a part of the payload that is cut", whole)
	} else if whole != nil {
		r.then("read_events", "the first event that is cut, with more of it", whole)
	}
	return r, nil
}

// payloadPath is the part of the payload that is cut first.
func payloadPath(path string, cuts []shownCut) string {
	for _, one := range cuts {
		if rest, ok := strings.CutPrefix(one.path, "/data"); ok {
			return path + rest
		}
	}
	return path
}

// entries lists the events of the call's stream, or of its store.
func (c *call) entries(q ask.Entries) iter.Seq2[*inspect.Entry, error] {
	if c.a.Stream != "" {
		return ask.Log{Timeline: c.timeline(c.a.At), Entries: q}.Ask(c.ctx, c.w)
	}
	return ask.LogAll{StoreRef: c.store.Ref, Folding: c.folding(), Entries: q, At: c.a.At}.Ask(c.ctx, c.w)
}

// putRange puts into data where the listed events end, and where they begin if that is
// not the first event.
func (c *call) putRange(r *reply, i replay.Interval) {
	from, to := wire.NewMoment(i.From), wire.NewMoment(i.To)
	if c.a.Stream == "" {
		r.put("as_of", asOf(&to), maxKey)
		if !i.From.IsStart() {
			r.put("after", asOf(&from), maxKey)
		}
		return
	}
	r.set("moment", momentOf(&to))
	if !i.From.IsStart() {
		r.set("after", momentOf(&from))
	}
}

// entry is a row of an event.
func (c *call) entry(bodies *wire.Bodies, e *inspect.Entry) any {
	one := bodies.Entry(e, c.a.Changes)
	if c.a.PayloadPath != "" {
		v, _, err := part(state.Value(one.Data), c.a.PayloadPath)
		if err != nil {
			v = state.NullValue()
		}
		one.Data = wire.Value(v)
	}
	changes := one.Changes
	v := eventOf(one.Event)
	if c.a.Changes {
		all := state.NewArray()
		for _, change := range changes {
			all.Append(changeRow(change))
		}
		v.Node().Set("changes", all.Value())
	}
	return v
}

// eventOf is an event with its payload as it is stored.
func eventOf(e wire.Event) state.Value {
	data, metadata := e.Data, e.Metadata
	e.Data, e.Metadata = wire.Value{}, wire.Value{}
	v := valueOf(&e)
	v.Node().Set("data", orNull(data))
	if m := orNull(metadata); m.Kind() != state.Null {
		v.Node().Set("metadata", m)
	}
	return v
}

// trace shows the tree of causes as rows, each with its depth.
func trace(c *call) (*reply, error) {
	answer, err := ask.Trace{StoreRef: c.store.Ref, Stream: c.a.Stream, At: c.a.At, Index: c.causes}.Ask(c.ctx, c.w)
	if err != nil {
		return nil, err
	}
	shape := wire.NewTraced(answer.Traced)
	rows := causes(nil, shape.Tree, 0)
	inTree := len(rows)
	for _, other := range shape.Other {
		rows = causes(rows, other, 0)
	}
	for i := range rows {
		rows[i].other = i >= inTree
	}
	r := c.reply()
	if c.found(shape.Asked.Stream); strings.HasPrefix(c.a.Stream, "proj:") {
		c.stream = shape.Asked.Stream // its versions are others
	}
	r.set("asked", valueOf(&shape.Asked))
	if addPage(r, "events", rows, &c.a, cause.row) {
		r.then("trace", "the rest", c.again("at", strconv.FormatInt(shape.Asked.Version, 10), "offset", c.a.Offset+r.shown))
	}
	r.finding = replay.Counted(inTree, "event", "events") + fmt.Sprintf(" in the chain, %d more of the same correlation", len(rows)-inTree)
	r.command = c.command("trace", []string{c.a.Stream}, "--at", c.a.At)
	return r, nil
}

// A cause is an event of a tree of causes.
type cause struct {
	wire.Caused
	depth int
	other bool // of another tree of the correlation
}

func causes(rows []cause, of wire.Caused, depth int) []cause {
	rows = append(rows, cause{Caused: of, depth: depth})
	for _, one := range of.Caused {
		rows = causes(rows, one, depth+1)
	}
	return rows
}

// row is the event with its place in the tree.
func (c cause) row() any {
	v := headOf(&c.Event, "")
	v.Node().Set("depth", value(c.depth))
	for name, is := range map[string]bool{"asked": c.Asked, "looped": c.Looped, "same_correlation_only": c.other} {
		if is {
			v.Node().Set(name, value(true))
		}
	}
	if c.MissingCause != nil {
		v.Node().Set("missing_cause", value(*c.MissingCause))
	}
	return v
}

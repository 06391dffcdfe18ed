package mcp

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"asof/inspect"
	"asof/inspect/ask"
	incheck "asof/inspect/check"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/project"
	"asof/replay/state"
	"asof/replay/workspace"
)

// checkFind holds a search by state apart from a list of streams.
func checkFind(a *arguments, c *checker) {
	oneFold(a, c)
	if a.WhereState == "" {
		if a.At != "" || a.Fold != "" || a.Projection != "" || a.Offset != 0 {
			c.add("where_state", "give where_state, or leave out at, fold, projection and offset", "only a condition on the state is as of a point")
		}
		return
	}
	for name, given := range map[string]bool{
		"sort": a.Sort != "", "newest_first": a.NewestFirst, "cursor": a.Cursor != "", "since": a.Since != "", "until": a.Until != "",
	} {
		if given {
			c.add(name, "leave it out: streams come in the order in which they met the condition; continue with offset", "it cannot be combined with where_state")
		}
	}
}

func findStreams(c *call) (*reply, error) {
	if c.a.WhereState != "" {
		return findByState(c)
	}
	a := &c.a
	q := ask.Streams{
		StoreRef: c.store.Ref, Pattern: a.Pattern, Categories: a.Categories, Since: a.Since, Until: a.Until,
		Sort: inspect.StreamOrder(a.Sort), Reverse: a.NewestFirst,
	}
	var r *reply
	var cursor string
	err := c.w.Read(c.ctx, c.store.Ref, func(s *workspace.Store) (err error) {
		r, s.Reader = c.reply(), c.keeping(s.Reader)
		if err := c.putHead(r, s); err != nil {
			return err
		}
		cursor, err = fill(r, "streams", listing[ask.StreamLine]{
			of: func(p ask.Page) iter.Seq2[ask.StreamLine, error] { q := q; q.Page = p; return q.Of(c.ctx, s) },
			row: func(s ask.StreamLine) any {
				x := wire.NewStream(s.Stream)
				return &x
			},
			cursor: func(s ask.StreamLine) string { return s.Cursor },
			counts: maxCountedStreams, limit: a.Limit, page: a.Cursor,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	if cursor != "" {
		r.then("find_streams", "the rest", c.again("cursor", cursor))
	}
	r.finding = r.shownOf("streams")
	var words []string
	if a.Pattern != "" {
		words = []string{a.Pattern}
	}
	r.command = c.command("streams", words, "--category", workspace.Listed(a.Categories...), "--since", a.Since, "--until", a.Until,
		"--sort", a.Sort, "--reverse", on(a.NewestFirst), "--limit", strconv.Itoa(a.Limit))
	return r, nil
}

// putHead puts into data the moment of an answer about the whole store as it is.
func (c *call) putHead(r *reply, s *workspace.Store) error {
	head, err := c.head(s)
	r.set("as_of", asOf(head))
	return err
}

// head is the last event of a store, or nil if the store does not say which one it is.
func (c *call) head(s *workspace.Store) (*wire.Moment, error) {
	if !s.Info().Has("positions") {
		return nil, nil //nolint:nilnil // there is no such event
	}
	head, _, err := s.Timeline().Resolve(c.ctx, replay.Head())
	m := wire.NewMoment(head)
	return &m, err
}

// findByState finds the streams whose state meets a condition as of a point: those that
// a bisection of all streams with that condition finds bad at the end.
func findByState(c *call) (*reply, error) {
	a := &c.a
	q := ask.BisectAll{StoreRef: c.store.Ref, Folding: c.folding(), Condition: ask.Condition{Bad: a.WhereState}, At: a.At}
	answer, err := q.Ask(c.ctx, c.w)
	if err != nil {
		return nil, err
	}
	in := &answer.Invariants[0]
	var rows []incheck.Violation
	for _, v := range in.Violations {
		if !v.Recovered && a.wants(string(v.Stream), v.Culprit.Category) {
			rows = append(rows, v)
		}
	}
	r := c.reply()
	shape := wire.NewChecked(answer.Result)
	r.set("as_of", asOf(shape.At))
	c.putDoubt(r, shape.Invariants[0])
	if addPage(r, "streams", rows, a, streamSince) {
		r.then("find_streams", "the rest", c.again("at", c.sameMoment(shape.At), "offset", a.Offset+r.shown))
	}
	if len(rows) > 0 {
		to := ""
		if a.At != "" { // a point of the store, as one of the stream
			to = c.sameMoment(shape.At)
		}
		r.then("find_change", "the event that brought a stream there", c.here("stream", string(rows[0].Stream), "bad", a.WhereState, "to", to))
	}
	r.finding = fmt.Sprintf("%d of ", len(rows)) + replay.Counted(in.Streams, "stream meets the condition", "streams meet the condition") + leftOut(shape)
	r.command = c.command("bisect", nil, "--all", flagOn, "--bad", a.WhereState, "--at", a.At)
	r.gives = "more: its violations that are not recovered meet the condition; it has no pattern and no categories"
	return r, nil
}

// wants reports whether a stream is one of those that the call lists.
func (a *arguments) wants(id, category string) bool {
	if len(a.Categories) > 0 && !slices.Contains(a.Categories, category) {
		return false
	}
	if !project.IsGlob(a.Pattern) {
		return strings.HasPrefix(id, a.Pattern)
	}
	match, err := project.Glob(a.Pattern)
	return err == nil && match(id)
}

// streamSince is a row of a stream with the event since which it meets a condition.
func streamSince(v incheck.Violation) any {
	head := wire.NewEventHead(v.Culprit)
	n := object("stream", string(v.Stream), "first_met_by", headOf(&head, head.Stream), "times", v.Turns)
	return n.Value()
}

// putDoubt puts into data what a check does not know: streams whose states could not be
// judged.
func (c *call) putDoubt(r *reply, in wire.Invariant) {
	if len(in.Errors) > 0 {
		all := state.NewArray()
		for i := range in.Errors[:min(len(in.Errors), 5)] {
			one := in.Errors[i]
			one.Message = short(c.clean(one.Message), 300)
			all.Append(valueOf(&one))
		}
		r.put("not_judged", object("streams", len(in.Errors), "such_as", all, "note", "these streams are neither good nor bad").Value(), r.budget/6)
	}
	if len(in.Unknown) > 0 {
		all := state.NewArray()
		for i := range in.Unknown[:min(len(in.Unknown), 5)] {
			all.Append(valueOf(&in.Unknown[i]))
		}
		r.put("not_read", object("streams", len(in.Unknown), "such_as", all, "note", "payloads of these streams could not be read").Value(), r.budget/6)
	}
}

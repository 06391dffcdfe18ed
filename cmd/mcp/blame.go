package mcp

import (
	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
)

// checkBlame separates the forms of a blame.
func checkBlame(a *arguments, c *checker) {
	oneFold(a, c)
	forms := 0
	for _, form := range []struct {
		name         string
		given, paths bool
	}{{"history", a.History, true}, {"removed", a.Removed, false}, {"why", a.Why, true}} {
		if form.given {
			forms++
		}
		if form.given && form.paths && a.Path == "" {
			c.add("path", "write a path such as /total", "%s needs a path", form.name)
		}
		if form.given && forms > 1 {
			c.add(form.name, "give one of them", "history, removed and why are different questions")
		}
	}
	switch r, err := replay.ParseRange(a.At, c.env); {
	case a.History && a.Offset > 0:
		c.add("offset", "use cursor", "a history resumes from a cursor")
	case !a.History && a.Cursor != "":
		c.add("cursor", "use offset", "only a history has a cursor")
	case a.Why && a.At != "" && err == nil && !r.Single:
		c.add("at", "name one point", "why is about one state, and this is a range")
	}
}

func blame(c *call) (*reply, error) {
	q := ask.Blame{Timeline: c.timeline(c.a.At), Path: c.a.Path}
	r, verb := c.reply(), "blame"
	var err error
	switch {
	case c.a.Why:
		verb, err = "why", c.why(r, q)
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
	r.command = c.command(verb, words, "--at", c.a.At, "--history", on(c.a.History), "--reverse", on(c.a.Removed))
	return r, nil
}

func (c *call) blamed(r *reply, q ask.Blame) error {
	answer, err := q.Ask(c.ctx, c.w)
	if err != nil {
		return err
	}
	shape := wire.NewBlamed(answer)
	c.found(shape.Moment.Stream)
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
		r.then("blame", "what it was computed from", c.again("at", pointOf(shape.Moment), "why", true, "offset", nil))
		r.then("blame", "every event that set it", c.again("history", true, "offset", nil))
	}
	r.finding = replay.Counted(len(shape.Paths), "path", "paths")
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
	c.found(shape.Moment.Stream)
	r.set("moment", momentOf(&shape.Moment))
	r.set("account", accountOf(shape.Account))
	more := addPage(r, "rows", shape.Removed, &c.a, func(p wire.Removed) any {
		return labelled(object("path", p.Path, "value", orNull(p.Value), "event", headOf(p.Event, shape.Moment.Stream)), p.Label)
	})
	if more {
		r.then("blame", "the rest", c.again("at", c.pinned(shape.From, shape.Moment), "offset", c.a.Offset+r.shown))
	}
	r.finding = replay.Counted(len(shape.Removed), "path was removed", "paths were removed")
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

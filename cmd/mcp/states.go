package mcp

import (
	"cmp"
	"slices"
	"strconv"

	"asof/inspect/ask"
	"asof/inspect/whatif"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
)

// part looks up the part of a value that a call asks for, and where it is.
func part(root state.Value, path string) (v state.Value, pointer string, err error) {
	p, err := state.ParsePath(path)
	if err != nil {
		return v, "", err
	}
	if pointer, err = p.Find(root); err != nil {
		return v, "", err
	}
	v, err = state.Lookup(root, pointer)
	return v, pointer, err
}

func stateAt(c *call) (*reply, error) {
	if len(c.a.Edits) > 0 {
		return whatIf(c)
	}
	q := ask.Replay{Timeline: c.timeline(c.a.At), Path: c.a.Path}
	answer, err := q.Ask(c.ctx, c.w)
	if err != nil {
		return nil, err
	}
	shape, err := wire.NewReplayed(answer, q.Part())
	if err != nil {
		return nil, err
	}
	r := c.reply()
	c.found(shape.Moment.Stream)
	r.set("moment", momentOf(&shape.Moment))
	r.set("account", accountOf(shape.Account))
	r.put("projection", value(shape.Projection), maxKey)
	if shape.Path != "" {
		r.put("path", value(shape.Path), r.budget/4)
	}
	v := state.Value(shape.State)
	cuts := r.window("state", v, r.budget, c.a.Offset)
	if v.IsContainer() {
		r.put("members", value(v.Node().Len()), r.budget)
	}
	r.finding = "the state after " + replay.Counted(shape.Events, "event", "events")
	r.command = c.command("replay", []string{c.a.Stream}, "--at", c.a.At, "--path", c.a.Path)
	for _, cut := range cuts {
		r.then("state_at", "what is cut", c.again("at", pointOf(shape.Moment), "path", shape.Path+cut.path, "offset", cut.shown))
	}
	if len(cuts) == 0 && c.a.Path != "" {
		r.then("blame", "every event that set it", c.here("stream", c.a.Stream, "path", shape.Path, "history", true))
	} else if len(cuts) == 0 {
		r.then("blame", "which event set each part", c.here("stream", c.a.Stream, "at", pointOf(shape.Moment)))
	}
	return r, nil
}

// changeRow is a row of a change.
func changeRow(c wire.Change) state.Value {
	n := object("op", c.Op, "path", c.Path)
	if c.Label != "" {
		n.Set("label", value(c.Label))
	}
	n.Set("from", orNull(c.From))
	n.Set("to", orNull(c.To))
	return n.Value()
}

func orNull(v wire.Value) state.Value {
	if state.Value(v).IsAbsent() {
		return state.NullValue()
	}
	return state.Value(v)
}

func rowOfChange(c wire.Change) any { return changeRow(c) }

// within leaves the changes at, above and below a path.
func within(changes []wire.Change, path string) []wire.Change {
	if path == "" {
		return changes
	}
	pointer := path
	if p, err := state.ParsePath(path); err == nil && !p.Keyed() {
		pointer = p.Pointer
	}
	var in []wire.Change
	for _, one := range changes {
		if state.HasPrefix(one.Path, pointer) || state.HasPrefix(pointer, one.Path) || one.Label != "" && state.HasPrefix(one.Label, path) {
			in = append(in, one)
		}
	}
	return in
}

func diffStates(c *call) (*reply, error) {
	q := ask.Diff{Timeline: c.timeline(""), From: c.a.From, To: c.a.To, Other: c.a.OtherStream, Last: true}
	answer, err := q.Ask(c.ctx, c.w)
	if err != nil {
		return nil, err
	}
	shape := wire.NewDiffed(answer, false)
	r := c.reply()
	c.found(shape.From.Stream)
	if mayHavePoint(c.a.OtherStream) {
		c.other = shape.To.Stream
	}
	r.set("from", momentOf(&shape.From))
	r.set("to", momentOf(&shape.To))
	r.set("account", accountOf(shape.Account))
	if shape.ToAccount != nil {
		r.set("to_account", accountOf(*shape.ToAccount))
	}
	r.put("projection", value(shape.ToProjection), maxKey)
	changes := within(shape.Changes, c.a.Path)
	if addPage(r, "changes", changes, &c.a, rowOfChange) {
		r.then("diff_states", "the rest", c.again("from", pointOf(shape.From), "to", pointOf(shape.To), "offset", c.a.Offset+r.shown))
	}
	if i := r.firstCut("changes"); i >= 0 && c.a.OtherStream == "" {
		r.then("state_at", "a value that is cut", c.here("stream", c.a.Stream, "at", pointOf(shape.To), "path", changes[c.a.Offset+i].Path))
	}
	r.finding = replay.Counted(len(changes), "change", "changes")
	r.command = c.diffCommand(&shape)
	if c.a.Path != "" {
		r.gives = "more: it has no path and lists all changes"
	}
	return r, nil
}

// diffCommand is the command that compares the same states.
func (c *call) diffCommand(shape *wire.Diffed) []string {
	switch from, to := c.a.From, c.a.To; {
	case c.a.OtherStream != "":
		words := []string{c.a.Stream, c.a.OtherStream}
		for i, point := range []string{from, to} {
			if point != "" {
				words[i] += "@" + point
			}
		}
		return c.command("diff", words)
	case from != "":
		return c.command("diff", []string{c.a.Stream}, "--at", from+".."+cmp.Or(to, "head"))
	case to != "" || c.stream == "":
		return c.command("diff", []string{c.a.Stream}, "--at", cmp.Or(to, "head"))
	}
	return c.command("diff", []string{c.stream}, "--at", pointOf(shape.From)+".."+pointOf(shape.To))
}

// whatIf is the state had history been different, and how it would differ.
func whatIf(c *call) (*reply, error) {
	q := ask.Whatif{Timeline: c.timeline(c.a.At), Path: c.a.Path}
	for _, e := range c.a.Edits {
		q.Edits = append(q.Edits, e.ask())
	}
	answer, err := q.Ask(c.ctx, c.w)
	if err != nil {
		return nil, err
	}
	shape := wire.NewImagined(answer)
	r := c.reply()
	c.found(shape.Moment.Stream)
	r.set("moment", momentOf(&shape.Moment))
	r.set("account", accountOf(shape.Account))
	r.put("projection", value(shape.Projection), maxKey)
	r.put("simulated", value(true), r.budget)
	r.put("edits", value(shape.Edits), r.budget/8)
	would, pointer, err := part(state.Value(shape.State), c.a.Path)
	if err != nil {
		would, pointer = state.NullValue(), c.a.Path // it would not be there
	}
	cuts := r.put("state", would, r.budget/2)
	if addPage(r, "changes", shape.Changes, &c.a, rowOfChange) {
		r.then("state_at", "the rest of the changes", c.again("at", pointOf(shape.Moment), "offset", c.a.Offset+r.shown))
	}
	if len(cuts) > 0 && cuts[0].path == "" {
		r.then("state_at", "the rest of the real state, which differs by the changes", c.again("at", pointOf(shape.Moment), "edits", nil, "path", pointer, "offset", cuts[0].shown))
	} else if len(cuts) > 0 {
		r.then("state_at", "a part of the state that is cut", c.again("at", pointOf(shape.Moment), "path", pointer+cuts[0].path, "offset", nil))
	}
	r.finding = "the state would differ in " + replay.Counted(len(shape.Changes), "place", "places")
	r.command = c.command("whatif", []string{c.a.Stream}, append([]string{"--at", c.a.At, "--path", c.a.Path}, editOptions(c.a.Edits)...)...)
	if slices.ContainsFunc(c.a.Edits, func(e edit) bool { return e.Kind == string(whatif.Insert) }) {
		r.gives = "the same, once event.json has the event to insert"
	}
	return r, nil
}

// editOptions are the options of the command line for edits. An event that is inserted is
// in a file there.
func editOptions(all []edit) (options []string) {
	for _, e := range all {
		version := e.Events
		if e.Version != nil {
			version = strconv.FormatInt(*e.Version, 10)
		}
		switch e.Kind {
		case "drop":
			options = append(options, "--drop", version)
		case "set":
			options = append(options, "--set", version+":"+e.Path+"="+string(e.Value))
		case "swap":
			options = append(options, "--swap", version+":"+strconv.FormatInt(e.Other, 10))
		case "insert":
			if e.First {
				version = "start"
			}
			options = append(options, "--insert", "after:"+version+":event.json")
		}
	}
	return options
}

package mcp

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// describedEvents bounds the events that are read for examples and life cycles.
const describedEvents = 20_000

// exampleBytes bounds an example payload.
const exampleBytes = 300

func describeStore(c *call) (*reply, error) {
	d, err := c.described()
	if err != nil {
		return nil, err
	}
	shape, cycle := wire.NewInfo(d.info.Info, d.info.Summary), d.cycle
	for _, name := range c.a.Categories {
		if !slices.Contains(shape.Categories, name) {
			c.note(replay.Notice{Code: replay.NoticeEmpty, Text: fmt.Sprintf("no category %q; the categories are %s", name, short(strings.Join(shape.Categories, ", "), maxMessage/3))})
		}
	}
	c.noteUnfound()
	r := c.reply()
	about := valueOf(&shape)
	types := about.Node().Get("types").Node().Elems()
	about.Node().Delete("types")
	about.Node().Delete("categories")
	about.Node().Set("path", value(c.store.Args[0])) // and not where it is on this machine
	r.put("store", about, r.budget/4)
	r.set("as_of", asOf(d.head))
	if err := c.putProject(r); err != nil {
		return nil, err
	}
	if cycle.read < shape.Events {
		r.put("sampled", value(fmt.Sprintf("examples and life cycles are those of the first %d of %d events", cycle.read, shape.Events)), r.budget)
	}
	r.put("categories", cycle.lives(shape.Categories, c.a.Categories).Value(), r.budget/2)
	c.a.Limit = c.server.o.MaxRows
	rows := cycle.types(types, c.a.Categories)
	if addPage(r, "types", rows, &c.a, func(v state.Value) any { return v }) {
		r.then("describe_store", "the other types", c.again("limit", nil, "offset", c.a.Offset+r.shown))
	}
	r.finding = replay.Counted(shape.Events, "event", "events") + " in " +
		replay.Counted(shape.Streams, "stream", "streams") + ", of " + replay.Counted(len(shape.Types), "type", "types")
	r.command = c.command("info", nil)
	return r, nil
}

// A description is what [describeStore] reads of a store. It is kept while the store is
// the same file: every client asks for it first, and it counts all events.
type description struct {
	info    *ask.StoreInfo
	head    *wire.Moment
	cycle   *lifeCycle
	notices []replay.Notice
}

// described returns the description of the call's store.
func (c *call) described() (d description, err error) {
	err = c.w.Read(c.ctx, c.store.Ref, func(s *workspace.Store) error {
		if print, ok := fingerprint(s.Reader); ok {
			d, err = c.server.descriptions.get(c.ctx, print, func() (description, error) { return c.describe(s) })
		} else {
			d, err = c.describe(s)
		}
		return err
	})
	for _, n := range d.notices {
		c.note(n)
	}
	return d, err
}

// describe reads the description of a store.
func (c *call) describe(s *workspace.Store) (d description, err error) {
	if d.info, err = (ask.Info{StoreRef: c.store.Ref}).Of(c.ctx, s); err != nil {
		return d, err
	}
	if d.head, err = c.head(s); err != nil {
		return d, err
	}
	d.cycle, err = c.lifeCycle(s)
	c.mu.Lock()
	d.notices = slices.Clone(c.notices)
	c.mu.Unlock()
	return d, err
}

// noteUnfound notes the paths to withhold that no event read so far has.
func (c *call) noteUnfound() {
	if c.server.o.Unfound == nil {
		return
	}
	if paths := c.server.o.Unfound(); len(paths) > 0 {
		c.note(replay.Notice{Code: "unfound", Text: "withheld from every event, but no event read so far has it: " + short(strings.Join(paths, ", "), maxMessage/3)})
	}
}

// putProject puts the projections and invariants of asof.toml into data.
func (c *call) putProject(r *reply) error {
	projections, invariants := state.NewArray(), state.NewArray()
	proj, err := c.w.Project()
	if err != nil {
		return err
	}
	if proj != nil {
		for _, p := range proj.Projections {
			projections.Append(object("name", p.Name, "for", p.For()).Value())
		}
		for _, v := range proj.Invariants {
			one := object("name", v.Name, "projection", v.Projection, "good", v.Good)
			if v.Bad != "" {
				one.Delete("good")
				one.Set("bad", value(v.Bad))
			}
			invariants.Append(one.Value())
		}
	}
	r.put("projections", projections.Value(), r.budget/6)
	r.put("invariants", invariants.Value(), r.budget/6)
	return nil
}

// A lifeCycle is what follows what in the streams of each category.
type lifeCycle struct {
	read     int64
	follows  map[string]map[[2]string]int64 // by category: from one type to another; "" before the first event
	last     map[string]string              // by stream
	examples map[string][]byte              // JSON, by type and revision
	in       map[string]map[string]bool     // by category: its types
}

// lifeCycle reads the first events of the store.
func (c *call) lifeCycle(s *workspace.Store) (*lifeCycle, error) {
	l := &lifeCycle{
		follows: map[string]map[[2]string]int64{}, last: map[string]string{}, examples: map[string][]byte{}, in: map[string]map[string]bool{},
	}
	var bodies wire.Bodies
	for e, err := range c.firstEvents(s) {
		if err != nil {
			return nil, err
		}
		l.read++
		if l.follows[e.Category] == nil {
			l.follows[e.Category], l.in[e.Category] = map[[2]string]int64{}, map[string]bool{}
		}
		l.follows[e.Category][[2]string{l.last[string(e.Stream)], e.Type}]++
		l.in[e.Category][e.Type] = true
		l.last[string(e.Stream)] = e.Type
		key := typeKey(e.Type, int64(e.Revision))
		if _, ok := l.examples[key]; ok {
			continue
		}
		data, opaque := bodies.Payload(e)
		if opaque != "" {
			data = state.StringValue(opaque)
		}
		w := window{}
		l.examples[key] = state.AppendJSON(nil, w.show(data, exampleBytes))
	}
	return l, nil
}

// firstEvents lists the first events of the store: in the order of positions, or stream
// after stream where there are none.
func (c *call) firstEvents(s *workspace.Store) iter.Seq2[*replay.Event, error] {
	if !s.Info().Has("positions") {
		return s.Reader.Events(c.ctx, replay.Query{Order: replay.ByStream, Limit: describedEvents})
	}
	q := ask.LogAll{StoreRef: c.store.Ref, Entries: ask.Entries{Page: ask.Page{Limit: describedEvents}}}
	return func(yield func(*replay.Event, error) bool) {
		for entry, err := range q.Of(c.ctx, s) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(entry.Event, nil) {
				return
			}
		}
	}
}

func typeKey(name string, revision int64) string { return fmt.Sprintf("%d %s", revision, name) }

// maxFollows bounds the steps of a life cycle that are listed.
const maxFollows = 20

// lives are the life cycles of the categories: what follows what, most often first.
func (l *lifeCycle) lives(all, only []string) *state.Node {
	n := state.NewArray()
	for _, category := range all {
		if len(only) > 0 && !slices.Contains(only, category) {
			continue
		}
		steps := state.NewArray()
		follows := l.follows[category]
		order := slices.SortedFunc(maps.Keys(follows), func(a, b [2]string) int {
			return cmp.Or(cmp.Compare(follows[b], follows[a]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
		})
		for _, step := range order[:min(len(order), maxFollows)] {
			one := object("after", step[0], "comes", step[1], "times", follows[step])
			if step[0] == "" {
				one.Set("after", state.NullValue())
			}
			steps.Append(one.Value())
		}
		one := object("category", category, "steps", steps)
		if len(order) > maxFollows {
			one.Set("more", value(len(order)-maxFollows))
		}
		n.Append(one.Value())
	}
	return n
}

// types are the types with an example each, those of some categories if any are named.
func (l *lifeCycle) types(all []state.Value, only []string) []state.Value {
	var rows []state.Value
	for _, one := range all {
		name := one.Node().Get("type").Text()
		if len(only) > 0 && !slices.ContainsFunc(only, func(c string) bool { return l.in[c][name] }) {
			continue
		}
		var revision int64
		if v := one.Node().Get("revision"); v.Kind() == state.Number {
			_, _ = fmt.Sscan(v.Text(), &revision) // none is 0
		}
		if text, ok := l.examples[typeKey(name, revision)]; ok {
			example, err := state.Parse(text)
			if err != nil {
				panic(err) // it was written here
			}
			one.Node().Set("example", example)
		}
		rows = append(rows, one)
	}
	return rows
}

package query

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/state"
)

// An Export is the table of a projection's states, to be copied elsewhere. Its rows and
// columns are those of SELECT * from the table, except that memory does not grow with the
// number of streams.
//
// The columns are known after the rows: a state that is folded late can have a member that
// no other has. [Export.Fold] therefore gives states, and [Export.Values] makes rows of
// them.
type Export struct {
	Trail Trail // receives what events did

	db      *DB
	proj    *Projection
	known   members // which come first
	sighted map[string]Sight
	found   []string // members, in the order of columns
	t       *table
	history *table // without members, for the trail
	changes *table
}

// An ExportedState is what a row is made of. It is valid until the next.
type ExportedState struct {
	Event replay.Event // the last of the state: its coordinates, and the stream or partition
	State state.Value
	Err   error // why there is no state

	Unread bool // a payload that it is made from could not be read
}

// An ExportedColumn is a column of an export.
type ExportedColumn struct {
	Name     string
	Integer  bool   // all values are integers
	JSON     bool   // a value of it is JSON as a whole, also if it is a text
	IsMember bool   // it is a member of the state
	Member   string // identifies the member for a later [DB.Export]
	Path     string // of the member
}

// A Sight is where a member is first found: the order of columns.
type Sight struct {
	Position replay.Position `json:"position"`
	Ordinal  int             `json:"ordinal"` // in the state
}

// Export returns the export of a projection. known are the members of the columns that come
// first, in their order; nil: those that the database has found already.
func (db *DB) Export(p *Projection, known []string) *Export {
	x := &Export{db: db, proj: p, sighted: map[string]Sight{}}
	if known == nil {
		known = db.found[p.Name]
	}
	for _, m := range known {
		x.known.add(m)
	}
	return x
}

// mostAtOnce is up to how many streams are folded in one pass over the store. Of more, a
// few at a time are read by their streams. Tests change both.
var mostAtOnce, exportChunk = 20_000, 500

// Fold yields the states of some streams as of the moment of the database, each once; nil
// is all streams. Members of their states up to the head become columns.
func (x *Export) Fold(ids []replay.StreamID) iter.Seq2[ExportedState, error] {
	return func(yield func(ExportedState, error) bool) {
		asked := x.db.src.At
		p := passOf{proj: x.proj, at: asked, limits: allRows()}
		if ok := x.pass(p, ids, yield); !ok || asked == "" {
			return
		}
		// The columns are those of the states up to the head.
		x.pass(passOf{proj: x.proj, limits: allRows(), sample: true}, ids,
			func(_ ExportedState, err error) bool { return err == nil || yield(ExportedState{}, err) })
	}
}

// pass folds the streams, as many at once as memory takes. It returns false if that was
// the end.
func (x *Export) pass(p passOf, ids []replay.StreamID, yield func(ExportedState, error) bool) (more bool) {
	if x.proj.Many != nil {
		return x.part(p, nil, yield)
	}
	parts := slices.Collect(slices.Chunk(ids, exportChunk))
	if ids == nil {
		var all []replay.StreamID
		for s, err := range x.Streams() {
			if err != nil {
				yield(ExportedState{}, err)
				return false
			}
			all = append(all, s.ID)
		}
		if parts = slices.Collect(slices.Chunk(all, exportChunk)); len(all) <= mostAtOnce {
			parts = [][]replay.StreamID{nil}
		}
	}
	for _, part := range parts {
		if !x.part(p, part, yield) {
			return false
		}
	}
	return true
}

// part folds some streams, and yields the last state of each.
func (x *Export) part(p passOf, ids []replay.StreamID, yield func(ExportedState, error) bool) (more bool) {
	last := &states{byStream: map[replay.StreamID]*fact{}}
	p.changes = x.Trail != nil && !p.sample
	for now, err := range x.steps(p, ids) {
		if err == nil && !p.sample {
			err = x.trail(now)
		}
		if err != nil {
			yield(ExportedState{}, err)
			return false
		}
		f, e := last.at(now.stream), now.e
		*f.e = replay.Event{Stream: now.stream, Category: now.kind(), Version: e.Version, Position: e.Position, Time: e.Time}
		f.unread = cmp.Or(f.unread, now.unread)
		if f.root, f.err = now.root, now.err; now.err == nil {
			x.see(e, now.root)
		}
	}
	if x.Trail != nil && !p.sample {
		if err := x.Trail.End(); err != nil {
			yield(ExportedState{}, err)
			return false
		}
	}
	for _, f := range last.order {
		if !yield(ExportedState{Event: *f.e, State: f.state(), Err: f.err, Unread: f.unread != ""}, nil) {
			return false
		}
	}
	return true
}

// steps yields the state after each event of some streams, or of all. A stream whose fold
// fails ends with the failure.
func (x *Export) steps(p passOf, ids []replay.StreamID) iter.Seq2[*fact, error] {
	x.db.asked(p)
	if x.proj.Many != nil {
		return x.db.manyFacts(p)
	}
	return func(yield func(*fact, error) bool) {
		more := true
		cut, err := x.db.cut(p.at)
		if err != nil {
			yield(nil, err)
			return
		}
		of, q := categories{}, replay.WholeQuery{Cut: cut, Streams: ids, Takes: p.takes(nil)}
		q.Failed = func(e *replay.Event, err error) error {
			var failed *replay.FoldError
			switch {
			case !errors.As(err, &failed), x.db.src.Strict && !p.sample:
				return err
			case !p.sample:
				x.db.noteFailed(e.Stream, err)
				more = yield(&fact{e: e, stream: e.Stream, category: of.stream(e), err: err}, nil)
			}
			return nil
		}
		for step, err := range x.db.folding(p, ids).RunEach(x.db.ctx, x.proj.Fold, q, p.changes) {
			if !more {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if step.Unread != "" && !p.sample {
				x.db.sawUnread(x.proj, step.Event, step.Unread)
			}
			if !yield(&fact{e: step.Event, stream: step.Event.Stream, category: of.stream(step.Event), root: step.Root, changes: step.Changes, unread: step.Unread}, nil) {
				return
			}
		}
	}
}

// see finds the members of a state.
func (x *Export) see(e *replay.Event, root state.Value) {
	at := Sight{Position: e.Position}
	EachMember(root, func(key string, _ state.Value) {
		if old, ok := x.sighted[key]; !ok || at.Compare(old) < 0 {
			x.sighted[key] = at
		}
		at.Ordinal++
	})
}

// Compare orders sights.
func (a Sight) Compare(b Sight) int {
	return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Ordinal, b.Ordinal))
}

// Sight is where a member was first found, in the states that were folded.
func (x *Export) Sight(member string) (at Sight, ok bool) {
	at, ok = x.sighted[member]
	return at, ok
}

// Columns returns the columns, those of the table as [DB.Query] has it. It is called after
// all states were read.
func (x *Export) Columns() (cols []ExportedColumn, stable bool) {
	all := members{names: slices.Clone(x.known.names), known: map[string]bool{}}
	for _, m := range all.names {
		all.known[m] = true
	}
	found := slices.SortedFunc(func(yield func(string) bool) {
		for m := range x.sighted {
			if !yield(m) {
				return
			}
		}
	}, func(a, b string) int {
		return cmp.Or(x.sighted[a].Compare(x.sighted[b]), cmp.Compare(a, b))
	})
	for _, m := range found {
		all.add(m)
	}
	x.found = all.list()
	x.t = x.declared(ofStates, x.found)
	return exported(x.t), x.stable(x.found)
}

// integers are the columns of tables, other than members, that are no texts.
var integers = []string{"version", "position", "revision", "since_position", UntilPosition, "changed"}

// exported are the columns of a table.
func exported(t *table) (cols []ExportedColumn) {
	whole := []string{"state", "result"}
	if t.kind == ofChanges {
		whole = []string{"from", "to"}
	}
	for _, c := range t.cols {
		one := ExportedColumn{Name: c.name, JSON: !c.member && slices.Contains(whole, c.name), IsMember: c.member, Member: c.key}
		if c.member && c.key != wholeValue {
			one.Path = "/" + state.EscapeToken(c.key)
		}
		if !c.member {
			one.Integer = slices.Contains(integers, c.name)
		}
		cols = append(cols, one)
	}
	return cols
}

// declared is a table of the projection with some members.
func (x *Export) declared(k kind, found []string) *table {
	t := &table{db: x.db, name: x.proj.Name, kind: k, proj: x.proj}
	t.declare(found)
	t.cols = slices.DeleteFunc(t.cols, func(c column) bool { return c.hidden })
	return t
}

// stable reports whether the names of the columns do not depend on the order in which the
// members were found. It does where two names differ in case alone, or by a number.
func (x *Export) stable(found []string) bool {
	kinds := []kind{ofStates}
	if x.Trail != nil {
		kinds = append(kinds, ofHistory)
	}
	backwards := slices.Clone(found)
	slices.Reverse(backwards)
	for _, k := range kinds {
		names := map[string]string{}
		for _, c := range x.declared(k, found).cols {
			names[c.key] = c.name
		}
		for _, c := range x.declared(k, backwards).cols {
			if c.member && names[c.key] != c.name {
				return false
			}
		}
	}
	return true
}

// Values makes a row of a state: a value for each column, absent where it is NULL. It is
// called after [Export.Columns].
func (x *Export) Values(s ExportedState) ([]state.Value, error) {
	e := s.Event
	return x.values(x.t, &fact{e: &e, stream: e.Stream, root: s.State, err: s.Err})
}

// values makes a row of a table.
func (x *Export) values(t *table, f *fact) ([]state.Value, error) {
	row := make([]state.Value, len(t.cols))
	for i, c := range t.cols {
		switch {
		case c.raw != nil:
			row[i] = c.raw(f)
			if row[i].Kind() == state.String {
				t.noteValue(c, f, row[i], sqlite.TypeText)
			}
		case c.name == "state":
			row[i] = f.state()
		case c.name == "result":
			v, err := x.result(f)
			if err != nil {
				return nil, err
			}
			row[i] = v
		default:
			row[i] = rawOf(c.get(f))
		}
	}
	return row, nil
}

func (x *Export) result(f *fact) (state.Value, error) {
	v := f.state()
	if v.IsAbsent() {
		return v, nil
	}
	r, err := x.proj.Result(v)
	if err != nil && !x.db.src.Strict {
		x.db.noteFailed(f.e.Stream, err)
		return state.Value{}, nil
	}
	return r, err
}

// rawOf is a value of SQL as one of a state.
func rawOf(v sqlite.Value) state.Value {
	switch v.Type() {
	case sqlite.TypeInteger:
		return state.NumberValue(fmt.Sprint(v.Int64()))
	case sqlite.TypeText:
		return state.StringValue(v.Text())
	}
	return state.Value{}
}

// Native is a value as SQL has it: nil, int64, float64 or string. whole says that it is
// JSON also if it is a text.
func Native(v state.Value, whole bool) any {
	of := valueOf(v)
	if whole {
		of = jsonOf(v)
	}
	switch of.Type() {
	case sqlite.TypeInteger:
		return of.Int64()
	case sqlite.TypeFloat:
		return of.Float()
	case sqlite.TypeText:
		return of.Text()
	}
	return nil
}

// NoteRest counts the streams whose fold failed and that no note has named, and the
// payloads that could not be read.
func (x *Export) NoteRest() { x.db.noteRest() }

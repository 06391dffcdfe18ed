package query

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A MemberKeeper keeps the members of a projection's states, up to the head of the store,
// from one question to the next.
type MemberKeeper interface {
	// Load returns what was kept. ok is false if the store or the fold may have changed.
	Load() (names []string, ok bool)
	Save(names []string)
}

// Members of states, in the order in which they were found. A name that SQL has no form
// for, with NUL or half of a surrogate pair, is only in the column state.
type members struct {
	names []string
	known map[string]bool
}

// MostMembers bounds the members that become columns. SQLite takes 2,000 of a table.
const MostMembers = 1500

func (m *members) see(root state.Value) {
	EachMember(root, func(key string, _ state.Value) { m.add(key) })
}

// EachMember calls f for each member of a state that is a column, with the name that
// [ExportedColumn.Member] has. A state that is no object is one.
func EachMember(root state.Value, f func(member string, v state.Value)) {
	n := root.Node()
	if n == nil || n.Kind() != state.Object {
		if !root.IsAbsent() && root.Kind() != state.Null {
			f(wholeValue, root)
		}
		return
	}
	n.Each(func(key string, v state.Value) bool {
		f(key, v)
		return true
	})
}

func (m *members) add(key string) {
	if m.known[key] || len(m.names) >= MostMembers || strings.ContainsRune(key, 0) && key != wholeValue || state.HasHalf(key) {
		return
	}
	if m.known == nil {
		m.known = map[string]bool{}
	}
	m.known[key] = true
	m.names = append(m.names, key)
}

func (m *members) list() []string { return slices.Clone(m.names) }

func (m *members) clone() *members { return &members{names: m.list(), known: maps.Clone(m.known)} }

// discover finds every member of the states, up to the head, of the projections that a
// statement names.
func (db *DB) discover(sql string) error {
	if err := db.recall(sql); err != nil {
		return err
	}
	changed := false
	for _, t := range db.mentioned(sql) {
		if t.proj == nil {
			continue
		}
		if !db.discovered[t.proj.Name] {
			if err := db.discoverOf(t.proj); err != nil {
				return err
			}
			changed = true
		}
		db.noteColumns(t.proj)
	}
	if !changed {
		return nil
	}
	return db.register()
}

// Members returns the members of all states of a projection, in the order of columns.
func (db *DB) Members(p *Projection) ([]string, error) {
	if !db.discovered[p.Name] {
		if err := db.discoverOf(p); err != nil {
			return nil, err
		}
	}
	return db.found[p.Name], nil
}

// discoverOf folds all streams of a projection.
func (db *DB) discoverOf(p *Projection) error {
	var m members
	for _, known := range db.found[p.Name] {
		m.add(known)
	}
	pass := passOf{proj: p, limits: allRows()}
	all, err := db.fold(pass, &m)
	var size *SizeError
	if errors.As(err, &size) && p.Many == nil {
		db.large[p.Name+"\x00"] = true
		_, err = db.halves(pass, &m, func(*fact) bool { return true })
	}
	if err != nil {
		return err
	}
	if all != nil {
		db.states[p.Name+"\x00"] = all
	}
	db.found[p.Name], db.discovered[p.Name] = m.list(), true
	// What was noted meanwhile would not be noted again by a question that has the list.
	if p.Members != nil && len(db.failed) == 0 && len(db.unread) == 0 {
		p.Members.Save(m.list())
	}
	return nil
}

// recall takes the members that an earlier question kept, of the projections that a
// statement names.
func (db *DB) recall(sql string) error {
	changed := false
	for _, t := range db.mentioned(sql) {
		if t.proj == nil || t.proj.Members == nil || db.discovered[t.proj.Name] {
			continue
		}
		if names, ok := t.proj.Members.Load(); ok {
			db.found[t.proj.Name], db.discovered[t.proj.Name] = names, true
			changed = true
		}
	}
	if !changed {
		return nil
	}
	return db.register()
}

// sample finds members of states in the first streams of each projection.
func (db *DB) sample() error {
	for i := range db.src.Projections {
		p := &db.src.Projections[i]
		if p.Many != nil {
			continue // all of its events are one timeline: they are read when it is asked for
		}
		ids, err := db.firstStreams(p)
		if err != nil {
			return err
		}
		var m members
		for _, id := range ids {
			if err := db.sampleOf(p, id, &m); err != nil {
				return err
			}
		}
		db.found[p.Name] = m.list()
		if len(ids) > 0 {
			db.sampled[p.Name] = ids[0]
		}
	}
	return nil
}

// firstStreams are streams of the first events that a projection folds.
func (db *DB) firstStreams(p *Projection) (ids []replay.StreamID, err error) {
	const most, events = 20, 5000
	q := replay.Query{Categories: p.Categories, Limit: events, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID | replay.FieldTime}
	if !db.src.Reader.Info().Has("positions") {
		q.Order = replay.ByStream
	}
	for e, err := range db.src.Reader.Events(db.ctx, q) {
		if err != nil {
			return nil, err
		}
		if (p.Takes == nil || p.Takes(e.Stream, e.Category)) && !slices.Contains(ids, e.Stream) {
			if ids = append(ids, e.Stream); len(ids) == most {
				break
			}
		}
	}
	return ids, nil
}

// sampleOf finds the members of the first states of a stream. It reads no more of it. A
// fold that fails is not an answer, and not said.
func (db *DB) sampleOf(p *Projection, id replay.StreamID, m *members) error {
	const most = 500 // events
	n, of := 0, []replay.StreamID{id}
	whole := db.folding(passOf{sample: true}, of)
	for step, err := range whole.RunStreams(db.ctx, []replay.FoldFor{p.Fold}, replay.WholeQuery{Streams: of}, false) {
		if err != nil {
			return err
		}
		var failed *replay.FoldError
		if err := step.Errs[0]; errors.As(err, &failed) {
			break
		} else if err != nil {
			return err
		}
		m.see(step.Steps[0].Root)
		if n++; n == most {
			break
		}
	}
	return nil
}

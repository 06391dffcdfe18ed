package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// A sqliteReader reads any SQLite store through its layout.
type sqliteReader struct {
	file   *sqliteFile
	layout *layout
	info   replay.Info

	interrupt *interrupt
	active    int   // operations that are under way, one inside the other
	broken    error // why nothing can be read any more
	stmts     map[string][]*sqlite.Stmt
	inUse     map[*sqlite.Stmt]bool

	pointers   [numColumns][]pointer
	streams    interner
	names      [numColumns]interner
	categories map[string]string // by stream, where the dialect has them apart from the events
}

// newSQLiteReader takes over the file.
func newSQLiteReader(path string, f *sqliteFile, l *layout, m Metadata) (*sqliteReader, error) {
	r := &sqliteReader{
		file: f, layout: l, stmts: map[string][]*sqlite.Stmt{}, inUse: map[*sqlite.Stmt]bool{},
		interrupt:  &interrupt{done: make(chan struct{})},
		categories: map[string]string{},
	}
	f.conn.SetInterrupt(r.interrupt.done)
	for _, p := range []struct {
		col      column
		from     *[]string
		override []string
	}{
		{colActor, &l.meta.Actor, m.Actor},
		{colCorrelation, &l.meta.Correlation, m.Correlation},
		{colCausation, &l.meta.Causation, m.Causation},
	} {
		if len(p.override) > 0 {
			*p.from = p.override
		}
		for _, s := range *p.from {
			parsed, ok := parsePointer(s)
			if !ok {
				return nil, fmt.Errorf("%q is not a JSON pointer: it begins with a slash", s)
			}
			r.pointers[p.col] = append(r.pointers[p.col], parsed)
		}
	}
	r.info = replay.Info{
		Path: path, Dialect: l.dialect, Recognised: l.recognised, Access: f.access,
		Lacks: l.lacking(), HasPositions: l.has(colPosition), HasTimes: l.hasTimes(),
	}
	for _, o := range l.leftOut {
		r.info.LeftOut = append(r.info.LeftOut, o.what)
	}
	return r, nil
}

func (r *sqliteReader) Info() replay.Info { return r.info }

func (r *sqliteReader) Close() error {
	for _, free := range r.stmts {
		for _, s := range free {
			s.Finalize() //nolint:errcheck // nothing was written
		}
	}
	for s := range r.inUse { // an iteration that is still going on
		s.Finalize() //nolint:errcheck // nothing was written
	}
	r.stmts, r.inUse = nil, nil
	r.broken = &replay.StoreError{Path: r.info.Path, Op: "read", Err: errors.New("it is closed")}
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	return f.close()
}

func (r *sqliteReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		c, err := r.open(ctx, q)
		if err != nil {
			yield(nil, err)
			return
		}
		defer c.close()
		n := 0
		for ; q.Limit <= 0 || n < q.Limit; n++ {
			e, err := c.next()
			if err != nil {
				yield(nil, r.failed(ctx, err))
				return
			}
			if e == nil {
				break
			}
			if !yield(e, nil) {
				return
			}
		}
		if err = r.moved(); err == nil && isWhole(q) {
			err = r.wasWhole(n)
		}
		if err != nil {
			yield(nil, r.failed(ctx, err))
		}
	}
}

// isWhole reports whether the query asks for every event.
func isWhole(q replay.Query) bool {
	_, fromLo := q.Positions.Lo()
	_, toHi := q.Positions.Hi()
	return q.Streams == nil && q.Categories == nil && q.Types == nil && q.IDPrefix == "" && q.Limit <= 0 &&
		!fromLo && !toHi
}

// wasWhole compares what a pass over all events found with what SQLite counts,
// from an index if there is one: a damaged page may drop rows without an error.
func (r *sqliteReader) wasWhole(events int) error {
	if r.layout.where != "" {
		return nil // it would be counted from the same rows
	}
	v, err := r.one("SELECT count(*) FROM " + r.layout.from)
	if err == nil && v.num != int64(events) {
		err = damaged(int64(events), v.num)
	}
	return err
}

func damaged(found, counted int64) error {
	return fmt.Errorf("the database is damaged: %d events were found, and an index has %d", found, counted)
}

func (r *sqliteReader) moved() error {
	if r.file == nil {
		return r.broken
	}
	return r.file.moved()
}

func (r *sqliteReader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		more := true
		err := r.eachStream(ctx, q, func(s replay.Stream) bool {
			more = yield(s, nil)
			return more
		})
		if more && err == nil {
			err = r.moved()
		}
		if more && err != nil {
			yield(replay.Stream{}, r.failed(ctx, err))
		}
	}
}

func (r *sqliteReader) eachStream(ctx context.Context, q replay.StreamQuery, each func(replay.Stream) bool) error {
	st := r.layout.selectStreams(sqliteFlavour, q)
	if st.rest.none {
		return nil
	}
	end, err := r.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	stmt, err := r.statement(st.sql)
	if err != nil {
		return err
	}
	defer r.release(st.sql, stmt)
	bind(stmt, st.args)
	ends := streamEnds{r: r, ctx: ctx}
	defer ends.close()
	for n := 0; q.Limit <= 0 || n < q.Limit; {
		if r.file == nil {
			return r.broken
		}
		more, err := stmt.Step()
		if err != nil || !more {
			return err
		}
		s, err := r.stream(stmt, q.IDsOnly && st.rest.categories == nil, &ends)
		if err != nil {
			return err
		}
		if st.rest.streams != nil && !st.rest.streams[string(s.ID)] ||
			st.rest.idPrefix != nil && !st.rest.idPrefix.matches(string(s.ID)) ||
			st.rest.categories != nil && !st.rest.categories[s.Category] {
			continue
		}
		if n++; !each(s) {
			return nil
		}
	}
	return nil
}

// stream makes a stream of a row of selectStreams.
func (r *sqliteReader) stream(stmt *sqlite.Stmt, idOnly bool, ends *streamEnds) (replay.Stream, error) {
	var s replay.Stream
	var v [4]value
	for i := range v {
		if idOnly && i > 0 {
			break
		}
		readColumn(stmt, i, &v[i])
	}
	s.ID = replay.StreamID(v[0].text())
	if v[0].kind != kindText {
		return s, fmt.Errorf("the stream of some events is %s, not text", v[0].describe())
	}
	if idOnly {
		return s, nil
	}
	if v[2].kind != kindInt || v[3].kind != kindInt {
		return s, fmt.Errorf("stream %q has a version that is not an integer: %s … %s",
			s.ID, v[2].describe(), v[3].describe())
	}
	s.Events, s.First, s.Last = v[1].num, replay.Version(v[2].num), replay.Version(v[3].num)
	first, err := ends.event(s.ID, s.First)
	if err != nil {
		return s, err
	}
	s.Category, s.FirstTime, s.LastTime = first.Category, first.Time, first.Time
	if s.Last != s.First {
		last, err := ends.event(s.ID, s.Last)
		if err != nil {
			return s, err
		}
		s.LastTime = last.Time
	}
	return s, nil
}

// streamEnds looks up single events, by one statement that is prepared once.
type streamEnds struct {
	r   *sqliteReader
	ctx context.Context
	c   *cursor
	key func(id string) (any, bool)
}

func (x *streamEnds) event(id replay.StreamID, v replay.Version) (*replay.Event, error) {
	if x.c == nil {
		c, err := x.r.open(x.ctx, replay.Query{
			Streams: []replay.StreamID{id}, Versions: replay.Between(v, v),
			Skip: replay.FieldID | replay.FieldMeta | replay.FieldData,
		})
		if err != nil {
			return nil, err
		}
		x.c = c
		x.key = x.r.layout.streamArg
	} else {
		arg := any(string(id))
		if x.key != nil {
			arg, _ = x.key(string(id))
		}
		if err := x.c.again(arg, int64(v), int64(v)); err != nil {
			return nil, err
		}
	}
	e, err := x.c.next()
	if err == nil && e == nil {
		err = fmt.Errorf("stream %q has no event of version %d, although an index says so", id, v)
	}
	return e, err
}

func (x *streamEnds) close() {
	if x.c != nil {
		x.c.close()
	}
}

// categoryOf returns the category of a stream where events have no column for it.
func (r *sqliteReader) categoryOf(stream string) (string, error) {
	l := r.layout
	if l.categoryQuery == "" && l.categoryOf == nil {
		return "", nil
	}
	if c, ok := r.categories[stream]; ok {
		return c, nil
	}
	category := ""
	if l.categoryQuery != "" {
		v, err := r.one(l.categoryQuery, stream)
		if err != nil {
			return "", err
		}
		category = r.names[colCategory].of(v.text())
	}
	if category == "" && l.categoryOf != nil {
		category = l.categoryOf(stream)
	}
	if len(r.categories) >= maxInterned {
		clear(r.categories)
	}
	r.categories[stream] = category
	return category, nil
}

// one returns the one value that the SQL gives.
func (r *sqliteReader) one(sql string, args ...any) (value, error) {
	vs, err := r.oneRow(sql, 1, args...)
	return vs[0], err
}

func (r *sqliteReader) oneRow(sql string, columns int, args ...any) ([]value, error) {
	vs := make([]value, columns)
	stmt, err := r.statement(sql)
	if err != nil {
		return vs, err
	}
	defer r.release(sql, stmt)
	bind(stmt, args)
	more, err := stmt.Step()
	if err != nil || !more {
		return vs, err
	}
	for i := range vs {
		readColumn(stmt, i, &vs[i])
	}
	return vs, nil
}

func (r *sqliteReader) Summary(ctx context.Context) (replay.Summary, error) {
	s, err := r.summarise(ctx)
	if err == nil {
		err = r.file.moved()
	}
	if err != nil {
		return replay.Summary{}, r.failed(ctx, err)
	}
	return s, nil
}

func (r *sqliteReader) summarise(ctx context.Context) (replay.Summary, error) {
	var s replay.Summary
	// The payload is read to count those that can't be.
	q := replay.Query{Skip: replay.FieldID | replay.FieldMeta}
	if !r.layout.has(colPosition) {
		q.Order = replay.ByStream
	}
	c, err := r.open(ctx, q)
	if err != nil {
		return s, err
	}
	defer c.close()
	t := tally{types: map[typeRevision]int64{}, categories: map[string]bool{}}
	for {
		e, err := c.next()
		if err != nil {
			return s, err
		}
		if e == nil {
			break
		}
		t.add(e)
	}
	t.into(&s)
	counts, err := r.oneRow(r.layout.countStreams(sqliteFlavour), 2)
	if err != nil {
		return s, err
	}
	s.Streams = counts[0].num
	if counts[1].num != s.Events {
		return s, damaged(s.Events, counts[1].num)
	}
	if r.layout.snapshots != "" {
		v, err := r.one(r.layout.snapshots)
		if err != nil {
			return s, err
		}
		s.Snapshots = v.num
	}
	s.LeftOut, err = r.countLeftOut(c)
	return s, err
}

func (r *sqliteReader) countLeftOut(c *cursor) ([]string, error) {
	var out []string
	for _, o := range r.layout.leftOut {
		if o.count == "" {
			out = append(out, o.what)
			continue
		}
		v, err := r.one(o.count)
		if err != nil {
			return nil, err
		}
		if v.num > 0 {
			out = append(out, fmt.Sprintf("%d %s", v.num, o.what))
		}
	}
	if c.opaque > 0 {
		out = append(out, fmt.Sprintf("%d payloads that can't be read", c.opaque))
	}
	if c.badTimes > 0 {
		out = append(out, fmt.Sprintf("%d times that can't be read", c.badTimes))
	}
	return out, nil
}

type typeRevision struct {
	typ      string
	revision int
}

// A tally counts events.
type tally struct {
	events      int64
	types       map[typeRevision]int64
	categories  map[string]bool
	first, last time.Time
}

func (t *tally) add(e *replay.Event) {
	t.events++
	t.types[typeRevision{e.Type, e.Revision}]++
	if e.Category != "" && !t.categories[e.Category] {
		t.categories[e.Category] = true
	}
	if e.Time.IsZero() {
		return
	}
	if t.first.IsZero() || e.Time.Before(t.first) {
		t.first = e.Time
	}
	if e.Time.After(t.last) {
		t.last = e.Time
	}
}

func (t *tally) into(s *replay.Summary) {
	s.Events, s.FirstTime, s.LastTime = t.events, t.first, t.last
	s.Categories = slices.Sorted(maps.Keys(t.categories))
	for k, n := range t.types {
		s.Types = append(s.Types, replay.TypeCount{Type: k.typ, Revision: k.revision, Events: n})
	}
	slices.SortFunc(s.Types, func(a, b replay.TypeCount) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return a.Revision - b.Revision
	})
}

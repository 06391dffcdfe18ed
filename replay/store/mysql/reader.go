package mysql

import (
	"context"
	"errors"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A reader reads any MySQL store through its layout.
type reader struct {
	*table.Binding
	session *session
	probe   *Probe
	info    replay.Info
	whole   *reader // of a shard: the whole store
	timed   bool    // it was looked whether times are numbers
}

// open connects and matches the dialects.
func open(ctx context.Context, at place.Location, o source.Options, all []Dialect) (replay.Reader, error) {
	s, err := dial(ctx, at, &o)
	if err != nil {
		return nil, err
	}
	r, err := newReader(ctx, s, o, all)
	if err == nil {
		return r, nil
	}
	s.close()
	var known *replay.StoreError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &known):
		return nil, err
	}
	return nil, s.wrong("open", err)
}

func newReader(ctx context.Context, s *session, o source.Options, all []Dialect) (*reader, error) {
	if s.cfg.DBName == "" {
		names, err := s.databases(ctx)
		if err != nil {
			return nil, err
		}
		return nil, s.noDatabase(names)
	}
	p, err := readSchema(ctx, s, &o)
	if err != nil {
		return nil, err
	}
	if len(p.Tables)+len(p.Views) == 0 && o.Query == "" {
		return nil, &replay.StoreError{
			Path: s.shown, Op: "open", Err: errors.New("this user can see no tables in it"),
			Next: fault.Try("name another database or user, or ask for GRANT SELECT on its tables"),
		}
	}
	l, err := matchDatabase(p, &o, all)
	var unknown *source.UnknownDialectError
	if errors.As(err, &unknown) && len(unknown.Matches) == 0 {
		if failed := proposeTables(ctx, p, unknown); failed != nil {
			return nil, failed
		}
	}
	if err == nil {
		err = l.Suits(&o)
	}
	if err != nil {
		return nil, err
	}
	r := &reader{session: s, probe: p}
	if r.Binding, err = l.Bind(&o, s.shown, r); err != nil {
		return nil, err
	}
	r.info = r.Describe(s.where + " in one read-only transaction: " + p.moments(l))
	return r, nil
}

// moments says of how many moments the answers are. Engines such as MyISAM have no
// snapshots.
func (p *Probe) moments(l *table.Layout) string {
	var without []string
	for t, engine := range p.plain {
		if strings.Contains(l.From, p.Name(t)) {
			without = append(without, t.Name+" ("+engine+")")
		}
	}
	if without == nil {
		return "all answers are from the same moment"
	}
	slices.Sort(without)
	return "but there are no snapshots of " + strings.Join(without, ", ") + ", so each answer is from the moment of its question"
}

// Flavour returns the SQL variant of MySQL.
func (r *reader) Flavour() table.Flavour { return flavour }

// Failed converts an error of the server to a StoreError.
func (r *reader) Failed(ctx context.Context, err error) error { return r.session.failed(ctx, err) }

// EachValue calls each for the first value of every row.
func (r *reader) EachValue(ctx context.Context, sql string, each func(*cell.Value)) error {
	return r.session.Run(ctx, sql, nil, func(row []cell.Value) error {
		each(&row[0])
		return nil
	})
}

// Info describes the store.
func (r *reader) Info() replay.Info {
	i := r.info
	i.TimesNext = r.Times.Next()
	return i
}

// Close ends the session.
func (r *reader) Close() error {
	r.session.close()
	return nil
}

// Events yields the events that match a query.
func (r *reader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		r.Each(ctx, q, yield, nil)
	}
}

// Values returns the first values of the first row.
func (r *reader) Values(ctx context.Context, n int, sql string, args ...any) ([]cell.Value, error) {
	return r.session.values(ctx, n, sql, args...)
}

// Open runs the statement for a query.
func (r *reader) Open(ctx context.Context, q replay.Query) (*table.Events, error) {
	st, err := r.Layout.SelectEvents(flavour, q)
	if err != nil {
		return nil, err
	}
	return r.Ask(ctx, st, q)
}

// Select runs a statement that does not select events.
func (r *reader) Select(ctx context.Context, st *table.Statement) (table.Rows, error) {
	if r.session.broken != nil {
		return nil, r.session.broken
	}
	return r.session.start(ctx, st.SQL, st.Args)
}

// Ask runs a statement for events.
func (r *reader) Ask(ctx context.Context, st *table.Statement, q replay.Query) (*table.Events, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.session.broken != nil {
		return nil, r.session.broken
	}
	if st.Rest.None {
		return r.Read(ctx, st, q, nil), nil
	}
	if st.Cols[source.Time] >= 0 {
		if err := r.timeUnit(ctx); err != nil {
			return nil, r.session.failed(ctx, err)
		}
	}
	rows, err := r.session.start(ctx, st.SQL, st.Args)
	if err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return r.Read(ctx, st, q, rows), nil
}

// timeUnit looks for the unit of times that are numbers before the first events: in between,
// their rows would have to be put aside.
func (r *reader) timeUnit(ctx context.Context) error {
	if r.timed || r.Times.Decided || r.Layout.Numbered { // where versions are counted, even one row takes all
		return nil
	}
	r.timed = true
	l := r.Layout
	where := ""
	if l.Where != "" {
		where = " WHERE " + l.Where
	}
	v, err := r.session.values(ctx, 1, "SELECT "+l.Cols[source.Time]+" FROM "+l.From+where+" LIMIT 1")
	if err == nil && (v[0].Kind == cell.Int || v[0].Kind == cell.Real) {
		err = r.Times.Decide(ctx)
	}
	return err
}

// Uniques returns the columns of the unique indexes of the table, if only one is read.
func (r *reader) Uniques(context.Context) (uniques [][]string, known bool, err error) {
	m := oneTable().FindStringSubmatch(r.Layout.From)
	if m == nil {
		return nil, true, nil
	}
	if t := r.probe.Table(strings.ReplaceAll(m[1], `""`, `"`)); t != nil {
		return t.Uniques, true, nil
	}
	return nil, true, nil
}

// oneTable matches a single table with an alias, without a join.
var oneTable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^"(?:[^"]|"")+"\."((?:[^"]|"")+)" AS \w+$`) })

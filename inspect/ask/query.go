package ask

import (
	"context"
	"io"
	"iter"
	"strings"

	"asof/inspect/query"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/workspace"
)

// Query asks with SQL, over the events, streams and states of a store.
type Query struct {
	workspace.StoreRef
	workspace.Folding
	SQL     string `json:"sql,omitempty" jsonschema:"one SELECT in the SQL of SQLite, such as SELECT stream, total FROM cart WHERE total < 0"`
	SQLFile string `json:"sql_file,omitempty" jsonschema:"the file with the SELECT, instead of sql"`
	At      string `json:"at,omitempty" jsonschema:"the moment of all tables: a point of the store, such as 2026-03-01 or pos:860; default: now"`
	Limit   int    `json:"limit,omitempty" jsonschema:"at most this many rows; default all"`
}

// A QueryRow is a row of the answer. Columns has the same names for each.
type QueryRow struct {
	Columns []string
	Values  []any // nil, int64, float64, string or []byte; valid until the next row
}

// JSON converts the row.
func (r QueryRow) JSON() wire.QueryRow { return wire.NewQueryRow(r.Columns, r.Values) }

// Check refuses what cannot be asked.
func (q Query) Check() error {
	switch {
	case q.SQL == "" && q.SQLFile == "":
		return workspace.Usagef("write a SELECT", "no SQL is given")
	case q.SQL != "" && q.SQLFile != "":
		return workspace.Usagef("give one of them", "both SQL and a file with SQL")
	}
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// In names the store.
func (q Query) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question. An answer without a row still has its columns: they are a
// row without values, which comes first.
func (q Query) Ask(ctx context.Context, w *workspace.Workspace) iter.Seq2[QueryRow, error] {
	return list(ctx, w, q)
}

// lines are the JSON of the rows.
func (q Query) lines(ctx context.Context, w *workspace.Workspace) iter.Seq2[wire.QueryRow, error] {
	return func(yield func(wire.QueryRow, error) bool) {
		for row, err := range q.Ask(ctx, w) {
			if err != nil {
				yield(wire.QueryRow{}, err)
				return
			}
			if row.Values != nil && !yield(row.JSON(), nil) {
				return
			}
		}
	}
}

// Of answers the question about an open store.
func (q Query) Of(ctx context.Context, s *workspace.Store) iter.Seq2[QueryRow, error] {
	return lines(func(yield func(QueryRow) error) error {
		sql, err := q.text(s.Workspace())
		if err != nil {
			return err
		}
		return withTables(ctx, s, q.Folding, q.At, func(db *query.DB) error { return q.rows(db, sql, yield) })
	})
}

func (q Query) rows(db *query.DB, sql string, yield func(QueryRow) error) error {
	answer, err := db.Query(sql)
	if err != nil {
		return err
	}
	if err := yield(QueryRow{Columns: answer.Columns}); err != nil {
		return err
	}
	n := 0
	for values, err := range answer.Rows {
		if err != nil {
			return err
		}
		if err := yield(QueryRow{answer.Columns, values}); err != nil {
			return err
		}
		if n++; n == q.Limit {
			break
		}
	}
	return nil
}

// mostSQL bounds the text of a statement, in bytes.
const mostSQL = 1 << 20

func (q Query) text(w *workspace.Workspace) (string, error) {
	if q.SQLFile == "" {
		return q.SQL, nil
	}
	f, err := w.OpenFile(q.SQLFile, "the SQL")
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(f, mostSQL+1))
	if err == nil && len(text) > mostSQL {
		err = workspace.Usagef("give a shorter one", "%s: more than %d bytes of SQL", q.SQLFile, mostSQL)
	}
	return string(text), err
}

// QueryTables asks which tables there are for [Query].
type QueryTables struct {
	workspace.StoreRef
	workspace.Folding
}

// Check refuses what cannot be asked.
func (q QueryTables) Check() error {
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// In names the store.
func (q QueryTables) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q QueryTables) Ask(ctx context.Context, w *workspace.Workspace) (*query.Schema, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q QueryTables) Of(ctx context.Context, s *workspace.Store) (answer *query.Schema, err error) {
	err = withTables(ctx, s, q.Folding, "", func(db *query.DB) error {
		answer, err = db.Schema()
		return err
	})
	return answer, err
}

// withTables opens a store as a database.
func withTables(ctx context.Context, s *workspace.Store, how workspace.Folding, at string, ask func(*query.DB) error) error {
	w := s.Workspace()
	from := query.Source{
		Reader: s.Reader, Store: s.Timeline(), Env: w.Env(), At: at, Strict: how.Strict,
		Note: func(n replay.Notice) { w.Note(n.Code, n.Text) },
	}
	t := tables{ctx: ctx, s: s, how: how, to: &from}
	defer t.close()
	if err := t.all(); err != nil {
		return err
	}
	db, err := query.Open(ctx, from)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // it has nothing to lose
	if err := ask(db); err != nil {
		return err
	}
	t.noteWarnings()
	return nil
}

// tables are those of projections, and what they hold open.
type tables struct {
	ctx     context.Context
	s       *workspace.Store
	how     workspace.Folding
	to      *query.Source
	folds   []*workspace.Folds
	targets []*workspace.Target
}

// all gives each projection of asof.toml its tables. Without one, or with a fold of the
// question's own, the tables are of state.
func (t *tables) all() error {
	proj, err := t.s.Workspace().Project()
	if err != nil {
		return err
	}
	if t.how.Fold == "" && proj != nil {
		for _, p := range proj.Projections {
			if t.how.Projection == "" || t.how.Projection == p.Name {
				if err := t.add(p); err != nil {
					return err
				}
			}
		}
	}
	if len(t.to.Projections) == 0 {
		t.streams(t.how, query.Projection{Name: "state", About: aboutState(t.how)})
	}
	return nil
}

// add adds a projection: over its streams, each by itself, or over all its events.
func (t *tables) add(p *project.Projection) error {
	out := query.Projection{Name: p.Name, About: "folded by " + p.Fold}
	f, err := t.s.Workspace().OpenProjection(p, t.how)
	if err != nil {
		return err
	}
	defer f.Close()
	script, _ := f.Reducer.(*js.Script)
	var sel replay.Selection
	if s, ok := f.Reducer.(replay.Selector); ok {
		sel = s.Selection()
	}
	switch byStream := script != nil && script.ByStream(); {
	case sel.Partitions && !byStream || !p.HasSelector() && !byStream:
		how := t.how
		how.Projection = ""
		all := t.one(how, "proj:")
		out.Many = func(ctx context.Context, at string) (replay.Subject, replay.Moment, error) {
			return all(ctx, p.Name, at)
		}
		out.Of = all
		if sel.Partitions {
			out.Of = t.one(how, "proj:"+p.Name+"/")
		}
		t.to.Projections = append(t.to.Projections, out)
		return nil
	case p.HasSelector():
		out.Takes, out.Categories = p.Matches, p.Categories
	default:
		out.Takes, out.Categories = sel.TakesStream, sel.Categories
	}
	how := t.how
	how.Projection = p.Name
	t.streams(how, out)
	return nil
}

func (t *tables) streams(how workspace.Folding, p query.Projection) {
	f := t.s.Workspace().Folds(how)
	p.Fold = f.For(t.ctx)
	p.Of = t.one(how, "")
	t.folds, t.to.Projections = append(t.folds, f), append(t.to.Projections, p)
}

// one opens the timeline of a single stream, or of a partition of a projection.
func (t *tables) one(how workspace.Folding, prefix string) func(context.Context, string, string) (replay.Subject, replay.Moment, error) {
	return func(ctx context.Context, name, at string) (replay.Subject, replay.Moment, error) {
		target, err := t.s.Target(ctx, prefix+name, how)
		if err != nil {
			return replay.Subject{}, replay.Moment{}, err
		}
		t.targets = append(t.targets, target)
		m, err := target.Moment(ctx, at)
		return target.Subject, m, err
	}
}

func (t *tables) close() {
	for _, f := range t.folds {
		f.Close()
	}
	for _, one := range t.targets {
		one.Close()
	}
}

func (t *tables) noteWarnings() {
	for _, f := range t.folds {
		f.NoteWarnings()
	}
	for _, one := range t.targets {
		one.NoteWarnings()
	}
}

func aboutState(how workspace.Folding) string {
	switch {
	case how.Fold != "" && !strings.ContainsAny(how.Fold, "\n"):
		return "folded by " + how.Fold
	case how.Projection != "":
		return "folded by " + how.Projection
	}
	return "folded by merge"
}

package ask

import (
	"context"
	"io"
	"iter"
	"time"

	"asof/inspect/query"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/workspace"
)

// Query asks with SQL, over the events, streams and states of a store.
type Query struct {
	workspace.StoreRef
	workspace.Folding
	SQL     string `json:"sql,omitempty" jsonschema:"one SELECT in the SQL of SQLite, such as SELECT stream, total FROM cart WHERE total < 0"`
	SQLFile string `json:"sql_file,omitempty" jsonschema:"the file with the SELECT, instead of sql"`
	At      string `json:"at,omitempty" jsonschema:"the moment of all tables: a point of the store, such as 2026-03-01 or pos:860; default: now"`
	Timeout string `json:"timeout,omitempty" jsonschema:"end the question after this time, such as 30s; default: never"`
	Page
}

// A QueryRow is a row of the answer. Columns has the same names for each.
type QueryRow struct {
	Columns []string
	Values  []any  // nil, int64, float64, string or []byte; valid until the next row
	Cursor  string // if the list was cut after this row
}

// JSON converts the row.
func (r QueryRow) JSON() wire.QueryRow {
	x := wire.NewQueryRow(r.Columns, r.Values)
	x.Cursor = r.Cursor
	return x
}

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
	if _, err := timeLimit(q.Timeout); err != nil {
		return err
	}
	if err := checkMoment(q.At); err != nil {
		return err
	}
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// checkMoment refuses a text that is not a point in any time zone.
func checkMoment(at string) error {
	if at == "" {
		return nil
	}
	if r, err := replay.ParseRange(at, replay.Env{Now: time.Now(), Zone: time.UTC}); err == nil && !r.Single {
		return workspace.Usagef("name one point", "%q is a range", at)
	}
	_, err := replay.ParsePoint(at, replay.Env{Now: time.Now(), Zone: time.UTC})
	return err
}

// In names the store.
func (q Query) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question. An answer without a row still has its columns: they are a
// row without values, which comes first.
func (q Query) Ask(ctx context.Context, w *workspace.Workspace) iter.Seq2[QueryRow, error] {
	return func(yield func(QueryRow, error) bool) {
		ctx, stop := within(ctx, q.Timeout)
		defer stop()
		for row, err := range list(ctx, w, q) {
			if !yield(row, overdue(ctx, err)) {
				return
			}
		}
	}
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
		if err == nil {
			err = NoteLost(ctx, s)
		}
		if err != nil {
			return err
		}
		at, skip, err := q.pin(ctx, s)
		if err != nil {
			return err
		}
		return withTables(ctx, s, q.Folding, at, func(db *query.DB) error {
			defer db.NoteBasis()
			return q.rows(db, sql, at, skip, yield)
		})
	})
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

// QueryPlan asks what [Query] would read and fold.
type QueryPlan struct {
	Query
}

// Ask answers the question.
func (q QueryPlan) Ask(ctx context.Context, w *workspace.Workspace) (*query.Plan, error) {
	ctx, stop := within(ctx, q.Timeout)
	defer stop()
	plan, err := one(ctx, w, q)
	return plan, overdue(ctx, err)
}

// Of answers the question about an open store.
func (q QueryPlan) Of(ctx context.Context, s *workspace.Store) (plan *query.Plan, err error) {
	sql, err := q.text(s.Workspace())
	if err != nil {
		return nil, err
	}
	err = withTables(ctx, s, q.Folding, q.At, func(db *query.DB) error {
		plan, err = db.Explain(sql)
		return err
	})
	return plan, err
}

// QueryNames asks for the names of tables and columns that are known without folding all
// states, for completion.
type QueryNames QueryTables

// Check refuses what cannot be asked.
func (q QueryNames) Check() error { return QueryTables(q).Check() }

// In names the store.
func (q QueryNames) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q QueryNames) Ask(ctx context.Context, w *workspace.Workspace) (*[]string, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q QueryNames) Of(ctx context.Context, s *workspace.Store) (answer *[]string, err error) {
	err = withTables(ctx, s, q.Folding, q.At, func(db *query.DB) error {
		names, err := db.Names()
		answer = &names
		return err
	})
	return answer, err
}

// QueryTables asks which tables there are for [Query].
type QueryTables struct {
	workspace.StoreRef
	workspace.Folding
	At      string `json:"at,omitempty" jsonschema:"the moment of the rows that are shown: a point of the store; default: now"`
	Timeout string `json:"timeout,omitempty" jsonschema:"end the question after this time, such as 30s; default: never"`
}

// Check refuses what cannot be asked.
func (q QueryTables) Check() error {
	if _, err := timeLimit(q.Timeout); err != nil {
		return err
	}
	if err := checkMoment(q.At); err != nil {
		return err
	}
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// In names the store.
func (q QueryTables) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q QueryTables) Ask(ctx context.Context, w *workspace.Workspace) (*query.Schema, error) {
	ctx, stop := within(ctx, q.Timeout)
	defer stop()
	schema, err := one(ctx, w, q)
	return schema, overdue(ctx, err)
}

// Of answers the question about an open store.
func (q QueryTables) Of(ctx context.Context, s *workspace.Store) (*query.Schema, error) {
	return q.of(ctx, s, (*query.DB).Schema)
}

// KnownOf answers the question about an open store with what is known without folding all
// states, see [query.DB.Known].
func (q QueryTables) KnownOf(ctx context.Context, s *workspace.Store) (*query.Schema, error) {
	return q.of(ctx, s, (*query.DB).Known)
}

func (q QueryTables) of(ctx context.Context, s *workspace.Store, ask func(*query.DB) (*query.Schema, error)) (answer *query.Schema, err error) {
	err = withTables(ctx, s, q.Folding, q.At, func(db *query.DB) error {
		answer, err = ask(db)
		return err
	})
	return answer, err
}

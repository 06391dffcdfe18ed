package ask

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"asof/inspect/drift"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// model compares a read model.
func (q Drift) model(ctx context.Context, s *workspace.Store) (answer *Drifted, err error) {
	if err := q.checkFold(ctx, s); err != nil {
		return nil, err
	}
	target, err := s.Workspace().Store(ctx, workspace.StoreRef{Store: q.Against, Query: q.rowsSQL(!s.Workspace().Location(q.Against).IsDSN())})
	if err != nil {
		return nil, err
	}
	defer target.Close() //nolint:errcheck // only read
	got, err := q.rows(ctx, target)
	if err != nil {
		return nil, err
	}
	defer got.stop()
	if got.aside == nil {
		if got.aside, err = q.readAside(ctx, s.Workspace()); err != nil {
			return nil, err
		}
	}
	answer = &Drifted{Kind: DriftModel, Moment: q.At}
	if q.Checkpoint != "" {
		if answer.Moment, err = checkpoint(got.aside.Get("reached")); err != nil {
			return nil, err
		}
	}
	err = withTables(ctx, s, q.Folding, answer.Moment, func(db *query.DB) error {
		p, err := db.Only()
		if err != nil {
			return err
		}
		answer.Projection = p.Name
		answer.Result, err = q.compare(ctx, db, p, target, got)
		return err
	})
	if err != nil {
		return nil, err
	}
	answer.Prefix = prefixOf(answer.Result)
	answer.Keyless, _ = strconv.ParseInt(got.aside.Get("keyless").Text(), 10, 64) // COUNT gives a whole number
	return answer, nil
}

// compare compares the rows as they come. If the keys are then in another order than the
// streams, it reads the rows again and sorts them.
func (q Drift) compare(ctx context.Context, db *query.DB, p *query.Projection, target *workspace.Store, got *driftRows) (*drift.Result, error) {
	forms, states, err := q.keyedBy(db, p)
	if err != nil {
		return nil, err
	}
	result, err := drift.Run(ctx, q.wants(states), got.keyed(forms), q.options())
	if !errors.Is(err, drift.ErrOrder) {
		return result, err
	}
	got.stop()
	again, err := q.rows(ctx, target)
	if err != nil {
		return nil, err
	}
	defer again.stop()
	sorted, err := drift.SortRows(again.keyed(forms))
	if err != nil {
		return nil, err
	}
	defer sorted.Close()
	return drift.Run(ctx, q.wants(states), sorted.All(), q.options())
}

// checkFold opens the folds and finds the moment of the question before the read model is
// read: its server may take long to sort it.
func (q Drift) checkFold(ctx context.Context, s *workspace.Store) error {
	t := tablesOf(ctx, s, q.Folding, q.At)
	defer t.close()
	t.to.Note = func(replay.Notice) {} // they are noted when the states are read
	if err := t.all(); err != nil {
		return err
	}
	db, err := query.Open(ctx, *t.to)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // it has nothing to lose
	_, err = db.Only()
	return err
}

func (q Drift) key() (column, prefix string) {
	column, prefix, _ = strings.Cut(q.Key, "=")
	return column, strings.TrimSuffix(prefix, "*")
}

// rowsSQL selects the rows of the read model as events: the key as the stream, and the
// columns, with what [Drift.asideSQL] asks, as the payload. All is read in one snapshot.
// Rows of one key are numbered. In a file, a real number is made a text: it can be a key, and
// it is not the id of a stream. Values of several types may be one key there, such as 5 and
// the text 5, so that all rows are numbered.
func (q Drift) rowsSQL(inFile bool) string {
	column, _ := q.key()
	key := query.Quoted(column)
	text, alike := key, "PARTITION BY "+key
	if inFile {
		alike = ""
		text = "CASE typeof(" + key + ") WHEN 'real' THEN CAST(" + key + " AS TEXT) ELSE " + key + " END"
	}
	sql := "SELECT " + text + " AS stream, ROW_NUMBER() OVER (" + alike + ") AS version, 'row' AS type, " + key + " AS k"
	for i, c := range q.columns() {
		sql += fmt.Sprintf(", %s AS c%d", query.Quoted(c.Name), i)
	}
	return sql + q.asideSQL() + " FROM " + q.table()
}

// asideSQL selects what is the same for all rows: how many have no key, and the checkpoint.
func (q Drift) asideSQL() string {
	column, _ := q.key()
	sql := ", (SELECT COUNT(*) FROM " + q.table() + " WHERE " + query.Quoted(column) + " IS NULL) AS keyless"
	if q.Checkpoint != "" {
		sql += ", (" + strings.TrimRight(q.Checkpoint, "; \n") + ") AS reached"
	}
	return sql
}

func (q Drift) table() string {
	var parts []string
	for _, part := range strings.Split(q.Model, ".") {
		parts = append(parts, query.Quoted(part))
	}
	return strings.Join(parts, ".")
}

// driftRows are the rows of a read model, of which the first is read.
type driftRows struct {
	aside  *state.Node // what is the same for all, as the first row has it; nil: there is no row
	prefix string      // that the keys lack
	seq    iter.Seq2[driftRow, error]
	stop   func()
}

// A driftRow is a row of a read model, with its key as a value and as the database writes it.
type driftRow struct {
	drift.Got
	key state.Value
	raw string
}

// keyed returns the rows with the keys that streams of these forms have.
func (r *driftRows) keyed(forms *drift.KeyForms) iter.Seq2[drift.Got, error] {
	return func(yield func(drift.Got, error) bool) {
		for row, err := range r.seq {
			if err == nil {
				row.Key = r.prefix + forms.Written(row.key, row.raw)
			}
			if !yield(row.Got, err) {
				return
			}
		}
	}
}

func (q Drift) rows(ctx context.Context, target *workspace.Store) (*driftRows, error) {
	columns, out := q.columns(), &driftRows{}
	_, out.prefix = q.key()
	next, stop := iter.Pull2(target.Reader.Events(ctx, replay.Query{Order: replay.ByStream}))
	out.stop = stop
	read := func() (*driftRow, error) {
		e, err, ok := next()
		if !ok || err != nil {
			return nil, err
		}
		body, err := e.Body()
		if err != nil {
			return nil, err
		}
		row := state.Clone(body).Node()
		got := &driftRow{key: row.Get("k"), raw: string(e.Stream)}
		for i := range columns {
			got.Values = append(got.Values, row.Get("c"+strconv.Itoa(i)))
		}
		if out.aside == nil {
			out.aside = row
		}
		return got, nil
	}
	first, err := read()
	if err != nil {
		stop()
		return nil, err
	}
	out.seq = func(yield func(driftRow, error) bool) {
		for row := first; row != nil; {
			if !yield(*row, nil) {
				return
			}
			var err error
			if row, err = read(); err != nil {
				yield(driftRow{}, err)
				return
			}
		}
	}
	return out, nil
}

// readAside asks an empty read model for what is the same for all rows.
func (q Drift) readAside(ctx context.Context, w *workspace.Workspace) (*state.Node, error) {
	sql := "SELECT 'aside' AS stream, 1 AS version, 'row' AS type" + q.asideSQL()
	target, err := w.Store(ctx, workspace.StoreRef{Store: q.Against, Query: sql})
	if err != nil {
		return nil, err
	}
	defer target.Close() //nolint:errcheck // only read
	for e, err := range target.Reader.Events(ctx, replay.Query{Order: replay.ByStream}) {
		if err != nil {
			return nil, err
		}
		body, err := e.Body()
		return state.Clone(body).Node(), err
	}
	return state.NewObject(), nil
}

// checkpoint is the position that the read model has reached, as a point.
func checkpoint(reached state.Value) (string, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(reached.Text()), 10, 64)
	if reached.Kind() != state.Number && reached.Kind() != state.String || err != nil {
		return "", workspace.Usagef("write a SELECT that gives one position", "the checkpoint is not a position")
	}
	return replay.AtPosition(replay.Position(n)).String(), nil
}

// wants are the rows as replay gives them. A stream whose state is null has none.
func (q Drift) wants(states iter.Seq2[*query.StateRow, error]) iter.Seq2[drift.Want, error] {
	paths := q.paths()
	return func(yield func(drift.Want, error) bool) {
		for row, err := range states {
			if err != nil {
				yield(drift.Want{}, err)
				return
			}
			w := wanted(row)
			if hasNone(&w) {
				continue
			}
			if q.fill(&w, paths); !yield(w, nil) {
				return
			}
		}
	}
}

// prefixOf is the beginning of the streams that the keys of a table seem to lack: no row
// has its key, and each listed key is the end of a stream without a row.
func prefixOf(r *drift.Result) string {
	if r.Identical+r.Modified > 0 || len(r.Surplus) == 0 || r.Surplus[0] == "" {
		return ""
	}
	for _, stream := range r.Lacks {
		if prefix, ok := strings.CutSuffix(stream, r.Surplus[0]); ok && prefix != "" {
			return prefix
		}
	}
	return ""
}

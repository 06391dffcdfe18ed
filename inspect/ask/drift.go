package ask

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"asof/inspect"
	"asof/inspect/drift"
	"asof/inspect/query"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
	"asof/replay/workspace"
)

// Drift compares a read model with the states that replay gives.
type Drift struct {
	workspace.StoreRef
	workspace.Folding
	At         string            `json:"at,omitempty" jsonschema:"the moment that the read model shows: a point of the store; default: now"`
	Against    string            `json:"against" jsonschema:"the database of the read model: a path or a connection string"`
	Model      string            `json:"model" jsonschema:"the table of the read model, such as carts or public.carts"`
	Key        string            `json:"key" jsonschema:"the column with the stream, such as id; id=cart-* for the stream without its beginning"`
	Columns    map[string]string `json:"columns" jsonschema:"the path of the state for each column, such as total to /total"`
	Checkpoint string            `json:"checkpoint,omitempty" jsonschema:"a SELECT in the read model's database that gives the position it has reached, instead of at"`
	Tolerance  string            `json:"tolerance,omitempty" jsonschema:"by how much numbers may differ; default: not at all"`
	Limit      int               `json:"limit,omitempty" jsonschema:"list at most this many wrong cells and keys; default 100"`
}

// driftMost is how many wrong cells are listed.
const driftMost = 100

// Drifted is the answer of [Drift].
type Drifted struct {
	*drift.Result
	Columns    []drift.Column
	Projection string
	Moment     string // as of which the states are; empty: now
	Prefix     string // that the keys of the table lack, as it seems
}

// JSON converts the answer.
func (d *Drifted) JSON() wire.Drift {
	return wire.NewDrift(d.Result, d.Columns, d.Projection, d.Moment, d.Prefix)
}

// Check refuses what cannot be asked.
func (q Drift) Check() error {
	switch {
	case q.Against == "":
		return workspace.Usage(fault.Try("name the database of the read model").With("against"), "there is nothing to compare with")
	case q.Model == "":
		return workspace.Usage(fault.Try("name the table of the read model").With("table"), "no table is given")
	case q.Key == "":
		return workspace.Usage(fault.Try("name the column that has the stream").With("key"), "no key is given")
	case len(q.Columns) == 0:
		return workspace.Usage(fault.Try("name columns with their paths in the state, such as total=/total").With("map"), "no column is given")
	case q.At != "" && q.Checkpoint != "":
		return workspace.Usagef("give one of them", "both a point and a checkpoint")
	}
	if _, prefix, ok := strings.Cut(q.Key, "="); ok && (strings.Count(prefix, "*") != 1 || !strings.HasSuffix(prefix, "*")) {
		return workspace.Usagef("write the beginning of the streams and a star, such as id=cart-*", "bad key %q", q.Key)
	}
	for _, path := range q.Columns {
		if _, err := state.ParsePath(path); err != nil {
			return err
		}
	}
	if err := drift.CheckTolerance(q.Tolerance); err != nil {
		return err
	}
	if err := CheckLimit(q.Limit); err != nil {
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
func (q Drift) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Drift) Ask(ctx context.Context, w *workspace.Workspace) (*Drifted, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Drift) Of(ctx context.Context, s *workspace.Store) (answer *Drifted, err error) {
	target, err := s.Workspace().Store(ctx, workspace.StoreRef{Store: q.Against, Query: q.rowsSQL()})
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
	answer = &Drifted{Moment: q.At}
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
		answer.Projection, answer.Columns = p.Name, q.columns()
		answer.Result, err = drift.Run(ctx, q.wants(db, p), got.seq, drift.Options{
			Columns: answer.Columns, Tolerance: q.Tolerance, Most: q.most(), Setter: setterOf(ctx, p),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	answer.Prefix = prefixOf(answer.Result)
	answer.Keyless, _ = strconv.ParseInt(got.aside.Get("keyless").Text(), 10, 64) // COUNT gives a whole number
	return answer, nil
}

func (q Drift) most() int {
	if q.Limit > 0 {
		return q.Limit
	}
	return driftMost
}

func (q Drift) columns() (cols []drift.Column) {
	for _, name := range slices.Sorted(maps.Keys(q.Columns)) {
		cols = append(cols, drift.Column{Name: name, Path: q.Columns[name]})
	}
	return cols
}

func (q Drift) key() (column, prefix string) {
	column, prefix, _ = strings.Cut(q.Key, "=")
	return column, strings.TrimSuffix(prefix, "*")
}

// rowsSQL selects the rows of the read model as events: the key as the stream, and the
// columns, with what [Drift.asideSQL] asks, as the payload. All is read in one snapshot.
// Rows of one key are numbered.
func (q Drift) rowsSQL() string {
	column, _ := q.key()
	key := query.Quoted(column)
	sql := "SELECT " + key + " AS stream, ROW_NUMBER() OVER (PARTITION BY " + key + ") AS version, 'row' AS type"
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
	aside *state.Node // what is the same for all, as the first row has it; nil: there is no row
	seq   iter.Seq2[drift.Got, error]
	stop  func()
}

func (q Drift) rows(ctx context.Context, target *workspace.Store) (*driftRows, error) {
	columns, out := q.columns(), &driftRows{}
	_, prefix := q.key()
	next, stop := iter.Pull2(target.Reader.Events(ctx, replay.Query{Order: replay.ByStream}))
	out.stop = stop
	read := func() (*drift.Got, error) {
		e, err, ok := next()
		if !ok || err != nil {
			return nil, err
		}
		body, err := e.Body()
		if err != nil {
			return nil, err
		}
		row := state.Clone(body).Node()
		got := &drift.Got{Key: prefix + string(e.Stream)}
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
	out.seq = func(yield func(drift.Got, error) bool) {
		for row := first; row != nil; {
			if !yield(*row, nil) {
				return
			}
			var err error
			if row, err = read(); err != nil {
				yield(drift.Got{}, err)
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
func (q Drift) wants(db *query.DB, p *query.Projection) iter.Seq2[drift.Want, error] {
	var paths []state.Path
	for _, c := range q.columns() {
		paths = append(paths, pathOf(c.Path))
	}
	return func(yield func(drift.Want, error) bool) {
		for row, err := range db.States(p) {
			w := drift.Want{Key: string(row.Stream), Stream: row.Stream, At: row.At, Err: row.Err}
			if err == nil && row.Err == nil {
				if row.State.IsAbsent() || row.State.Kind() == state.Null {
					continue
				}
				for _, path := range paths {
					v, err := path.Lookup(row.State)
					if err != nil {
						v = state.Value{} // it has none
					}
					w.Values = append(w.Values, v)
				}
			}
			if !yield(w, err) {
				return
			}
		}
	}
}

// setterOf finds the event that last set a value of a state.
func setterOf(ctx context.Context, p *query.Projection) func(*drift.Want, string) (*replay.Event, error) {
	return func(w *drift.Want, path string) (*replay.Event, error) {
		subject, to, err := p.Of(ctx, string(w.Stream), w.At)
		if err != nil {
			return nil, err
		}
		b, err := inspect.Blame(ctx, subject, replay.Interval{To: to}, path)
		if err != nil {
			return nil, err
		}
		by := b.Root().Last()
		if by == nil || by.Event == nil {
			return nil, nil //nolint:nilnil // it was there before the first event
		}
		return by.Event, nil
	}
}

// prefixOf is the beginning of the streams that the keys of a table seem to lack: no row
// has its key, and each listed key is the end of a stream without a row.
func prefixOf(r *drift.Result) string {
	if r.Identical+r.Modified > 0 || len(r.Surplus) == 0 {
		return ""
	}
	for _, stream := range r.Lacks {
		if prefix, ok := strings.CutSuffix(stream, r.Surplus[0]); ok && prefix != "" {
			return prefix
		}
	}
	return ""
}

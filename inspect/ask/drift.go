package ask

import (
	"context"
	"maps"
	"slices"
	"strings"

	"asof/inspect/drift"
	"asof/inspect/query"
	"asof/inspect/wire"
	"asof/replay/fault"
	"asof/replay/state"
	"asof/replay/workspace"
)

// Drift compares what an application keeps with the states that replay gives: a read model,
// or its own snapshots, or the states of another fold.
type Drift struct {
	workspace.StoreRef
	workspace.Folding
	At         string            `json:"at,omitempty" jsonschema:"the moment that the read model shows: a point of the store; default: now"`
	Against    string            `json:"against,omitempty" jsonschema:"the database of the read model: a path or a connection string"`
	Model      string            `json:"model,omitempty" jsonschema:"the table of the read model, such as carts or public.carts"`
	Key        string            `json:"key,omitempty" jsonschema:"the column with the stream, such as id; id=cart-* for the stream without its beginning"`
	Columns    map[string]string `json:"columns,omitempty" jsonschema:"the path of the state for each column, such as total to /total; of snapshots, for each member or path; default there: all members"`
	Checkpoint string            `json:"checkpoint,omitempty" jsonschema:"a SELECT in the read model's database that gives the position it has reached, instead of at"`
	Snapshots  bool              `json:"snapshots,omitempty" jsonschema:"compare the snapshots that the application keeps in the store, instead of a read model"`
	OtherFold  string            `json:"other_fold,omitempty" jsonschema:"compare the states of this second fold with those of fold, instead of a read model"`
	Tolerance  string            `json:"tolerance,omitempty" jsonschema:"by how much numbers may differ; default: not at all"`
	Page                         // of wrong cells, and of each list of keys; default 100

	place *drift.Place `json:"-"` // where the page begins
}

// driftMost is how many wrong cells, and keys of each kind, are listed by default.
const driftMost = 100

// A DriftKind is what is compared with replay.
type DriftKind string

// The kinds of comparison.
const (
	DriftModel     DriftKind = "model"
	DriftSnapshots DriftKind = "snapshots"
	DriftFolds     DriftKind = "folds" // two folds, of which the second is taken to be right
)

// Kind is what the question compares.
func (q Drift) Kind() DriftKind {
	switch {
	case q.Snapshots:
		return DriftSnapshots
	case q.OtherFold != "":
		return DriftFolds
	}
	return DriftModel
}

// Drifted is the answer of [Drift].
type Drifted struct {
	*drift.Result
	Kind       DriftKind
	Projection string
	Other      string // of two folds: the first
	Moment     string // as of which the states are; empty: now
	Prefix     string // that the keys of the table lack, as it seems
	Paged      bool   // the question says how much is listed
	Cursor     string // if the lists are cut
}

// JSON converts the answer.
func (d *Drifted) JSON() wire.Drift {
	x := wire.NewDrift(d.Result, string(d.Kind), d.Projection, d.Other, d.Moment, d.Prefix)
	x.Cursor = d.Cursor
	return x
}

// Check refuses what cannot be asked.
func (q Drift) Check() error {
	if err := q.checkKind(); err != nil {
		return err
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

// checkKind refuses a question that mixes two, or lacks a part of one.
func (q Drift) checkKind() error {
	model := q.Against != "" || q.Model != "" || q.Key != "" || q.Checkpoint != ""
	switch {
	case q.Snapshots && q.OtherFold != "":
		return workspace.Usagef("give one of them", "both snapshots and a second fold")
	case q.Snapshots && (model || q.At != ""):
		return workspace.Usagef("leave the rest out", "snapshots are in the store, each of its own version")
	case q.OtherFold != "" && (model || len(q.Columns) > 0 || q.Tolerance != ""):
		return workspace.Usagef("leave the rest out", "two folds are compared as they are, over all of their states")
	case q.OtherFold != "" && q.Fold == "":
		return workspace.Usagef("name both folds", "a second fold without a first")
	case q.Snapshots || q.OtherFold != "":
		return nil
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
	return nil
}

// In names the store.
func (q Drift) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Drift) Ask(ctx context.Context, w *workspace.Workspace) (*Drifted, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Drift) Of(ctx context.Context, s *workspace.Store) (*Drifted, error) {
	from, err := q.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	page := q
	if page.place = from.place; from.place != nil {
		page.At = from.at
	}
	compare := page.model
	switch q.Kind() {
	case DriftSnapshots:
		compare = page.snapshots
	case DriftFolds:
		compare = page.folds
	}
	answer, err := compare(ctx, s)
	if answer != nil && answer.Result != nil {
		answer.Paged, answer.Cursor = q.Limit > 0, q.after(from.at, answer.Last)
	}
	return answer, err
}

// options are those of the comparison.
func (q Drift) options() drift.Options {
	return drift.Options{Columns: q.columns(), Tolerance: q.Tolerance, Most: q.most(), After: q.place}
}

// wanted is a state as replay gives it. One that lacks events is not known to be right.
func wanted(row *query.StateRow) drift.Want {
	w := drift.Want{Key: string(row.Stream), Stream: row.Stream, State: row.State, Err: row.Err, Setter: row.Setter}
	if w.Err == nil && row.Unread != nil {
		w.Err = row.Unread
	}
	return w
}

// hasNone reports whether replay gives no state.
func hasNone(w *drift.Want) bool {
	return w.Err == nil && (w.State.IsAbsent() || w.State.Kind() == state.Null)
}

// fill takes the values of columns from the state.
func (q Drift) fill(w *drift.Want, paths []state.Path) {
	if w.Err != nil {
		return
	}
	for _, path := range paths {
		v, err := path.Lookup(w.State)
		if err != nil {
			v = state.Value{} // it has none
		}
		w.Values = append(w.Values, v)
	}
}

// paths are those of the columns.
func (q Drift) paths() (paths []state.Path) {
	for _, c := range q.columns() {
		paths = append(paths, pathOf(c.Path))
	}
	return paths
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

package ask

import (
	"context"

	"asof/inspect/check"
	"asof/replay/workspace"
)

// BisectAll asks for the first bad event of every stream of a store. It is a check of
// one invariant.
type BisectAll struct {
	workspace.StoreRef
	workspace.Folding
	Condition
	At    string `json:"at,omitempty" jsonschema:"search the store as it was at this point, such as 2026-03-01 or pos:48210; default now"`
	Shard string `json:"shard,omitempty" jsonschema:"only part I of N of the streams, as I/N, divided by a hash of the stream id"`
	Explaining
	Page
}

// Check rejects an invalid request.
func (q BisectAll) Check() error {
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	if !q.Given() {
		return workspace.Usagef("give a condition", "no condition given")
	}
	if err := q.Condition.Check(); err != nil {
		return err
	}
	if err := q.Explaining.check(q.Shard, false); err != nil {
		return err
	}
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// In returns the store.
func (q BisectAll) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q BisectAll) Ask(ctx context.Context, w *workspace.Workspace) (*Checked, error) {
	return one(ctx, w, q)
}

// precheck rejects an unknown projection.
func (q BisectAll) precheck(w *workspace.Workspace) error {
	_, err := namedProjection(w, q.Projection)
	return err
}

func (q BisectAll) run(s *workspace.Store) (*checkRun, error) {
	proj, err := namedProjection(s.Workspace(), q.Projection)
	if err != nil {
		return nil, err
	}
	rule := newCheckRule(q.name(s.Workspace()), q.Condition, proj)
	rule.Name = rule.Text
	run, err := newCheckRun(s, []checkRule{rule}, q.Folding, q.Shard)
	if err != nil {
		return nil, err
	}
	run.at, run.study = q.At, q.study()
	return run, nil
}

// KeptBisectAll asks whether the cached answer of a bisection of all streams equals
// that of a full one. A wrong answer is removed.
type KeptBisectAll struct{ BisectAll }

// Ask answers the question.
func (q KeptBisectAll) Ask(ctx context.Context, w *workspace.Workspace) (*check.Proof, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q KeptBisectAll) Of(ctx context.Context, s *workspace.Store) (*check.Proof, error) {
	run, err := q.run(s)
	if err != nil {
		return nil, err
	}
	return run.verify(ctx)
}

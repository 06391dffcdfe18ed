package ask

import (
	"context"
	"slices"

	"asof/inspect/check"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/project"
	"asof/replay/workspace"
)

// CheckStore tests the invariants of asof.toml and of the question over every stream.
type CheckStore struct {
	workspace.StoreRef
	workspace.Folding
	Invariants []Invariant      `json:"invariants,omitempty" jsonschema:"invariants to test in addition to those of asof.toml; with projection, over its streams only"`
	At         string           `json:"at,omitempty" jsonschema:"check the store as it was at this point, such as 2026-03-01 or pos:48210; default now"`
	Since      *replay.Position `json:"since_position,omitempty" jsonschema:"only what became bad after this position"`
	Shard      string           `json:"shard,omitempty" jsonschema:"only part I of N of the streams, as I/N, divided by a hash of the stream id"`
	Memory     int64            `json:"memory,omitempty" jsonschema:"approximate memory limit for all states, in bytes; default: none"`
	Explaining
	Page

	// Ready is called before the check, once everything it reads is open. Its error
	// ends the question. It may be nil.
	Ready func() error `json:"-"`
}

// An Invariant is a named condition that must hold after every event.
type Invariant struct {
	Name string `json:"name" jsonschema:"name of the invariant in the answer"`
	Condition
}

// Check rejects an invariant that cannot be tested.
func (i Invariant) Check() error {
	if i.Name == "" {
		return workspace.Usagef("give it a name", "an invariant has no name")
	}
	if !i.Given() {
		return workspace.Usagef("give an expression that is good or bad", "the invariant %q has no condition", i.Name)
	}
	return i.Condition.Check()
}

// Check rejects an invalid request.
func (q CheckStore) Check() error {
	for _, i := range q.Invariants {
		if err := i.Check(); err != nil {
			return err
		}
	}
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	if q.Memory < 0 {
		return workspace.Usagef("write how many bytes, or 0 for no limit", "bad memory %d", q.Memory)
	}
	if err := q.Explaining.check(q.Shard, q.Since != nil); err != nil {
		return err
	}
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// In returns the store.
func (q CheckStore) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q CheckStore) Ask(ctx context.Context, w *workspace.Workspace) (*Checked, error) {
	return one(ctx, w, q)
}

// precheck rejects a check without invariants.
func (q CheckStore) precheck(w *workspace.Workspace) error {
	_, err := q.rules(w)
	return err
}

func (q CheckStore) run(s *workspace.Store) (*checkRun, error) {
	rules, err := q.rules(s.Workspace())
	if err != nil {
		return nil, err
	}
	run, err := newCheckRun(s, rules, q.Folding, q.Shard)
	if err != nil {
		return nil, err
	}
	run.at, run.since, run.memory, run.study = q.At, q.Since, q.Memory, q.study()
	return run, nil
}

// Conditions returns the conditions of the invariants, in the order of the answer.
func (q CheckStore) Conditions(w *workspace.Workspace) ([]Condition, error) {
	rules, err := q.rules(w)
	all := make([]Condition, len(rules))
	for i, r := range rules {
		all[i] = r.condition()
	}
	return all, err
}

// rules collects the invariants of asof.toml and of the question.
func (q CheckStore) rules(w *workspace.Workspace) ([]checkRule, error) {
	all, err := projectRules(w, q.Projection)
	if err != nil {
		return nil, err
	}
	proj, err := namedProjection(w, q.Projection)
	if err != nil {
		return nil, err
	}
	for _, i := range q.Invariants {
		if slices.ContainsFunc(all, func(r checkRule) bool { return r.Name == i.Name }) {
			return nil, workspace.Usagef("give it another name", "there are two invariants %q", i.Name)
		}
		all = append(all, newCheckRule(i.Name, i.Condition, proj))
	}
	if len(all) == 0 {
		return nil, workspace.Usage(fault.Try("write an [[invariant]] in asof.toml, or give one").With("good", "NAME=EXPR"), "there are no invariants to check")
	}
	return all, nil
}

// projectRules returns the invariants of asof.toml: those of one projection, or all if
// name is empty.
func projectRules(w *workspace.Workspace, projection string) (all []checkRule, err error) {
	file, err := w.Project()
	if err != nil || file == nil {
		return nil, err
	}
	for _, v := range file.Invariants {
		p, err := file.Projection(v.Projection)
		if err != nil {
			return nil, err
		}
		if projection == "" || projection == p.Name {
			all = append(all, newCheckRule(v.Name, Condition{Good: v.Good, Bad: v.Bad}, p))
		}
	}
	return all, nil
}

// namedProjection returns the projection of that name, or nil if name is empty.
func namedProjection(w *workspace.Workspace, name string) (*project.Projection, error) {
	if name == "" {
		return nil, nil
	}
	return w.Projection(name)
}

// KeptCheck asks whether the cached answer of a check equals that of a full check, and the
// cached columns of tables those of all states. A wrong answer is removed.
type KeptCheck struct{ CheckStore }

// KeptScans is the answer of [KeptCheck].
type KeptScans struct {
	Check  *check.Proof // nil: there are no invariants
	Tables []wire.TableProof
}

// JSON converts the answer.
func (k *KeptScans) JSON() wire.ScanProof { return wire.NewScanProof(k.Check, k.Tables) }

// Ask answers the question.
func (q KeptCheck) Ask(ctx context.Context, w *workspace.Workspace) (*KeptScans, error) {
	return one(ctx, w, q)
}

// precheck rejects nothing: columns may be cached without any invariant.
func (KeptCheck) precheck(*workspace.Workspace) error { return nil }

// Of answers the question about an open store.
func (q KeptCheck) Of(ctx context.Context, s *workspace.Store) (answer *KeptScans, err error) {
	answer = &KeptScans{}
	if q.Shard == "" { // columns are of all streams
		if answer.Tables, err = verifyMembers(ctx, s, q.Folding); err != nil {
			return nil, err
		}
	}
	rules, err := projectRules(s.Workspace(), q.Projection)
	if err == nil && len(rules)+len(q.Invariants) == 0 && len(answer.Tables) > 0 {
		return answer, nil
	}
	run, err := q.run(s)
	if err != nil {
		return nil, err
	}
	answer.Check, err = run.verify(ctx)
	return answer, err
}

package ask

import (
	"context"

	"asof/inspect"
	"asof/inspect/check"
	"asof/inspect/scaffold"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

// A trial checks a store with a draft that is not written yet. It is a [check.Rules].
type trial struct {
	draft      *scaffold.Draft
	limits     js.Limits
	scripts    []string
	invariants []check.Invariant
	good       []string
	parts      []*scaffold.Part // of each invariant
}

func newTrial(s *workspace.Store, d *scaffold.Draft) *trial {
	t := &trial{draft: d, limits: s.Workspace().ScriptLimits()}
	for _, p := range d.Parts {
		t.scripts = append(t.scripts, d.Script(p))
		for _, v := range p.Invariants {
			t.invariants = append(t.invariants, check.Invariant{Name: v.Name, Projection: p.Projection, Text: v.Good})
			t.good, t.parts = append(t.good, v.Good), append(t.parts, p)
		}
	}
	return t
}

// holds reports whether an invariant of a part held in all its streams.
func (t *trial) holds(ans *check.Result, part int, v scaffold.Invariant) bool {
	for i, r := range ans.Invariants {
		if t.parts[i] == t.draft.Parts[part] && r.Name == v.Name {
			return len(r.Violations) == 0 && len(r.Errors) == 0 && r.Streams > 0
		}
	}
	return false
}

// Invariants returns the invariants of all parts.
func (t *trial) Invariants() []check.Invariant { return t.invariants }

// Open compiles the draft for one worker.
func (t *trial) Open() (check.WorkerRules, error) {
	w := &trialRules{byCategory: map[string][]*check.RuleSet{}}
	for i, p := range t.draft.Parts {
		script, err := js.Load(p.File, t.scripts[i], t.limits)
		if err != nil {
			return nil, err
		}
		set := &check.RuleSet{Fold: replay.Fold{Reducer: script}}
		for k, of := range t.parts {
			if of != p {
				continue
			}
			pred, err := js.CompilePredicate(t.good[k], t.invariants[k].Name, t.limits)
			if err != nil {
				return nil, err
			}
			set.Rules = append(set.Rules, check.Rule{Invariant: k, Cond: inspect.Condition{Text: t.good[k], Predicate: pred, Good: true}})
		}
		w.byCategory[p.Name] = []*check.RuleSet{set}
	}
	return w, nil
}

// trialRules are the rules of one worker.
type trialRules struct {
	byCategory map[string][]*check.RuleSet
}

// RuleSets returns the rules of the stream's category.
func (t *trialRules) RuleSets(_ context.Context, _ replay.StreamID, category string) ([]*check.RuleSet, error) {
	return t.byCategory[category], nil
}

// Notices returns none: warnings about a draft come when it is used.
func (t *trialRules) Notices() []replay.Notice { return nil }

// Close does nothing.
func (t *trialRules) Close() {}

package ask

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"asof/inspect/check"
	"asof/inspect/mine"
	"asof/replay/fold"
	"asof/replay/project"
	"asof/replay/workspace"
)

// Mine asks which invariants a store's history suggests.
type Mine struct {
	workspace.StoreRef
	workspace.Folding
}

// Check rejects an invalid request.
func (q Mine) Check() error {
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// In returns the store.
func (q Mine) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Mine) Ask(ctx context.Context, w *workspace.Workspace) (*mine.Result, error) {
	return one(ctx, w, q)
}

// precheck rejects an unknown projection.
func (q Mine) precheck(w *workspace.Workspace) error {
	_, err := namedProjection(w, q.Projection)
	return err
}

// Of answers the question about an open store.
func (q Mine) Of(ctx context.Context, s *workspace.Store) (*mine.Result, error) {
	m := &mining{targets: map[int]int{}}
	if err := m.projections(s.Workspace(), q); err != nil {
		return nil, err
	}
	for i, p := range m.of {
		m.rules = append(m.rules, newCheckRule("every state", Condition{Good: "true"}, p))
		m.targets[i] = i
	}
	survey := mine.New(m.targets)
	ans, err := m.run(ctx, s, q, survey.Watches)
	if err != nil {
		return nil, err
	}
	s.Workspace().Notices(ans.Notices)
	return m.test(ctx, s, q, survey, ans)
}

// mining is the projections of a question and their rules.
type mining struct {
	of      []*project.Projection // nil: streams as they are folded anyway
	targets map[int]int           // by invariant of the check
	rules   []checkRule
}

// projections chooses what is mined: the projection of the question, or else all of asof.toml.
func (m *mining) projections(w *workspace.Workspace, q Mine) error {
	p, err := namedProjection(w, q.Projection)
	if err != nil {
		return err
	}
	file, err := w.Project()
	if err != nil {
		return err
	}
	switch {
	case p != nil:
		m.of = []*project.Projection{p}
	case q.Fold != "" || file == nil || len(file.Projections) == 0:
		m.of = []*project.Projection{nil}
	default:
		m.of = append(m.of, file.Projections...)
	}
	return nil
}

// run checks the rules, watched.
func (m *mining) run(ctx context.Context, s *workspace.Store, q Mine, watches func(int) []check.Watch) (*check.Result, error) {
	run, err := newCheckRun(s, m.rules, q.Folding, "")
	if err != nil {
		return nil, err
	}
	o := check.Options{SameNotice: sameNotice, Watches: watches}
	if o.UpTo, err = run.cut(ctx); err != nil {
		return nil, err
	}
	return run.metered(ctx, o)
}

// test tests what the survey proposes: each rule about states by a check, each about order by
// a test that watches it.
func (m *mining) test(ctx context.Context, s *workspace.Store, q Mine, survey *mine.Survey, first *check.Result) (*mine.Result, error) {
	out := &mine.Result{At: first.At, Untaken: first.Untaken, Targets: make([]mine.Target, len(m.of))}
	all := make([][]mine.Rule, len(m.of))
	var ordered []*mine.Rule
	checked := map[int]*mine.Rule{} // by invariant
	for i, p := range m.of {
		found := survey.Propose(i)
		t := &out.Targets[i]
		*t = mine.Target{Streams: found.Streams, Events: found.Events, Tried: found.Tried, More: found.More, Cut: found.Cut}
		if p != nil {
			t.Projection = p.Name
		} else {
			t.Fold = foldInProject(q.Fold)
		}
		inv := &first.Invariants[i]
		t.Failed = len(inv.Errors) + len(inv.Unknown)
		all[i] = found.Rules
		for j := range all[i] {
			r := &all[i][j]
			if r.Good == "" {
				ordered = append(ordered, r)
				continue
			}
			checked[len(m.rules)] = r
			m.rules = append(m.rules, newCheckRule(r.Name, Condition{Good: r.Good}, p))
		}
	}
	tests := mine.NewTest(m.targets, ordered)
	ans, err := m.run(ctx, s, q, tests.Watches)
	if err != nil {
		return nil, err
	}
	tests.Finish()
	for i, r := range checked {
		judge(r, &ans.Invariants[i], out.Targets[r.Target].Failed)
	}
	known, err := projectRules(s.Workspace(), "")
	if err != nil {
		return nil, err
	}
	for i := range out.Targets {
		t := &out.Targets[i]
		t.Settle(all[i])
		for j := range t.Rules {
			r := &t.Rules[j]
			r.Known = r.Good != "" && slices.ContainsFunc(known, func(k checkRule) bool {
				return k.Projection == t.Projection && k.good && k.expr == r.Good
			})
		}
	}
	nameApart(out.Targets, known)
	return out, nil
}

// foldInProject returns a fold as asof.toml names it; empty: it has no name there.
func foldInProject(text string) string {
	if text == "" {
		return "merge"
	}
	if fold.ParseSource(text).Kind == fold.KindInline {
		return ""
	}
	return text
}

// nameApart gives each rule for asof.toml a name that no other invariant has.
func nameApart(targets []mine.Target, known []checkRule) {
	taken := map[string]bool{}
	for _, k := range known {
		taken[k.Name] = true
	}
	for i := range targets {
		t := &targets[i]
		for j := range t.Rules {
			r := &t.Rules[j]
			if r.Good == "" || r.Known {
				continue
			}
			name := r.Name
			if taken[name] && t.Projection != "" {
				name += " in " + t.Projection
			}
			for n := 2; taken[name]; n++ {
				name = fmt.Sprintf("%s (%d)", r.Name, n)
			}
			r.Name, taken[name] = name, true
		}
	}
}

// judge writes the result of a check into a rule. A rule that fails in a stream is dropped.
func judge(r *mine.Rule, inv *check.InvariantResult, failed int) {
	r.Broken, r.Breaks = int64(len(inv.Violations)), nil
	for _, v := range inv.Violations {
		r.Breaks = append(r.Breaks, mine.Break{Event: v.Culprit})
	}
	r.Breaks = r.Breaks[:min(len(r.Breaks), mine.MaxBreaks)]
	if len(inv.Errors)+len(inv.Unknown) > failed {
		r.Streams = 0
	}
}

// Next are the questions about the first rule that is broken.
func (q Mine) Next(r *mine.Result) []Next {
	for _, t := range r.Targets {
		for _, rule := range t.Rules {
			if rule.Good == "" || rule.Broken == 0 {
				continue
			}
			how := q.Folding
			how.Projection = t.Projection
			c := CheckStore{StoreRef: q.StoreRef, Folding: how}
			if c.Explain = true; !rule.Known {
				c.Invariants = []Invariant{{strings.ReplaceAll(rule.Name, "=", " "), Condition{Good: rule.Good}}}
			}
			return []Next{{"check", c}, {"show", Show{on(q.StoreRef, q.Folding, at(rule.Breaks[0].Event.Stream, rule.Breaks[0].Event.Version))}}}
		}
	}
	return nil
}

package ask

import (
	"context"
	"strconv"

	"asof/inspect"
	"asof/inspect/check"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/workspace"
)

// A checkRule is an invariant of asof.toml or of the question.
type checkRule struct {
	check.Invariant
	name, expr string // of the expression
	good       bool
	mentions   *js.Mentions
	proj       *project.Projection // whose streams it is for; nil: every stream, as it is folded anyway
}

// newCheckRule returns the rule for an invariant. Errors call its expression name.
func newCheckRule(name string, c Condition, p *project.Projection) checkRule {
	r := checkRule{name: name, expr: c.Bad, proj: p}
	r.Name, r.Text = name, c.Bad
	if c.Good != "" {
		r.expr, r.good, r.Text = c.Good, true, "not ("+c.Good+")"
	}
	r.mentions = js.NewMentions(r.expr)
	if p != nil {
		r.Projection, r.For = p.Name, p.For()
	}
	return r
}

// condition returns the condition of a rule.
func (r checkRule) condition() Condition {
	if r.good {
		return Condition{Good: r.expr}
	}
	return Condition{Bad: r.expr}
}

// compile compiles the expression. Each call returns a new predicate.
func (r checkRule) compile(limits js.Limits) (inspect.Condition, error) {
	p, err := js.CompilePredicate(r.expr, r.name, limits)
	if err != nil {
		return inspect.Condition{}, err
	}
	p.Watch(r.mentions)
	return inspect.Condition{Text: r.Text, Predicate: p, Good: r.good}, nil
}

// checkRules are the rules of a check and the folds they need. It is a [check.Rules].
type checkRules struct {
	w   *workspace.Workspace
	how workspace.Folding
	all []checkRule
}

// Invariants returns the invariants, in the order of the rules.
func (r *checkRules) Invariants() []check.Invariant {
	var all []check.Invariant
	for _, rule := range r.all {
		all = append(all, rule.Invariant)
	}
	return all
}

// Open compiles the rules for one worker.
func (r *checkRules) Open() (check.WorkerRules, error) {
	w := &workerRules{
		checkRules: r, folds: map[string]*workspace.Fold{}, sets: map[string]*check.RuleSet{},
		picks: map[*project.Projection]replay.Selection{},
	}
	for _, rule := range r.all {
		c, err := rule.compile(r.w.ScriptLimits())
		if err != nil {
			return nil, err
		}
		w.conds = append(w.conds, c)
	}
	return w, nil
}

// workerRules are the rules of one worker. Each projection is opened once.
type workerRules struct {
	*checkRules
	conds []inspect.Condition // by rule
	folds map[string]*workspace.Fold
	sets  map[string]*check.RuleSet
	picks map[*project.Projection]replay.Selection // of projections whose script selects the streams
}

// Close closes the folds.
func (l *workerRules) Close() {
	for _, f := range l.folds {
		f.Close()
	}
}

// Notices returns remarks of the folds and expressions.
func (l *workerRules) Notices() []replay.Notice {
	var all []replay.Notice
	note := func(code replay.NoticeCode, text string) { all = append(all, replay.Notice{Code: code, Text: text}) }
	for _, f := range l.folds {
		for _, w := range f.Warnings() {
			note("warning", w)
		}
		if f.IsGuess() {
			note("merge", "streams without a projection were folded by merge")
		}
	}
	for i, c := range l.conds {
		for _, text := range l.all[i].mentions.Absent() {
			note(check.NoticeAbsent, text)
		}
		if w, ok := c.Predicate.(replay.Warner); ok {
			for _, text := range w.Warnings() {
				note("warning", text)
			}
		}
	}
	return all
}

// RuleSets returns the rules that apply to a stream, each with the fold of its
// projection.
func (l *workerRules) RuleSets(ctx context.Context, stream replay.StreamID, category string) ([]*check.RuleSet, error) {
	byFold := map[string][]int{}
	var order []string
	for i, rule := range l.all {
		key, ok, err := l.foldOf(ctx, rule, stream, category)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if byFold[key] == nil {
			order = append(order, key)
		}
		byFold[key] = append(byFold[key], i)
	}
	var out []*check.RuleSet
	for _, key := range order {
		name := key
		for _, i := range byFold[key] {
			name += "\x00" + strconv.Itoa(i)
		}
		s, ok := l.sets[name]
		if !ok {
			s = &check.RuleSet{Fold: l.folds[key].Fold}
			for _, i := range byFold[key] {
				s.Rules = append(s.Rules, check.Rule{Invariant: i, Cond: l.conds[i]})
			}
			l.sets[name] = s
		}
		out = append(out, s)
	}
	return out, nil
}

// foldOf returns the key of the fold a rule uses for a stream, or false if the rule
// does not apply to it.
func (l *workerRules) foldOf(ctx context.Context, rule checkRule, stream replay.StreamID, category string) (key string, ok bool, err error) {
	given := l.how.Fold != "" // which replace the projection's own keys
	if p := rule.proj; p != nil {
		key = "proj:" + p.Name
		if given && p.HasSelector() {
			ok = p.Matches(stream, category)
		} else {
			h, opened := l.folds[key]
			if !opened {
				if h, err = l.w.OpenProjection(p, l.how); err != nil {
					return "", false, err
				}
				l.folds[key] = h
			}
			ok = l.matches(p, h, stream, category)
		}
		if !ok || !given {
			return key, ok, nil
		}
	}
	if key, err = l.w.FoldName(stream, category, l.how); err != nil {
		return "", false, err
	}
	if _, opened := l.folds[key]; !opened {
		if l.folds[key], err = l.w.FoldFor(ctx, stream, category, l.how); err != nil {
			delete(l.folds, key)
			return "", false, err
		}
	}
	return key, true, nil
}

// matches reports whether a projection matches a stream, by the project file or by its
// script.
func (l *workerRules) matches(p *project.Projection, h *workspace.Fold, stream replay.StreamID, category string) bool {
	if p.HasSelector() {
		return p.Matches(stream, category)
	}
	sel, ok := l.picks[p]
	if !ok {
		sel = replay.Selection{All: true}
		if s, ok := h.Fold.Reducer.(replay.Selector); ok {
			sel = s.Selection()
		}
		l.picks[p] = sel
	}
	return sel.TakesStream(stream, category)
}

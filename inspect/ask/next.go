package ask

import (
	"cmp"
	"fmt"

	"asof/inspect/bisect"
	"asof/inspect/check"
	"asof/inspect/live"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

// A Next is a suggested next question. Each front end words it in its own way.
type Next struct {
	Verb     string // a name in [All]
	Question any    // its request
}

// on asks about a stream, optionally at a point, with the same fold.
func on(store workspace.StoreRef, how workspace.Folding, stream string) Timeline {
	return Timeline{StoreRef: store, Stream: stream, Folding: how}
}

// at names a point of a stream.
func at[S ~string](stream S, v replay.Version) string { return fmt.Sprintf("%s@%d", stream, v) }

// pointOf names a moment.
func pointOf(m replay.Moment) string {
	if m.IsStart() {
		return m.Stream + "@start"
	}
	return at(m.Stream, m.Version())
}

// Next returns questions about the first bad event. The condition is empty if the
// states were tested otherwise.
func (q Bisection) Next(r *bisect.Result, cond Condition) []Next {
	if r.Culprit == nil {
		return nil
	}
	here := on(q.StoreRef, q.Folding, pointOf(r.After))
	before := on(q.StoreRef, q.Folding, fmt.Sprintf("%s@..%d", r.Stream, r.After.Version()))
	next := []Next{{"show", Show{here}}, {"blame", Blame{Timeline: here}}}
	if c := r.Cause; c != nil {
		next = []Next{{"why", Why{Timeline: here, Path: cmp.Or(c.Label, c.Path)}}, next[0]}
	}
	next = append(next,
		Next{"log", Log{Timeline: before, Entries: Entries{Patch: true}}},
	)
	if cond.Given() {
		next = append(next, Next{"shrink", Shrink{Timeline: on(q.StoreRef, q.Folding, r.Stream), Condition: cond}})
	}
	return next
}

// Next returns questions about the event after which the folds differ.
func (q BisectFolds) Next(r *bisect.Result) []Next {
	if r.Culprit == nil {
		return nil
	}
	here := pointOf(r.After)
	return []Next{
		{"show", Show{on(q.StoreRef, workspace.Folding{}, here)}},
		{"diff", Diff{Timeline: on(q.StoreRef, workspace.Folding{Fold: q.Fold}, here), OtherFold: q.OtherFold}},
	}
}

// Next returns questions about the first violation.
func (q BisectAll) Next(r *check.Result) []Next {
	return violationNext(q.StoreRef, q.Folding, r, []Condition{q.Condition})
}

// Next returns questions about the first violation.
func (q CheckStore) Next(w *workspace.Workspace, r *check.Result) []Next {
	conditions, err := q.Conditions(w)
	if err != nil || len(conditions) != len(r.Invariants) {
		return nil // the file has changed in the meantime
	}
	next := violationNext(q.StoreRef, q.Folding, r, conditions)
	for _, n := range next {
		if b, ok := n.Question.(Bisect); ok {
			return append(next, Next{"shrink", Shrink{Timeline: b.Timeline, Condition: b.Condition}})
		}
	}
	return next
}

// Next are the questions about the first row that was changed.
func (q CheckLive) Next(r *live.Result) []Next {
	for i := range r.Found {
		if f := &r.Found[i]; f.Verdict == live.Changed {
			here := on(q.StoreRef, workspace.Folding{}, string(f.Stream))
			return []Next{{"log", Log{Timeline: here, Entries: Entries{Patch: true}}}, {"blame", Blame{Timeline: here}}}
		}
	}
	return nil
}

func violationNext(store workspace.StoreRef, how workspace.Folding, r *check.Result, conditions []Condition) []Next {
	for i := range r.Invariants {
		vs := r.Invariants[i].Violations
		if len(vs) == 0 {
			continue
		}
		here := on(store, how, at(vs[0].Stream, vs[0].Culprit.Version))
		whole := Bisection{Timeline: on(store, how, string(vs[0].Stream))}
		next := []Next{{"show", Show{here}}, {"blame", Blame{Timeline: here}}}
		if path := js.NewMentions(conditions[i].Bad + conditions[i].Good).Path(); path != "" {
			next = append(next, Next{"why", Why{Timeline: here, Path: path}})
		}
		return append(next, Next{"bisect", Bisect{Bisection: whole, Condition: conditions[i]}})
	}
	return nil
}

// Next returns the question about the last remaining event.
func (q Shrink) Next(s *Shrunk) []Next {
	if len(s.Events) == 0 || s.Many {
		return nil
	}
	last := s.Events[len(s.Events)-1]
	return []Next{{"show", Show{on(q.StoreRef, q.Folding, at(last.Stream, last.Version))}}}
}

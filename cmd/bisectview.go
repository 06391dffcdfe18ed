package cmd

import (
	"fmt"

	"asof/cmd/render"
	"asof/inspect/bisect"
	"asof/replay"
)

// bisected prints the answer of a search.
func (a *app) bisected(o bisectOptions) func(*bisect.Result) error {
	return func(ans *bisect.Result) error {
		p := a.out()
		p.Bisected(ans, render.BisectOptions{Old: o.TermOld, New: o.TermNew, Next: o.next(ans)})
		if err := p.Flush(); err != nil {
			return err
		}
		if o.exitCode && ans.Verdict != bisect.NeverBad {
			return findingsError{}
		}
		return nil
	}
}

// next are the commands to type next.
func (o bisectOptions) next(ans *bisect.Result) (next []string) {
	if ans.Culprit == nil {
		return nil
	}
	add := func(args ...string) { next = append(next, "asof "+commandLine(args)) }
	at := pointName(ans.After)
	if o.otherFold != "" {
		add("show", o.Store, at)
		add("diff", o.Store, at, "--fold", o.Fold, "--fold", o.otherFold)
		return next
	}
	fold := typedFold(o.Folding)
	add(append([]string{"show", o.Store, at}, fold...)...)
	add(append([]string{"log", o.Store, ans.Stream + "@.." + fmt.Sprint(*ans.After.Version), "-p"}, fold...)...)
	if o.cond.Given() {
		add(append(append([]string{"shrink", o.Store, ans.Stream}, typedCondition(o.cond)...), fold...)...)
	}
	return next
}

// pointName is a moment as it is typed.
func pointName(m replay.Moment) string {
	if m.IsStart() {
		return m.Stream + "@start"
	}
	return fmt.Sprintf("%s@%d", m.Stream, *m.Version)
}

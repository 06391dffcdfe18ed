package cmd

import (
	"fmt"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/bisect"
	"asof/replay"
)

func (a *app) runBisect(o bisectOptions) error {
	switch {
	case o.all != nil:
		return a.runBisectAll(*o.all, o.exitCode)
	case o.otherFold != "":
		o.TermOld, o.TermNew = "alike", "different"
		return askOne(a, ask.BisectFolds{Bisection: o.Bisection, OtherFold: o.otherFold}.Ask, a.bisected(o))
	case o.command != "":
		return a.runBisectRun(o)
	case o.cond.Given():
		return askOne(a, ask.Bisect{Bisection: o.Bisection, Condition: o.cond}.Ask, a.bisected(o))
	}
	return a.runBisectAsk(o)
}

// bisected prints the result of a search.
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

// next returns the commands to suggest.
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
	add(append([]string{"log", o.Store, ans.Stream + "@.." + fmt.Sprint(ans.After.Version()), "-p"}, fold...)...)
	if o.cond.Given() {
		add(append(append([]string{"shrink", o.Store, ans.Stream}, typedCondition(o.cond)...), fold...)...)
	}
	return next
}

// pointName returns a moment as the user types it.
func pointName(m replay.Moment) string {
	if m.IsStart() {
		return m.Stream + "@start"
	}
	return fmt.Sprintf("%s@%d", m.Stream, m.Version())
}

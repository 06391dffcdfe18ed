package cmd

import (
	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/bisect"
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
		p.Bisected(ans, render.BisectOptions{Old: o.TermOld, New: o.TermNew, Next: a.bisectNext(ans, o)})
		if err := p.Flush(); err != nil {
			return err
		}
		if o.exitCode && ans.Verdict != bisect.NeverBad {
			return findingsError{}
		}
		return nil
	}
}

// bisectNext returns the commands to suggest.
func (a *app) bisectNext(ans *bisect.Result, o bisectOptions) [][]string {
	if o.otherFold != "" {
		return a.commands(ask.BisectFolds{Bisection: o.Bisection, OtherFold: o.otherFold}.Next(ans))
	}
	return a.commands(o.Bisection.Next(ans, o.cond))
}

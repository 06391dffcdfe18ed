package cmd

import (
	"fmt"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/check"
)

// runBisectAll finds the culprit in every stream of a store.
func (a *app) runBisectAll(q ask.BisectAll, exitCode bool) error {
	return askOne(a, q.Ask, func(ans *check.Result) error {
		next := render.CheckOptions{}
		if vs := ans.Invariants[0].Violations; len(vs) > 0 {
			args := append([]string{"bisect", q.Store, string(vs[0].Stream)}, typedCondition(q.Condition)...)
			next.Next = []string{
				"asof " + commandLine([]string{"show", q.Store, fmt.Sprintf("%s@%d", vs[0].Stream, vs[0].Culprit.Version)}),
				"asof " + commandLine(append(args, typedFold(q.Folding)...)),
			}
		}
		p := a.out()
		p.BisectedAll(ans, next)
		if err := p.Flush(); err != nil {
			return err
		}
		f := ans.Findings()
		if exitCode && f.Violations > 0 || f.Errors+f.Unknown+f.Empty > 0 {
			return findingsError{}
		}
		return nil
	})
}

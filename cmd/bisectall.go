package cmd

import (
	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/check"
)

// runBisectAll finds the first bad event in every stream of a store.
func (a *app) runBisectAll(q ask.BisectAll, exitCode bool) error {
	return askOne(a, q.Ask, func(ans *check.Result) error {
		next := render.CheckOptions{}
		if vs := ans.Invariants[0].Violations; len(vs) > 0 {
			fold := typedFold(q.Folding)
			at := address(vs[0].Stream, vs[0].Culprit.Version)
			next.Next = []string{
				a.suggest(q.StoreRef, "show", at, fold...),
				a.suggest(q.StoreRef, "blame", at, fold...),
				a.suggest(q.StoreRef, "bisect", string(vs[0].Stream), append(typedCondition(q.Condition), fold...)...),
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

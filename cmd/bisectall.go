package cmd

import (
	"asof/cmd/render"
	"asof/inspect/ask"
)

// runBisectAll finds the first bad event in every stream of a store.
func (a *app) runBisectAll(q ask.BisectAll, exitCode bool) error {
	return askOne(a, q.Ask, func(ans *ask.Checked) error {
		p := a.out()
		p.BisectedAll(ans, render.CheckOptions{Next: a.commands(q.Next(ans.Result))})
		if err := p.Flush(); err != nil {
			return err
		}
		a.more(ans.Cursor)
		f := ans.Findings()
		if exitCode && f.Violations > 0 || f.Errors+f.Unknown+f.Empty+f.Lost > 0 {
			return findingsError{}
		}
		return nil
	})
}

package cmd

import (
	"cmp"
	"fmt"

	"asof/cmd/render"
	"asof/replay"
)

// bisectAll finds the culprit in every stream of a store, in one pass. It is a
// check of one invariant.
func (a *app) bisectAll(r replay.Reader, storeName string, o bisectOptions) error {
	cond, err := a.condition(o.conditionFlags)
	if err != nil {
		return err
	}
	rule := checkRule{name: "--bad", expr: o.bad}
	if o.good != "" {
		rule = checkRule{name: "--good", expr: o.good, good: true}
	}
	rule.Name, rule.Text = cond.Text, cond.Text
	if o.projection != "" {
		proj, err := a.project()
		if err != nil {
			return err
		}
		if proj == nil {
			return usagef("write an asof.toml, or give --fold FILE.js", "--projection %q: there is no asof.toml here or above", o.projection)
		}
		if rule.proj, err = proj.Projection(o.projection); err != nil {
			return err
		}
		rule.Projection = rule.proj.Name
	}
	run := checkRun{app: a, reader: r, rules: []checkRule{rule}, flags: o.foldFlags, at: cmp.Or(o.to, o.at)}
	ans, err := run.check()
	if err != nil {
		return err
	}
	next := render.CheckOptions{}
	if vs := ans.Invariants[0].Violations; len(vs) > 0 {
		args := append([]string{"bisect", storeName, string(vs[0].Stream)}, o.typed()...)
		next.Next = []string{
			"asof " + commandLine([]string{"show", storeName, fmt.Sprintf("%s@%d", vs[0].Stream, vs[0].Culprit.Version)}),
			"asof " + commandLine(append(args, o.foldArgs()...)),
		}
	}
	p := a.out()
	p.BisectedAll(ans, next)
	if err := p.Flush(); err != nil {
		return err
	}
	if violations, errs := ans.Findings(); o.exitCode && violations+errs > 0 {
		return findingsError{}
	}
	return nil
}

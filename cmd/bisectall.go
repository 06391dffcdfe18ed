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
	rule, err := a.bisectRule(o.conditionFlags, o.Projection)
	if err != nil {
		return err
	}
	run, err := a.newCheck(r, []checkRule{rule}, o.foldFlags, replay.Shard{})
	if err != nil {
		return err
	}
	run.at = cmp.Or(o.to, o.at)
	ans, err := a.runCheck(run)
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
	f := ans.Findings()
	if o.exitCode && f.Violations > 0 || f.Errors+f.Unknown+f.Empty > 0 {
		return findingsError{}
	}
	return nil
}

// bisectRule is that one invariant.
func (a *app) bisectRule(c conditionFlags, projection string) (checkRule, error) {
	cond, err := a.condition(c)
	if err != nil {
		return checkRule{}, err
	}
	rule := checkRule{name: "--bad", expr: c.bad}
	if c.good != "" {
		rule = checkRule{name: "--good", expr: c.good, good: true}
	}
	rule.Name, rule.Text = cond.Text, cond.Text
	if projection == "" {
		return rule, nil
	}
	proj, err := a.project()
	if err != nil {
		return rule, err
	}
	if proj == nil {
		return rule, usagef("write an asof.toml, or give --fold FILE.js", "--projection %q: there is no asof.toml here or above", projection)
	}
	if rule.proj, err = proj.Projection(projection); err != nil {
		return rule, err
	}
	rule.Projection, rule.For = rule.proj.Name, rule.proj.For()
	return rule, nil
}

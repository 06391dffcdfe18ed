package cmd

import (
	"asof/cmd/render"
	"asof/inspect/check"
)

// printChecked prints the result of a check and writes the JUnit report.
func (a *app) printChecked(ans *check.Result, o checkOptions) error {
	// A shard, or the events since a position, may contain none.
	allowEmpty := o.allowEmpty || !ans.Shard.IsAll() || o.Since != nil
	if o.junit.name != "" {
		if err := a.writeJUnit(o.junit, o.Store, ans, allowEmpty); err != nil {
			return err
		}
	}
	if o.junit.name != "-" {
		p := a.out()
		p.Checked(ans, render.CheckOptions{Next: a.checkNext(ans, o), Since: o.Since, AllowEmpty: allowEmpty})
		if err := p.Flush(); err != nil {
			return err
		}
	}
	f := ans.Findings()
	if allowEmpty {
		f.Empty = 0
	}
	if f.Any() {
		return findingsError{}
	}
	return nil
}

func (a *app) writeJUnit(o output, storeName string, ans *check.Result, allowEmpty bool) error {
	f, err := a.create(o)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := render.JUnit(f, storeName, ans, allowEmpty); err != nil {
		return err
	}
	return f.Keep()
}

// checkNext returns the commands to suggest.
func (a *app) checkNext(ans *check.Result, o checkOptions) []string {
	conditions, err := o.Conditions(a.work())
	if err != nil || len(conditions) != len(ans.Invariants) {
		return nil
	}
	for i, inv := range ans.Invariants {
		if len(inv.Violations) == 0 {
			continue
		}
		v := inv.Violations[0]
		fold := typedFold(o.Folding)
		bad := append(typedCondition(conditions[i]), fold...)
		at := address(v.Stream, v.Culprit.Version)
		return []string{
			a.suggest(o.StoreRef, "show", at, fold...),
			a.suggest(o.StoreRef, "blame", at, fold...),
			a.suggest(o.StoreRef, "bisect", string(v.Stream), bad...),
			a.suggest(o.StoreRef, "shrink", string(v.Stream), bad...),
		}
	}
	return nil
}

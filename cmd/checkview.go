package cmd

import (
	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/check"
)

// printChecked prints the result of a check and writes the JUnit report.
func (a *app) printChecked(ans *ask.Checked, o checkOptions) error {
	// A shard, or the events since a position, may contain none.
	allowEmpty := o.allowEmpty || !ans.Shard.IsAll() || o.Since != nil
	if o.junit.name != "" {
		if err := a.writeJUnit(o.junit, o.Store, ans.Result, allowEmpty); err != nil {
			return err
		}
	}
	if o.junit.name != "-" {
		p := a.out()
		p.Checked(ans, render.CheckOptions{Next: a.commands(o.Next(a.work(), ans.Result)), Since: o.Since, AllowEmpty: allowEmpty})
		if err := p.Flush(); err != nil {
			return err
		}
		a.more(ans.Cursor)
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

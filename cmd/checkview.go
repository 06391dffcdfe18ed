package cmd

import (
	"io"

	"asof/cmd/render"
	"asof/inspect/ask"
)

// printChecked prints the result of a check and writes the JUnit report.
func (a *app) printChecked(ans *ask.Checked, o checkOptions) error {
	// A shard, or the events since a position, may contain none.
	allowEmpty := o.allowEmpty || !ans.Shard.IsAll() || o.Since != nil
	if o.junit.name != "" {
		report := func(w io.Writer) error { return render.JUnit(w, o.Store, ans.Result, allowEmpty) }
		if err := a.writeReport(o.junit, report); err != nil {
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

// writeReport writes an output.
func (a *app) writeReport(o output, write func(io.Writer) error) error {
	f, err := a.create(o)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := write(f); err != nil {
		return err
	}
	return f.Keep()
}

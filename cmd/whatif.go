package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

type whatifOptions struct {
	pointFlags
	path  string
	edits []whatif.Edit // in the order in which they were typed
}

func (a *app) whatifCommand() *cobra.Command {
	o := &whatifOptions{}
	c := &cobra.Command{
		Use:   "whatif STORE STREAM[@POINT]",
		Short: "Simulate the state had history been different",
		Long: `Fold the history of a stream as it would be with some events dropped, changed,
inserted or swapped, and show how the state at the point would differ from what
it is. This is a simulation: nothing is written.

Edits are made in the order in which they are given, and may be repeated. Events
keep their versions: what is dropped leaves a gap, and what is inserted has the
version of the event it follows.

--set takes a path into the event as asof log --json prints it, and JSON. The
FILE of --insert holds an event: {"type": "ItemAdded", "data": {…}}.` + exits(exitNoStream, exitNoFold),
		Example: `  asof whatif shop.db cart-42 --drop 23
  asof whatif shop.db cart-42 --set '25:/data/qty=1' --path /total
  asof whatif shop.db cart-42@30 --insert after:28:event.json --swap 12:13`,
		Args: args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error { return a.whatif(args[0], args[1], *o) },
	}
	o.add(a, c)
	fl := c.Flags()
	fl.StringVar(&o.path, "path", "", "only this part of the state, a JSON pointer such as /total")
	edit := func(name, usage string, parse func(string) (whatif.Edit, error)) {
		fl.Var(&editFlag{name: name, parse: parse, to: &o.edits}, name, usage)
	}
	edit("drop", "VERSION: without this event", parseDrop)
	edit("set", "VERSION:/data/PATH=JSON: with this in an event", parseSet)
	edit("insert", "after:VERSION:FILE: with one more event after this one; after:start:FILE puts it first", a.parseInsert)
	edit("swap", "VERSION:VERSION: with these two in each other's place", parseSwap)
	return c
}

// An editFlag adds to the edits, whose order is that of the command line.
type editFlag struct {
	name  string
	parse func(string) (whatif.Edit, error)
	to    *[]whatif.Edit
}

var _ pflag.Value = (*editFlag)(nil)

func (*editFlag) String() string { return "" }
func (*editFlag) Type() string   { return "EDIT" }

func (f *editFlag) Set(text string) error {
	e, err := f.parse(text)
	if err != nil {
		return err
	}
	e.Text = "--" + f.name + " " + text
	*f.to = append(*f.to, e)
	return nil
}

func parseEditVersion(text string) (replay.Version, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no version: write a number such as 23", text)
	}
	return replay.Version(n), nil
}

func parseDrop(text string) (e whatif.Edit, err error) {
	e.Kind = whatif.Drop
	e.At, err = parseEditVersion(text)
	return e, err
}

func parseSwap(text string) (e whatif.Edit, err error) {
	e.Kind = whatif.Swap
	a, b, ok := strings.Cut(text, ":")
	if !ok || a == b {
		return e, fmt.Errorf("%q: write two versions, such as 12:13", text)
	}
	if e.At, err = parseEditVersion(a); err == nil {
		e.Other, err = parseEditVersion(b)
	}
	return e, err
}

func parseSet(text string) (e whatif.Edit, err error) {
	e.Kind = whatif.Set
	version, rest, ok := strings.Cut(text, ":")
	if !ok {
		return e, fmt.Errorf("%q: write it as '25:/data/qty=1'", text)
	}
	if e.At, err = parseEditVersion(version); err != nil {
		return e, err
	}
	// A member's name can hold an =, JSON that is read by itself can't end early:
	// the first place where both sides can be read is the right one.
	for i := 0; i < len(rest); i++ {
		if rest[i] != '=' {
			continue
		}
		v, err := state.Parse([]byte(rest[i+1:]))
		if err != nil {
			continue
		}
		e.Value = v
		e.Path, err = state.ParsePointer(rest[:i])
		return e, err
	}
	if path, value, ok := strings.Cut(rest, "="); ok {
		return e, fmt.Errorf("%q is no JSON: a text is quoted, as in '%s:%s=%q'", value, version, path, value)
	}
	return e, fmt.Errorf("%q: write it as '25:/data/qty=1'", text)
}

func (a *app) parseInsert(text string) (e whatif.Edit, err error) {
	e.Kind = whatif.Insert
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 || parts[0] != "after" || parts[2] == "" {
		return e, fmt.Errorf("%q: write it as after:30:event.json", text)
	}
	if e.First = parts[1] == "start"; !e.First {
		if e.At, err = parseEditVersion(parts[1]); err != nil {
			return e, err
		}
	}
	src, err := a.readSource(parts[2])
	if err != nil {
		return e, err
	}
	if e.Event, err = whatif.EventFrom([]byte(src)); err != nil {
		return e, fmt.Errorf("%s: %w", parts[2], err)
	}
	return e, nil
}

func (a *app) whatif(storeName, name string, o whatifOptions) error {
	if len(o.edits) == 0 {
		return usagef("give --drop, --set, --insert or --swap", "what would be different?")
	}
	if _, err := state.ParsePointer(o.path); err != nil {
		return usagef("a path is a JSON pointer, such as /items/0/qty", "bad --path %q: %v", o.path, err)
	}
	return a.atPoint(storeName, name, o.pointFlags, func(t *workspace.Target, at replay.Moment) error {
		ans, err := whatif.Run(a.ctx, t.Subject, at, o.edits, o.path)
		if err != nil {
			return err
		}
		p := a.out()
		p.Imagined(ans)
		if err := p.Flush(); err != nil {
			return err
		}
		t.NoteGuess()
		a.restsOn(t)
		return nil
	})
}

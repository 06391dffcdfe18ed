package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

type blameOptions struct {
	pointFlags
	history   bool
	reverse   bool
	porcelain bool
}

func (a *app) blameCommand() *cobra.Command {
	var o blameOptions
	c := &cobra.Command{
		Use:   "blame STORE STREAM[@POINT | @A..B] [PATH]",
		Short: "Show which event last set each path of the state",
		Long: `Show the state at a point and, beside each line of it, the event that set what
is there: version, time, actor and type. PATH, a JSON pointer such as /items/0,
narrows it to a part.

Elements of arrays are followed as the fold edits the array: an element that is
set by its index is changed in its place, and splice, push, shift, sort and
reverse are known. In a new array they are found by a key such as id or sku,
where each object has its own (--array-key names another), else by what they
are. Writing an equal value in the same place is no change. A value that came
with the object or array around it is marked with *.

Of a range A..B, what was set at A or before is marked with ^.

--history lists every event that set PATH, newest first, old → new: the same
events as log --path. --reverse lists what was removed, and by which event.

--porcelain prints a path on a line, with tabs between: version, position, time
(UTC), actor, type, event id, how it was set, path, value (JSON); - for none.
How it was set is also "from" in JSON: set, by itself; subtree, with a container
put in whole; init, before the first event; before, before the range.` + exits(exitNoStream, exitNoFold),
		Example: `  asof blame shop.db cart-42
  asof blame shop.db cart-42@23 /total --history
  asof blame shop.db cart-42@10..28 /items
  asof blame shop.db cart-42 --reverse
  asof blame shop.db cart-42 --porcelain | sort -n`,
		Args: args(2, 3, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error {
			path := ""
			if len(args) == 3 {
				path = args[2]
			}
			return a.blame(args[0], args[1], path, o)
		},
	}
	o.add(a, c)
	fl := c.Flags()
	fl.BoolVar(&o.history, "history", false, "every event that set PATH, newest first")
	fl.BoolVar(&o.reverse, "reverse", false, "what was removed, and by which event")
	fl.BoolVar(&o.porcelain, "porcelain", false, "a path on a line, for programs")
	return c
}

func (a *app) blame(storeName, name, path string, o blameOptions) error {
	if err := o.check(path); err != nil {
		return err
	}
	if a.json && o.porcelain {
		return usagef("give one of them", "both --json and --porcelain")
	}
	ask := a.blameState
	switch {
	case o.history:
		ask = a.blameHistory
	case o.reverse:
		ask = a.blameReverse
	}
	return a.overRange(storeName, name, o.pointFlags, func(t *workspace.Target, i replay.Interval) error { return ask(t, i, path, o) })
}

func (a *app) blameState(t *workspace.Target, i replay.Interval, path string, o blameOptions) error {
	ans, err := inspect.Blame(a.ctx, t.Subject, i, path)
	if err != nil {
		return err
	}
	p := a.out()
	if o.porcelain {
		p.Porcelain(ans)
	} else {
		p.Blamed(ans)
	}
	if err := p.Flush(); err != nil {
		return err
	}
	a.restsOn(t)
	return nil
}

func (o *blameOptions) check(path string) error {
	one := 0
	for _, set := range []bool{o.history, o.reverse, o.porcelain} {
		if set {
			one++
		}
	}
	if one > 1 {
		return usagef("give one of them", "--history, --reverse and --porcelain exclude each other")
	}
	if _, err := state.ParsePointer(path); err != nil {
		return usagef("a path is a JSON pointer, such as /items/0/qty", "bad path %q: %v", path, err)
	}
	if o.history && path == "" {
		return usagef("name a path, such as /total", "--history is of one path")
	}
	return nil
}

func (a *app) blameHistory(t *workspace.Target, i replay.Interval, path string, o blameOptions) error {
	tokens, err := state.ParsePointer(path)
	if err != nil {
		return err
	}
	var entries []*inspect.Entry
	for e, err := range inspect.History(a.ctx, t.Subject, i, tokens) {
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		if err := a.known(t, i, path); err != nil {
			return err
		}
	}
	p := a.out()
	p.History(entries, i.To, path)
	if err := p.Flush(); err != nil {
		return err
	}
	a.restsOn(t)
	return nil
}

// known fails with what there is instead, if a path that no event set is not
// there either.
func (a *app) known(t *workspace.Target, i replay.Interval, path string) error {
	v, _, err := t.Subject.StateAt(a.ctx, i.To)
	if err != nil {
		return err
	}
	_, err = state.Lookup(v, path)
	return err
}

func (a *app) blameReverse(t *workspace.Target, i replay.Interval, path string, o blameOptions) error {
	ans, err := inspect.Removed(a.ctx, t.Subject, i, path)
	if err != nil {
		return err
	}
	p := a.out()
	p.Gone(ans)
	if err := p.Flush(); err != nil {
		return err
	}
	a.restsOn(t)
	return nil
}

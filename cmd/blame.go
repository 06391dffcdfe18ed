package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/inspect/ask"
)

type blameOptions struct {
	ask.Blame
	history   bool
	reverse   bool
	porcelain bool
}

// newBlameCmd parses a question for runF, or else asks it.
func newBlameCmd(a *app, runF func(blameOptions) error) *cobra.Command {
	var o blameOptions
	var f pointFlags
	if runF == nil {
		runF = a.runBlame
	}
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
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if o.Timeline, err = f.timeline(args[0], args[1]); err != nil {
				return err
			}
			if len(args) == 3 {
				o.Path = args[2]
			}
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.BoolVar(&o.history, "history", false, "every event that set PATH, newest first")
	fl.BoolVar(&o.reverse, "reverse", false, "what was removed, and by which event")
	fl.BoolVar(&o.porcelain, "porcelain", false, "a path on a line, for programs")
	return c
}

func (a *app) runBlame(o blameOptions) error {
	one := 0
	for _, set := range []bool{o.history, o.reverse, o.porcelain} {
		if set {
			one++
		}
	}
	if one > 1 {
		return usagef("give one of them", "--history, --reverse and --porcelain exclude each other")
	}
	if a.json && o.porcelain {
		return usagef("give one of them", "both --json and --porcelain")
	}
	switch {
	case o.history:
		return askOne(a, ask.History{Blame: o.Blame}.Ask, func(h *ask.PathHistory) error {
			p := a.out()
			p.History(h.Entries, h.Moment, h.Path)
			return p.Flush()
		})
	case o.reverse:
		return askOne(a, ask.Removed{Blame: o.Blame}.Ask, func(gone *inspect.Gone) error {
			p := a.out()
			p.Gone(gone)
			return p.Flush()
		})
	}
	return askOne(a, o.Ask, func(b *inspect.Blamed) error {
		p := a.out()
		if o.porcelain {
			p.text.Porcelain(b)
		} else {
			p.Blamed(b)
		}
		return p.Flush()
	})
}

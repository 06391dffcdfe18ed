package cmd

import (
	"context"
	"iter"

	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/inspect/ask"
	"asof/replay/workspace"
)

type blameOptions struct {
	ask.Blame
	history   bool
	page      ask.Page
	reverse   bool
	porcelain bool
}

// newBlameCmd returns the blame command. A nil runF asks the question.
func newBlameCmd(a *app, runF func(blameOptions) error) *cobra.Command {
	var o blameOptions
	var f pointFlags
	if runF == nil {
		runF = a.runBlame
	}
	c := &cobra.Command{
		Use:   "blame STORE STREAM[@POINT | @A..B] [PATH]",
		Short: "Show which event last set each path",
		Long: `Show the state at a point and, next to each line, the event that last set it:
version, time, actor and type. PATH, such as /items/0 or /items[sku=tea], limits
the output to that part.

Array elements are followed through the fold's edits: assignment by index,
splice, push, shift, sort and reverse. In a new array they are matched by a key
such as id or sku if it is unique (--array-key names another), otherwise by
value. Writing an equal value in place is not a change. * marks a value that was
set together with the object or array around it.

With a range A..B, ^ marks what was set at A or earlier.

--history lists every event that set PATH, newest first, as old → new: the same
events as log --path. A key in PATH means the element that has it at each
event. --reverse lists removed paths and the events that removed them.

--porcelain prints one path per line, separated by tabs: version, position, time
(UTC), actor, type, event id, how it was set, path, value (JSON); - means none.
How it was set is "from" in JSON: set (alone), subtree (with its container),
init (before the first event) or before (before the range).` + exits(exitNoStream, exitNoFold),
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
	fl.BoolVar(&o.history, "history", false, "list every event that set PATH, newest first")
	a.addPage(fl, &o.page, 0, "with --history, list at most this many events")
	fl.BoolVar(&o.reverse, "reverse", false, "list removed paths, and the events that removed them")
	fl.BoolVar(&o.porcelain, "porcelain", false, "one path per line, for programs")
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
	case !o.history && o.page != (ask.Page{}):
		return usagef("give --history with them, or leave them out", "--limit and --cursor are for --history")
	case o.history:
		var head ask.HistoryHead
		q := ask.History{Blame: o.Blame, Page: o.page}
		each := func(ctx context.Context, w *workspace.Workspace) iter.Seq2[*inspect.Entry, error] {
			return q.Each(ctx, w, func(h ask.HistoryHead) { head = h })
		}
		return askList(a, each, func(seq iter.Seq2[*inspect.Entry, error]) error { return a.printHistory(seq, &head) })
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
			p.Blamed(b, a.commands(o.Next(b)))
		}
		return p.Flush()
	})
}

// printHistory prints entries as they arrive, including those before an error. The head is
// known once the first one is there, or the end.
func (a *app) printHistory(seq iter.Seq2[*inspect.Entry, error], head *ask.HistoryHead) error {
	p := a.out()
	cursor := ""
	err := p.History(noting(seq, func(e *inspect.Entry) string { return e.Cursor }, &cursor), head)
	if ferr := p.Flush(); err == nil {
		err = ferr
	}
	if err == nil {
		a.more(cursor)
	}
	return err
}

package cmd

import (
	"cmp"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
)

// bisectFlags are the flags from which question makes a question.
type bisectFlags struct {
	pointFlags
	cond    ask.Condition
	all     bool
	page    ask.Page
	explain explainFlags
}

// add adds the flags, and those of a timeline.
func (f *bisectFlags) add(a *app, c *cobra.Command) {
	f.pointFlags.add(a, c)
	fl := c.Flags()
	addCondition(fl, &f.cond)
	fl.BoolVar(&f.all, "all", false, "search every stream of the store")
	f.explain.add(fl)
	a.addPage(fl, &f.page, 0, "with --all, list at most this many streams")
}

// question sets the question about STORE, or about STORE and STREAM.
func (f bisectFlags) question(a *app, o *bisectOptions, args []string) (err error) {
	if err := f.check(*o, len(args) == 2); err != nil {
		return err
	}
	if f.all {
		o.all = &ask.BisectAll{StoreRef: f.of(args[0]), Condition: f.cond, At: cmp.Or(o.To, f.at), Page: f.page}
		if o.all.Folding, err = f.one(); err == nil {
			o.all.Explaining, err = f.explain.question(a)
		}
		return err
	}
	o.cond = f.cond
	if len(f.folds) == 2 {
		if _, err := f.by(f.folds[1]); err != nil {
			return err
		}
		o.otherFold, f.folds = f.folds[1], f.folds[:1]
	}
	o.Timeline, err = f.timeline(args[0], args[1])
	return err
}

// check returns an error for flags that can't be combined.
func (f bisectFlags) check(o bisectOptions, stream bool) error {
	tests := 0
	for _, given := range []bool{f.cond.Given(), o.command != "", len(f.folds) > 1} {
		if given {
			tests++
		}
	}
	switch {
	case f.all && stream:
		return usagef("name a stream or give --all", "both a stream and --all")
	case !f.all && !stream:
		return usagef("name a stream, or give --all for the whole store", "STREAM is missing")
	case !f.all && f.page != (ask.Page{}):
		return usagef("give --all with them, or leave them out", "--limit and --cursor are for --all")
	case !f.all && f.explain != (explainFlags{}):
		return usagef("give --all with them, or leave them out", "--explain and --releases are for --all")
	case tests > 1:
		return usagef("give one test: --bad, --good, --run or two --fold", "more than one test")
	case f.all && !f.cond.Given():
		return usagef("give --bad or --good", "--all needs an expression")
	case len(f.folds) > 2:
		return usagef("compare two", "%d folds", len(f.folds))
	case f.at != "" && (o.From != "" || o.To != ""):
		return usagef("write --from A --to B or --at A..B", "both --at and --from or --to")
	case f.all && o.From != "":
		return usagef("leave it out: --all begins at the first event", "--all with --from")
	case o.timeout <= 0:
		return usagef("write a duration such as 30s", "bad --timeout %v", o.timeout)
	}
	return nil
}

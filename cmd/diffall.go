package cmd

import (
	"asof/inspect"
	"asof/inspect/ask"
)

// wholeStore is the question about STORE A B.
func (f diffFlags) wholeStore(o *diffOptions, args []string) error {
	if o.Stat || o.format != "" || f.storeB != "" || f.at != "" || len(f.folds) > 1 {
		return usagef("asof diff STORE --all A B", "--all counts by itself and takes two points, such as 2026-01-22 and now")
	}
	how, err := f.one()
	o.all = &ask.DiffAll{StoreRef: f.of(args[0]), Folding: how, From: args[1], To: args[2], Limit: f.limit}
	return err
}

func (a *app) runDiffAll(o diffOptions) error {
	return askOne(a, o.all.Ask, func(d *inspect.AllDiffed) error {
		p := a.out()
		p.AllDiffed(d)
		return o.exit(p.Flush(), d.Changed > 0)
	})
}

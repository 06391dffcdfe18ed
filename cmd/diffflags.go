package cmd

import (
	"asof/inspect/ask"
	"asof/replay/workspace"
)

// diffFlags are the flags from which a question is made.
type diffFlags struct {
	pointFlags
	storeB string
	all    bool
	page   ask.Page
}

// timelines sets the question about STORE STREAM [STREAM].
func (f diffFlags) timelines(o *diffOptions, args []string) (err error) {
	if err := ask.CheckLimit(f.page.Limit); err != nil {
		return err
	}
	if f.page.Cursor != "" {
		return usagef("give --all with it, or leave it out", "--cursor is for --all")
	}
	if len(f.folds) == 2 {
		if len(args) != 2 {
			return usagef("name one stream", "two folds are compared over one stream")
		}
		if _, err := f.by(f.folds[1]); err != nil {
			return err
		}
		o.OtherFold, f.folds = f.folds[1], f.folds[:1]
	}
	if o.Timeline, err = f.timeline(args[0], args[1]); err != nil {
		return err
	}
	if len(args) == 3 {
		o.Other = args[2]
	}
	if f.storeB != "" {
		o.OtherStore = &workspace.StoreRef{Store: f.storeB, KeyFile: f.KeyFile}
	}
	return nil
}

// wholeStore sets the question about STORE A B.
func (f diffFlags) wholeStore(o *diffOptions, args []string) error {
	if o.Stat || o.format != "" || f.storeB != "" || f.at != "" || len(f.folds) > 1 {
		return usagef("asof diff STORE --all A B", "--all has its own counts and takes two points, such as 2026-01-22 and now")
	}
	how, err := f.one()
	o.all = &ask.DiffAll{StoreRef: f.of(args[0]), Folding: how, From: args[1], To: args[2], Page: f.page}
	return err
}

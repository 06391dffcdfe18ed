package cmd

import (
	"github.com/spf13/cobra"

	"asof/replay/workspace"
)

// foldFlags select how events become state.
type foldFlags struct {
	folds []string
	workspace.Folding
}

func (f *foldFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.folds, "fold", nil, "the fold: FILE.js, JavaScript over s and e, merge, or exec:COMMAND")
	fl.StringVar(&f.Projection, "projection", "", "fold with this projection from asof.toml")
	fl.StringSliceVar(&f.ArrayKeys, "array-key", nil, "the member that identifies an object in an array (default: id, sku, key … if unique)")
	fl.BoolVar(&f.Strict, "strict", false, "fail on an event without a handler")
}

// one returns the fold for a verb that takes a single fold.
func (f foldFlags) one() (workspace.Folding, error) {
	switch len(f.folds) {
	case 0:
		return f.Folding, nil
	case 1:
		return f.by(f.folds[0])
	}
	return f.Folding, usagef("give --fold once; diff and bisect compare two", "%d folds", len(f.folds))
}

// by returns the folding with the given fold.
func (f foldFlags) by(text string) (workspace.Folding, error) {
	if text == "" {
		return f.Folding, usagef("name a script, such as --fold cart.js", "--fold is empty")
	}
	f.Fold = text
	return f.Folding, nil
}

// readSource reads the file of a script.
func (a *app) readSource(path string) (string, error) { return a.work().ReadScript(a.ctx, path) }

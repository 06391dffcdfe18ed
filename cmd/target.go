package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
)

// targetFlags are the flags of every verb that folds.
type targetFlags struct {
	storeFlags
	foldFlags
}

func (f *targetFlags) add(a *app, c *cobra.Command) {
	f.storeFlags.add(a, c)
	f.foldFlags.add(c)
}

// pointFlags are the flags of every verb that asks about one timeline at a point or over
// a range.
type pointFlags struct {
	targetFlags
	at string
}

func (f *pointFlags) add(a *app, c *cobra.Command) {
	f.targetFlags.add(a, c)
	addAt(c.Flags(), &f.at)
}

// timeline returns the timeline that the flags, STORE and STREAM select.
func (f pointFlags) timeline(store, stream string) (ask.Timeline, error) {
	how, err := f.one()
	return ask.Timeline{StoreRef: f.of(store), Stream: stream, At: f.at, Folding: how}, err
}

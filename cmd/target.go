package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

// targetFlags are what every verb takes that folds.
type targetFlags struct {
	storeFlags
	foldFlags
}

func (f *targetFlags) add(a *app, c *cobra.Command) {
	f.storeFlags.add(a, c)
	f.foldFlags.add(c)
}

// pointFlags are what every verb takes that asks about one timeline at a point, or
// over a range.
type pointFlags struct {
	targetFlags
	at string
}

func (f *pointFlags) add(a *app, c *cobra.Command) {
	f.targetFlags.add(a, c)
	addAt(c.Flags(), &f.at)
}

// timeline is what the flags, STORE and STREAM say which timeline is meant.
func (f pointFlags) timeline(store, stream string) (ask.Timeline, error) {
	how, err := f.one()
	return ask.Timeline{StoreRef: f.of(store), Stream: stream, At: f.at, Folding: how}, err
}

// target finds what a word of the command line names, see [workspace.Store.Target].
func (a *app) target(s *workspace.Store, name string, f foldFlags) (*workspace.Target, error) {
	how, err := f.one()
	if err != nil {
		return nil, err
	}
	return s.Target(a.ctx, name, how)
}

// ofTimeline opens the store, finds in it what is asked about, and closes both when
// ask has returned.
func (a *app) ofTimeline(storeName, name string, f targetFlags, ask func(*workspace.Target) error) error {
	s, err := a.open(storeName, f.storeFlags)
	if err != nil {
		return err
	}
	defer s.Close()
	t, err := a.target(s, name, f.foldFlags)
	if err != nil {
		return err
	}
	defer t.Close()
	return ask(t)
}

// atPoint does so at the point that was asked for, see [workspace.Target.Moment].
func (a *app) atPoint(storeName, name string, f pointFlags, ask func(*workspace.Target, replay.Moment) error) error {
	return a.ofTimeline(storeName, name, f.targetFlags, func(t *workspace.Target) error {
		at, err := t.Moment(a.ctx, f.at)
		if err != nil {
			return err
		}
		return ask(t, at)
	})
}

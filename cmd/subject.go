package cmd

import (
	"github.com/spf13/cobra"

	"asof/replay"
)

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

// ofTimeline opens the store, finds in it what is asked about, and lets go of both
// when ask has returned.
func (a *app) ofTimeline(storeName, name string, f targetFlags, ask func(*target) error) error {
	r, err := a.open(storeName, f.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	t, err := a.target(r, name, f.foldFlags)
	if err != nil {
		return err
	}
	defer t.how.close()
	return ask(t)
}

// atPoint does so at the point that was asked for, see [app.moment].
func (a *app) atPoint(storeName, name string, f pointFlags, ask func(*target, replay.Moment) error) error {
	return a.ofTimeline(storeName, name, f.targetFlags, func(t *target) error {
		at, err := a.moment(t, f.at)
		if err != nil {
			return err
		}
		return ask(t, at)
	})
}

// overRange does so over the range that was asked for, see [app.interval].
func (a *app) overRange(storeName, name string, f pointFlags, ask func(*target, replay.Interval) error) error {
	return a.ofTimeline(storeName, name, f.targetFlags, func(t *target) error {
		i, err := a.interval(t, f.at)
		if err != nil {
			return err
		}
		return ask(t, i)
	})
}

// byEvent finds the stream of the one event whose id begins so, and its point there.
func (a *app) byEvent(r replay.Reader, id string) (s replay.Stream, at string, err error) {
	e, err := replay.FindEvent(a.ctx, r, id)
	if err != nil {
		return s, "", err
	}
	s, _, err = a.exactly(r, e.Stream)
	return s, replay.AtVersion(e.Version).String(), err
}

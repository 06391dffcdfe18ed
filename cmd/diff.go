package cmd

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect"
	"asof/replay/workspace"
)

type diffOptions struct {
	pointFlags
	storeB   string
	format   string
	stat     bool
	exitCode bool
	all      bool
	limit    int
}

func (a *app) diffCommand() *cobra.Command {
	var o diffOptions
	c := &cobra.Command{
		Use:   "diff STORE (STREAM[@A..B] [STREAM[@POINT]] | --all A B)",
		Short: "Show what changed between two points, two streams or two folds",
		Long: `Show how the state at one point differs from the state at another.

  STREAM@A..B            between two points of a stream
  STREAM@POINT           between a point and the event before it
  STREAM@A STREAM@B      between any two; the second can be in --store-b
  STREAM --fold X --fold Y   between two folds of the same events
  --all A B              all streams, between two moments of the store: how many
                         states changed, by category, and the largest changes` + exits("1    with --exit-code: there are differences", exitNoStream, exitNoFold),
		Example: `  asof diff shop.db cart-42@12..30
  asof diff shop.db cart-42@17
  asof diff shop.db cart-42@head cart-43@head --stat
  asof diff shop.db cart-42@2026-03-01..now -o patch
  asof diff shop.db cart-42 --fold old.js --fold new.js
  asof diff shop.db --all 2026-01-22 2026-01-23`,
		Args: func(c *cobra.Command, given []string) error {
			if o.all {
				return args(3, 3, "STORE", "A", "B")(c, given)
			}
			return args(2, 3, "STORE", "STREAM")(c, given)
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.diff(args, o) },
	}
	o.add(a, c)
	fl := c.Flags()
	fl.StringVar(&o.storeB, "store-b", "", "the store that the second stream is in")
	fl.StringVarP(&o.format, "output", "o", "", "patch (RFC 6902), merge-patch (RFC 7396) or side-by-side")
	fl.BoolVar(&o.stat, "stat", false, "only counts")
	fl.BoolVar(&o.exitCode, "exit-code", false, "exit 1 if there are differences")
	fl.BoolVar(&o.all, "all", false, "the states of all streams, at two moments of the store")
	fl.IntVarP(&o.limit, "limit", "n", 20, "with --all, list at most so many streams; 0 is all")
	return c
}

func (a *app) diff(args []string, o diffOptions) error {
	if err := checkLimit(o.limit); err != nil {
		return err
	}
	if o.all {
		return a.diffAll(args, o)
	}
	form := render.DiffForm(o.format)
	switch form {
	case render.DiffChanges, render.DiffPatch, render.DiffMergePatch, render.DiffSideBySide:
	default:
		return usagef("write patch, merge-patch or side-by-side", "bad --output %q", o.format)
	}
	if o.stat && o.format != "" {
		return usagef("give one of them", "both --stat and --output")
	}
	if o.stat {
		form = render.DiffStat
	}
	r, err := a.open(args[0], o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	var ans *inspect.Diffed
	switch {
	case len(o.folds) == 2:
		ans, err = a.diffFolds(r, args, o)
	case len(args) == 3 || o.storeB != "":
		ans, err = a.diffTwo(r, args, o)
	default:
		ans, err = a.diffRange(r, args[1], o)
	}
	if err != nil {
		return err
	}
	p := a.out()
	if err := p.Diffed(ans, form); errors.Is(err, render.ErrNoMergePatch) {
		return usagef("write -o patch", "%v", err)
	} else if err != nil {
		return err
	}
	if err := p.Flush(); err != nil {
		return err
	}
	if o.exitCode && len(ans.Changes) > 0 {
		return findingsError{}
	}
	return nil
}

// diffRange is between two points of one timeline; a single point is compared
// with the one before it.
func (a *app) diffRange(r *workspace.Store, name string, o diffOptions) (*inspect.Diffed, error) {
	t, err := a.target(r, name, o.foldFlags)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	i, err := t.Interval(a.ctx, o.at)
	if err != nil {
		return nil, err
	}
	if i.Single {
		if i.From, err = t.Subject.Timeline.Before(a.ctx, i.To); err != nil {
			return nil, err
		}
	}
	ans, err := inspect.DiffRange(a.ctx, t.Subject, i.From, i.To)
	if err != nil {
		return nil, err
	}
	a.restsOn(t)
	return ans, nil
}

// diffTwo is between two timelines.
func (a *app) diffTwo(r *workspace.Store, args []string, o diffOptions) (*inspect.Diffed, error) {
	second, rb := args[len(args)-1], r
	if o.storeB != "" {
		var err error
		if rb, err = a.open(o.storeB, storeFlags{workspace.StoreRef{KeyFile: o.KeyFile}}); err != nil {
			return nil, err
		}
		defer rb.Close()
	}
	s, err := a.target(r, args[1], o.foldFlags)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if strings.HasPrefix(second, "@") { // another point of the same stream
		second = s.Subject.Timeline.Name + second
	}
	t, err := a.target(rb, second, o.foldFlags)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	from, err := s.Moment(a.ctx, o.at)
	if err != nil {
		return nil, err
	}
	to, err := t.Moment(a.ctx, o.at)
	if err != nil {
		return nil, err
	}
	if rb == r && s.Subject.Timeline.Name == t.Subject.Timeline.Name {
		ans, err := inspect.DiffRange(a.ctx, s.Subject, from, to)
		if err != nil {
			return nil, err
		}
		a.restsOn(s)
		return ans, nil
	}
	ans, err := inspect.DiffPoints(a.ctx, s.Subject, from, t.Subject, to)
	if err != nil {
		return nil, err
	}
	a.restsOn(s)
	a.restsOn(t)
	return ans, nil
}

// diffFolds is between two folds of the same events.
func (a *app) diffFolds(r *workspace.Store, args []string, o diffOptions) (*inspect.Diffed, error) {
	if len(args) != 2 {
		return nil, usagef("name one stream", "two folds are compared over one stream")
	}
	var sides [2]*workspace.Target
	for i := range sides {
		f := o.foldFlags
		f.folds = f.folds[i : i+1]
		t, err := a.target(r, args[1], f)
		if err != nil {
			return nil, err
		}
		defer t.Close()
		sides[i] = t
	}
	at, err := sides[0].Moment(a.ctx, o.at)
	if err != nil {
		return nil, err
	}
	ans, err := inspect.DiffFolds(a.ctx, sides[0].Subject, sides[1].Subject, at)
	if err == nil {
		a.restsOn(sides[0])
		a.restsOn(sides[1])
	}
	return ans, err
}

package cmd

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect"
	"asof/inspect/ask"
)

// diffAllMost is the default limit of diff --all as text, which counts the rest. JSON is cut
// only where that is asked for.
const diffAllMost = 20

type diffOptions struct {
	ask.Diff
	all      *ask.DiffAll // instead of a timeline, with --all
	format   string
	exitCode bool
}

// newDiffCmd returns the diff command. A nil runF asks the question.
func newDiffCmd(a *app, runF func(diffOptions) error) *cobra.Command {
	var o diffOptions
	var f diffFlags
	if runF == nil {
		runF = a.runDiff
	}
	c := &cobra.Command{
		Use:   "diff STORE (STREAM[@A..B] [STREAM[@POINT]] | --all A B)",
		Short: "Show what changed between two points or streams",
		Long: `Show how the state at one point differs from the state at another.

  STREAM@A..B               between two points of a stream
  STREAM@POINT              between the event before a point and the point
  STREAM@A STREAM@B         between two streams; --store-b names the second store
  STREAM --fold X --fold Y  between two folds of the same events
  --all A B                 all streams, between two moments of the store:
                            changed states by category, and the largest changes` + exits("1    with --exit-code: the states differ", exitNoStream, exitNoFold),
		Example: `  asof diff shop.db cart-42@12..30
  asof diff shop.db cart-42@17
  asof diff shop.db cart-42@head cart-43@head --stat
  asof diff shop.db cart-42@2026-03-01..now -o patch
  asof diff shop.db cart-42 --fold old.js --fold new.js
  asof diff shop.db --all 2026-01-22 2026-01-23`,
		Args: func(c *cobra.Command, given []string) error {
			if f.all {
				return args(3, 3, "STORE", "A", "B")(c, given)
			}
			return args(2, 3, "STORE", "STREAM")(c, given)
		},
		RunE: func(c *cobra.Command, args []string) error {
			fill := f.timelines
			if f.all {
				fill = f.wholeStore
			}
			if f.all && !a.json && !c.Flags().Changed("limit") {
				f.page.Limit = diffAllMost
			}
			if err := fill(&o, args); err != nil {
				return err
			}
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.StringVar(&f.storeB, "store-b", "", "the store of the second stream")
	fl.StringVarP(&o.format, "output", "o", "", "patch (RFC 6902), merge-patch (RFC 7396) or side-by-side")
	fl.BoolVar(&o.Stat, "stat", false, "print only counts")
	fl.BoolVar(&o.exitCode, "exit-code", false, "exit with 1 if the states differ")
	fl.BoolVar(&f.all, "all", false, "compare the states of all streams at two moments of the store")
	a.addPage(fl, &f.page, 0, "with --all, list at most this many streams (default: all; 20 as text)")
	return c
}

func (a *app) runDiff(o diffOptions) error {
	if o.all != nil {
		return askOne(a, o.all.Ask, func(d *ask.AllDiffed) error {
			p := a.out()
			p.AllDiffed(d)
			if err := p.Flush(); err != nil {
				return err
			}
			if a.json || o.all.Page.Limit != diffAllMost { // else the text counts the rest
				a.more(d.Cursor)
			}
			return withFindings(nil, o.exitCode && d.Changed > 0)
		})
	}
	form := render.DiffForm(o.format)
	forms := []render.DiffForm{render.DiffChanges, render.DiffPatch, render.DiffMergePatch, render.DiffSideBySide}
	switch {
	case !slices.Contains(forms, form):
		return usagef("write patch, merge-patch or side-by-side", "bad --output %q", o.format)
	case o.Stat && o.format != "":
		return usagef("give one of them", "both --stat and --output")
	case o.Stat:
		form = render.DiffStat
	}
	return askOne(a, o.Ask, func(d *inspect.Diffed) error {
		p := a.out()
		if err := p.Diffed(d, form); errors.Is(err, render.ErrNoMergePatch) {
			return usagef("write -o patch", "%v", err)
		} else if err != nil {
			return err
		}
		return withFindings(p.Flush(), o.exitCode && len(d.Changes) > 0)
	})
}

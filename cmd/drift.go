package cmd

import (
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/replay/fault"
)

type driftOptions struct {
	ask.Drift
	junit output // JUnit report; an empty name writes none
}

const driftLong = `Compare a table that your application keeps with the states its events produce,
row by row. Each wrong value is shown with the correct one and the event that
set it; a summary counts these events by type, revision and day. Nothing is
written to either database.

The table's --key column has the stream, or the partition of the projection.
Values are compared by meaning: 10.0 equals 10.00, even as text; times are
compared across zones, and JSON by its structure.

A read model that lags behind is not wrong: --checkpoint is a SELECT in its
database that gives the position it has reached, and the states are as of that
position.

--snapshots compares the snapshots that the application keeps in the store, each
at its version; --map then names members of the snapshot (default: all members).
With two --fold flags, asof compares their states over all streams: a gate for a
pull request that changes a projection.`

// newDriftCmd returns the drift command. A nil runF asks the question.
func newDriftCmd(a *app, runF func(driftOptions) error) *cobra.Command {
	o := driftOptions{junit: output{ours: render.IsJUnit, next: "name another file, or give --force to replace it"}}
	var f foldFlags
	var s storeFlags
	if runF == nil {
		runF = a.runDrift
	}
	c := &cobra.Command{
		Use:   "drift STORE [PROJECTION]",
		Short: "Find where a read model differs from replay",
		Long: driftLong +
			exits("1    rows differ, or not all could be compared", exitNoFold),
		Example: `  asof drift shop.db cart --against read.sqlite --table carts --key id --map total=/total
  asof drift shop.db cart --against postgres://app@db/read --table public.carts \
    --key id=cart-* --map total=/total,status=/status \
    --checkpoint "SELECT position FROM checkpoints WHERE name = 'carts'"
  asof drift bank.sqlite account --snapshots --map balance=/balance
  asof drift shop.db --fold old.js --fold new.js`,
		Args: args(1, 2, "STORE", "PROJECTION"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			o.StoreRef = s.of(args[0])
			if len(f.folds) == 2 {
				o.OtherFold, f.folds = f.folds[1], f.folds[:1]
				if o.OtherFold == "" {
					_, err := f.by("")
					return err
				}
			}
			if o.Folding, err = f.one(); err != nil {
				return err
			}
			if len(args) == 2 {
				if o.Fold != "" || f.Projection != "" {
					return usagef("give one of them", "both PROJECTION and a flag for the fold")
				}
				o.Projection = args[1]
			}
			return runF(o)
		},
	}
	fl := c.Flags()
	fl.StringVar(&o.Against, "against", "", "the database of the read model: a path or a connection string")
	fl.StringVar(&o.Model, "table", "", "the table of the read model, such as carts or public.carts")
	fl.StringVar(&o.Key, "key", "", "the column with the stream: id, or id=cart-* if it lacks that prefix")
	fl.Var((*mapFlag)(&o.Columns), "map", "what the columns hold: total=/total,status=/status")
	addAt(fl, &o.At)
	fl.Lookup("at").Usage = "the moment that the read model shows: a point of the store"
	fl.StringVar(&o.Checkpoint, "checkpoint", "", "a SELECT for the position that the read model has reached")
	fl.BoolVar(&o.Snapshots, "snapshots", false, "compare the application's own snapshots in the store instead of a table")
	fl.StringVar(&o.Tolerance, "tolerance", "", "by how much numbers may differ, such as 0.01 (default: not at all)")
	fl.IntVarP(&o.Limit, "limit", "n", 0, "list at most this many wrong values, and keys of each kind (default: all; 100 as text)")
	fl.StringVar(&o.Cursor, "cursor", "", "continue the lists that printed this cursor")
	fl.StringVar(&o.junit.name, "junit", "", "also write what differs to this file as JUnit XML; - replaces the text on standard output")
	fl.BoolVar(&o.junit.force, "force", false, "let --junit replace a file that is not an asof report")
	s.addUnmapped(a, c)
	f.add(c)
	return c
}

func (a *app) runDrift(o driftOptions) error {
	if a.json && o.junit.name == "-" {
		return notJSON("a JUnit report", "name a file with --junit: the answer is printed as well")
	}
	if o.junit.name != "" {
		if err := a.mayWrite(o.junit); err != nil { // before the long work
			return err
		}
	}
	if a.json && o.Limit == 0 { // nothing is cut that nobody asked to cut
		o.Limit = math.MaxInt
	}
	return askOne(a, o.Ask, func(d *ask.Drifted) error {
		if o.junit.name != "" {
			if err := a.writeReport(o.junit, func(w io.Writer) error { return render.DriftJUnit(w, o.Store, o.Model, d) }); err != nil {
				return err
			}
		}
		if o.junit.name == "-" {
			return withFindings(nil, d.Drifted())
		}
		p := a.out()
		p.Drifted(d, a.driftNext(o.Drift, d))
		if err := p.Flush(); err != nil {
			return err
		}
		if o.Limit > 0 { // else the text counts the rest
			a.more(d.Cursor)
		}
		return withFindings(nil, d.Drifted())
	})
}

// driftNext suggests the key that the table seems to have, or else to look at the event
// that set the first value that is wrong.
func (a *app) driftNext(q ask.Drift, d *ask.Drifted) [][]string {
	if d.Prefix != "" {
		column, _, _ := strings.Cut(q.Key, "=")
		if line := redone(a.typed, fault.Remedy{}.With("key", column+"="+d.Prefix+"*")); line != nil {
			return [][]string{append([]string{"asof"}, line...)}
		}
	}
	if len(d.Cells) == 0 || d.Cells[0].Event == nil && d.Kind != ask.DriftFolds {
		return nil
	}
	if d.Kind == ask.DriftFolds {
		return [][]string{a.suggest(q.StoreRef, "diff", string(d.Cells[0].Stream), "--fold", d.Other, "--fold", d.Projection)}
	}
	e := d.Cells[0].Event
	return [][]string{a.suggest(q.StoreRef, "show", address(e.Stream, e.Version))}
}

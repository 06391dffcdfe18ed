package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/inspect/ask"
	"asof/inspect/whatif"
)

// newWhatifCmd returns the whatif command. A nil runF asks the question.
func newWhatifCmd(a *app, runF func(ask.Whatif) error) *cobra.Command {
	var q ask.Whatif
	var f pointFlags
	if runF == nil {
		runF = a.runWhatif
	}
	c := &cobra.Command{
		Use:   "whatif STORE STREAM[@POINT]",
		Short: "Simulate the state with a different history",
		Long: `Fold the history of a stream with some events dropped, changed, inserted or
swapped, and show how the state at the point would differ. This is a simulation:
nothing is written.

Edits apply in the order given and can be repeated. Events keep their versions:
a dropped event leaves a gap, and an inserted one gets the version of the event
it follows.

--set takes a path into the event, as printed by asof log --json, and a JSON
value. The FILE of --insert holds an event: {"type": "ItemAdded", "data": {…}}.` + exits(exitNoStream, exitNoFold),
		Example: `  asof whatif shop.db cart-42 --drop 23
  asof whatif shop.db cart-42 --set '25:/data/qty=1' --path /total
  asof whatif shop.db cart-42@30 --insert after:28:event.json --swap 12:13`,
		Args: args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if q.Timeline, err = f.timeline(args[0], args[1]); err != nil {
				return err
			}
			return runF(q)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.StringVar(&q.Path, "path", "", "only this part of the state, such as /total or /items[sku=tea]")
	edit := func(kind whatif.EditKind, usage string) {
		fl.Var(&editFlag{kind: kind, to: &q.Edits}, string(kind), usage)
	}
	edit(whatif.Drop, "VERSION: drop this event")
	edit(whatif.Set, "VERSION:/data/PATH=JSON: set this value in an event")
	edit(whatif.Insert, "after:VERSION:FILE: insert an event after this one; after:start:FILE inserts it first")
	edit(whatif.Swap, "VERSION:VERSION: swap these two events")
	return c
}

// An editFlag appends to the edits, which keep the order of the command line.
type editFlag struct {
	kind whatif.EditKind
	to   *[]ask.Edit
}

var _ pflag.Value = (*editFlag)(nil)

func (*editFlag) String() string { return "" }
func (*editFlag) Type() string   { return "EDIT" }

func (f *editFlag) Set(text string) error {
	e, err := ask.ParseEdit(f.kind, text)
	if err != nil {
		return err
	}
	e.Text = "--" + string(f.kind) + " " + text
	*f.to = append(*f.to, e)
	return nil
}

func (a *app) runWhatif(q ask.Whatif) error {
	return askOne(a, q.Ask, func(r *whatif.Result) error {
		p := a.out()
		p.Imagined(r)
		return p.Flush()
	})
}

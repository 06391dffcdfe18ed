package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/mine"
)

// newMineCmd returns the mine command. A nil runF asks the question.
func newMineCmd(a *app, runF func(ask.Mine) error) *cobra.Command {
	var f targetFlags
	if runF == nil {
		runF = a.runMine
	}
	c := &cobra.Command{
		Use:   "mine STORE",
		Short: "Propose invariants that nearly always held",
		Long: `Propose invariants from history: what held after every event of nearly all
streams. The few events that break one are bugs or exceptions.

About states: a number is never negative, or always above zero, has a bound that
is reached again and again, never decreases, or is the sum, the sum of products
or the count of a list; a text is one of a few, changes only in some ways, or is
unique across streams; a member exists whenever another one does. About events:
which type begins every stream, comes only after another, happens at most once,
or is the last.

Rules about states come as [[invariant]] lines for asof.toml, each tested by the
same code as asof check. Rules about order and changes cannot be written as a
condition on one state. A rule is left out if more than one stream in twenty
breaks it, if it follows from another, or if luck could explain it in more than
one store in twenty: luck is the chance that a rule broken by every tenth
stream would look as good, with as many rules tried. Passing that test takes
about a hundred streams or more.

The streams of each projection of asof.toml are mined separately; --projection
names one.` + exits("5    a projection or an upcaster could not be read"),
		Example: "  asof mine shop.db\n  asof mine shop.db --projection cart\n  asof mine shop.db --fold cart.js --json",
		Args:    args(1, 1, "STORE"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			q := ask.Mine{StoreRef: f.of(args[0])}
			if q.Folding, err = f.one(); err != nil {
				return err
			}
			return runF(q)
		},
	}
	f.add(a, c)
	return c
}

func (a *app) runMine(q ask.Mine) error {
	return askOne(a, q.Ask, func(r *mine.Result) error {
		p := a.out()
		p.Mined(r, a.commands(q.Next(r)))
		return p.Flush()
	})
}

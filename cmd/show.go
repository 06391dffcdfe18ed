package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/replay"
	"asof/replay/workspace"
)

func (a *app) showCommand() *cobra.Command {
	var o pointFlags
	c := &cobra.Command{
		Use:   "show STORE STREAM@POINT",
		Short: "Show one event whole, and what it changed",
		Long: `Show one event: its envelope, its payload, its metadata and the change that it
made to the state. Without a point it is the last event.

In place of a stream, id:ID finds an event in the whole store.` + exits(exitNoStream),
		Example: "  asof show shop.db cart-42@17\n  asof show shop.db cart-42@head~1\n  asof show shop.db id:9c1e4b",
		Args:    args(2, 2, "STORE", "STREAM"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.show(args[0], args[1], o) },
	}
	o.add(a, c)
	return c
}

func (a *app) show(storeName, name string, o pointFlags) error {
	return a.atPoint(storeName, name, o, func(t *workspace.Target, at replay.Moment) error {
		ans, err := inspect.Show(a.ctx, t.Subject, at)
		if err != nil {
			return err
		}
		p := a.out()
		p.Shown(ans)
		if err := p.Flush(); err != nil {
			return err
		}
		switch {
		case ans.FoldError == nil:
			a.restsOn(t)
		case o.Strict:
			return ans.FoldError
		default:
			a.note("fold", "what it changed is not known: "+ans.FoldError.Error())
		}
		return nil
	})
}

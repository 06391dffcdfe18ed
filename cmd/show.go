package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/replay"
)

type showOptions struct {
	targetFlags
	at string
}

func (a *app) showCommand() *cobra.Command {
	var o showOptions
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
	addAt(c.Flags(), &o.at)
	return c
}

func (a *app) show(storeName, name string, o showOptions) error {
	r, err := a.open(storeName, o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	if name, err = a.eventStream(r, name); err != nil {
		return err
	}
	t, err := a.target(r, name, o.foldFlags)
	if err != nil {
		return err
	}
	defer t.how.close()
	at, err := a.moment(t, o.at)
	if err != nil {
		return err
	}
	ans, err := inspect.Show(a.ctx, t.subject, at)
	if err != nil {
		return err
	}
	p := a.out()
	p.Shown(ans)
	if err := p.Flush(); err != nil {
		return err
	}
	if ans.FoldError != nil {
		a.note("fold", "what it changed is not known: "+ans.FoldError.Error())
		return nil
	}
	return a.tally(ans.Tally, t.how, o.strict)
}

// eventStream turns id:ID into STREAM@id:ID, where no stream has that name.
func (a *app) eventStream(r replay.Reader, name string) (string, error) {
	id, ok := strings.CutPrefix(name, "id:")
	if !ok || id == "" {
		return name, nil
	}
	for _, err := range r.Streams(a.ctx, replay.StreamQuery{IDs: []replay.StreamID{replay.StreamID(name)}}) {
		return name, err
	}
	e, err := replay.FindEvent(a.ctx, r, id)
	if err != nil {
		return "", err
	}
	return string(e.Stream) + "@" + replay.AtVersion(e.Version).String(), nil
}

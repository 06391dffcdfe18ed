package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
)

type traceOptions struct {
	storeFlags
	at string
}

func (a *app) traceCommand() *cobra.Command {
	var o traceOptions
	c := &cobra.Command{
		Use:   "trace STORE (STREAM[@POINT] | id:ID)",
		Short: "Show what caused an event, and what it caused",
		Long: `Show the tree of causes that an event is part of, across streams: what caused
it, up to the first cause, and what all of these caused in turn. The event
itself is marked with >. Events of the same correlation that share no known
cause with it follow. Without a point it is the last event of the stream.

Causes are found by the causation and correlation ids in the metadata; asof.toml
says where these are, if asof doesn't know the dialect's place for them.` + exits(exitNoStream),
		Example: "  asof trace shop.db id:9c1e4b\n  asof trace shop.db cart-42@17\n  asof trace shop.db order-42 --json",
		Args:    args(2, 2, "STORE", "STREAM"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.trace(args[0], args[1], o) },
	}
	o.storeFlags.add(a, c)
	addAt(c.Flags(), &o.at)
	return c
}

func (a *app) trace(storeName, name string, o traceOptions) error {
	s, err := a.open(storeName, o.storeFlags)
	if err != nil {
		return err
	}
	defer s.Close()
	t, err := s.Unfolded(a.ctx, name)
	if err != nil {
		return err
	}
	m, err := t.Moment(a.ctx, o.at)
	if err != nil {
		return err
	}
	e, err := a.eventAt(t.Subject.Timeline, m)
	if err != nil {
		return err
	}
	ans, err := inspect.Trace(a.ctx, s.Reader, e)
	if err != nil {
		return err
	}
	p := a.out()
	p.Traced(ans)
	return p.Flush()
}

// eventAt reads the event that a moment is of.
func (a *app) eventAt(t *replay.Timeline, m replay.Moment) (*replay.Event, error) {
	missing := &replay.NotFoundError{Kind: "event", Name: m.Label(), In: t.Name, Next: fault.Try("name an event, such as head")}
	if m.IsStart() {
		return nil, missing
	}
	for e, err := range t.List(a.ctx, replay.Listing{Span: replay.Between(*m.Version, *m.Version), Limit: 1, Skip: replay.FieldData}) {
		if err != nil {
			return nil, err
		}
		return e.Clone(), nil
	}
	return nil, missing
}

package table

import (
	"context"
	"time"

	"asof/replay"
	"asof/replay/store/source"
)

// settledAfter is the age of the event after a gap from which the gap counts as left by a
// failed transaction, even if others are still writing.
const settledAfter = time.Minute

// SettledAfter finds the first gap in the positions that a transaction may still fill.
// Positions come from a sequence, which advances before a transaction commits and does
// not go back when it fails.
//
// While nobody writes, every gap is final. Otherwise a gap is final when the event after
// it is a minute old by the server's clock, now: a transaction that could fill it would
// have been running for longer.
func (b *Binding) SettledAfter(ctx context.Context, after replay.Position, writing bool, now time.Time) (replay.Position, error) {
	if !b.Layout.Has(source.Position) {
		return after, &replay.UnsupportedError{Dialect: b.Layout.Dialect, Lacks: "positions"}
	}
	c, err := b.engine.Open(ctx, replay.Query{
		Positions: replay.From(after + 1), Skip: replay.FieldID | replay.FieldMeta | replay.FieldData,
	})
	if err != nil {
		return after, err
	}
	defer c.Close()
	last := after
	for {
		e, err := c.Next()
		if err != nil || e == nil {
			return last, err
		}
		young := e.Time.IsZero() || now.Sub(e.Time) < settledAfter
		if e.Position > last+1 && writing && young {
			return last, nil
		}
		last = e.Position
	}
}

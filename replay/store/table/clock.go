package table

import (
	"context"
	"fmt"
	"time"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/source"
)

// inTime checks that the versions of every stream are in the order of their times if the
// engine sorted the times as texts: a text in another zone, or with a Z after fewer digits,
// sorts elsewhere. A question about one version needs this too, because an event that
// belongs before it may have been counted after it.
func (b *Binding) inTime(ctx context.Context) error {
	if b.timely || !b.Layout.ClockOfTexts {
		return nil
	}
	q := byVersion()
	q.Skip &^= replay.FieldTime
	c, err := b.engine.Open(ctx, q)
	if err != nil {
		return b.engine.Failed(ctx, err)
	}
	defer c.Close()
	var stream replay.StreamID
	var last time.Time
	for {
		e, err := c.Next()
		if err != nil {
			return b.engine.Failed(ctx, err)
		}
		if e == nil {
			b.timely = true
			return nil
		}
		if e.Stream == stream && !e.Time.IsZero() && e.Time.Before(last) {
			return b.notInTime(e, last)
		}
		if e.Stream != stream || !e.Time.IsZero() {
			stream, last = e.Stream, e.Time
		}
	}
}

// notInTime is the error of an event whose text sorts after that of a later one.
func (b *Binding) notInTime(e *replay.Event, after time.Time) error {
	const shown = "2006-01-02 15:04:05.999999999"
	return &replay.StoreError{
		Path: b.path, Op: "read",
		Err: fmt.Errorf("the versions of %s are counted by times stored as text, which does not sort by time: %s comes after %s, in UTC",
			e.Stream, e.Time.UTC().Format(shown), after.UTC().Format(shown)),
		Next: fault.Try("count by another column, or convert the times in a SELECT").With("map", source.FieldNames[source.Version]+"=#COLUMN"),
	}
}

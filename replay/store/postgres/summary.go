package postgres

import (
	"context"
	"fmt"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

func (r *reader) Summary(ctx context.Context) (replay.Summary, error) {
	s, err := r.summarise(ctx)
	if err != nil {
		return replay.Summary{}, r.session.failed(ctx, err)
	}
	return s, nil
}

func (r *reader) summarise(ctx context.Context) (replay.Summary, error) {
	var s replay.Summary
	if err := r.sound(ctx); err != nil {
		return s, err
	}
	// The payload is read to count those that can't be.
	q := replay.Query{Skip: replay.FieldID | replay.FieldMeta}
	if !r.Layout.Has(source.Position) {
		q.Order = replay.ByStream
	}
	c, err := r.open(ctx, q)
	if err != nil {
		return s, err
	}
	defer c.Close()
	if err := table.CountEvents(c.Next, &s, &c.PayloadsSeen); err != nil {
		return s, err
	}
	v, err := r.session.one(ctx, r.Layout.CountStreams(pgFlavour))
	if err != nil {
		return s, err
	}
	s.Streams = v.Num
	if r.Layout.Snapshots != "" {
		if v, err = r.session.one(ctx, r.Layout.Snapshots); err != nil {
			return s, err
		}
		s.Snapshots = v.Num
	}
	s.Times = c.WrittenTimes()
	s.LeftOut, err = r.countLeftOut(ctx, c)
	return s, err
}

func (r *reader) countLeftOut(ctx context.Context, c *pgEvents) ([]string, error) {
	out := []string{} // not nil: it was counted, and takes the place of what Info says
	for _, o := range r.Layout.LeftOut {
		if o.Count == "" {
			out = append(out, o.What)
			continue
		}
		v, err := r.session.one(ctx, o.Count)
		if err != nil {
			return nil, err
		}
		if v.Num > 0 {
			out = append(out, fmt.Sprintf("%d %s", v.Num, o.What))
		}
	}
	return append(out, c.Unread()...), nil
}

// Omitted says what of a stream is not shown.
func (r *reader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	out, err := r.Layout.Omitted(pgFlavour, id, func(sql string, args ...any) (cell.Value, error) {
		return r.session.one(ctx, sql, args...)
	})
	if err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return out, nil
}

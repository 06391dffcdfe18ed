package sqlite

import (
	"context"
	"fmt"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// Omitted says what of a stream is not shown.
func (r *Reader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	out, err := r.Layout.Omitted(r.flavour, id, r.one)
	if err != nil {
		return nil, r.failed(ctx, err)
	}
	return out, nil
}

func (r *Reader) Summary(ctx context.Context) (replay.Summary, error) {
	s, err := r.summarise(ctx)
	if err == nil {
		err = r.file.moved()
	}
	if err != nil {
		return replay.Summary{}, r.failed(ctx, err)
	}
	return s, nil
}

func (r *Reader) summarise(ctx context.Context) (replay.Summary, error) {
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
	counts, err := r.oneRow(r.Layout.CountStreams(r.flavour), 2)
	if err != nil {
		return s, err
	}
	s.Streams = counts[0].Num
	if counts[1].Num != s.Events {
		return s, damaged(s.Events, counts[1].Num)
	}
	if r.Layout.Snapshots != "" {
		v, err := r.one(r.Layout.Snapshots)
		if err != nil {
			return s, err
		}
		s.Snapshots = v.Num
	}
	s.Times = c.WrittenTimes()
	s.LeftOut, err = r.countLeftOut(c)
	return s, err
}

func (r *Reader) countLeftOut(c *cursor) ([]string, error) {
	out := []string{} // not nil: it was counted, and takes the place of what Info says
	for _, o := range r.Layout.LeftOut {
		if o.Count == "" {
			out = append(out, o.What)
			continue
		}
		v, err := r.one(o.Count)
		if err != nil {
			return nil, err
		}
		if v.Num > 0 {
			out = append(out, fmt.Sprintf("%d %s", v.Num, o.What))
		}
	}
	return append(out, c.Unread()...), nil
}

package store

import (
	"context"
	"fmt"

	"asof/replay"
)

func (r *pgReader) Summary(ctx context.Context) (replay.Summary, error) {
	s, err := r.summarise(ctx)
	if err != nil {
		return replay.Summary{}, r.session.failed(ctx, err)
	}
	return s, nil
}

func (r *pgReader) summarise(ctx context.Context) (replay.Summary, error) {
	var s replay.Summary
	if err := r.sound(ctx); err != nil {
		return s, err
	}
	// The payload is read to count those that can't be.
	q := replay.Query{Skip: replay.FieldID | replay.FieldMeta}
	if !r.layout.has(colPosition) {
		q.Order = replay.ByStream
	}
	c, err := r.open(ctx, q)
	if err != nil {
		return s, err
	}
	defer c.close()
	if err := countEvents(c.next, &s, &c.payloadsSeen); err != nil {
		return s, err
	}
	v, err := r.session.one(ctx, r.layout.countStreams(pgFlavour))
	if err != nil {
		return s, err
	}
	s.Streams = v.num
	if r.layout.snapshots != "" {
		if v, err = r.session.one(ctx, r.layout.snapshots); err != nil {
			return s, err
		}
		s.Snapshots = v.num
	}
	s.Times = c.writtenTimes()
	s.LeftOut, err = r.countLeftOut(ctx, c)
	return s, err
}

func (r *pgReader) countLeftOut(ctx context.Context, c *pgEvents) ([]string, error) {
	out := []string{} // not nil: it was counted, and takes the place of what Info says
	for _, o := range r.layout.leftOut {
		if o.count == "" {
			out = append(out, o.what)
			continue
		}
		v, err := r.session.one(ctx, o.count)
		if err != nil {
			return nil, err
		}
		if v.num > 0 {
			out = append(out, fmt.Sprintf("%d %s", v.num, o.what))
		}
	}
	return append(out, c.unread()...), nil
}

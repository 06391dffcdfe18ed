package sqlite

import (
	"context"
	"strings"

	"asof/replay"
	"asof/replay/store/table"
)

// sound looks through the streams once, for a version that one has twice.
func (r *Reader) sound(ctx context.Context) error {
	if r.isSound {
		return nil
	}
	if t := r.probe.Table(strings.Trim(r.Layout.From, `"`)); t == nil || !r.Layout.IsKeyed(t.Uniques) {
		if err := table.Each(r.open(ctx, table.ByVersion())); err != nil {
			return r.failed(ctx, err)
		}
	}
	r.isSound = true
	return nil
}

// soundIn looks through these streams (nil is all), for a version that one has twice.
func (r *Reader) soundIn(ctx context.Context, ids []replay.StreamID) error {
	if ids == nil || r.isSound {
		return r.sound(ctx)
	}
	q := table.ByVersion()
	q.Streams = ids
	if err := table.Each(r.open(ctx, q)); err != nil {
		return r.failed(ctx, err)
	}
	return nil
}

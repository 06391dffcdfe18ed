package postgres

import (
	"context"

	"asof/replay"
)

// Summary counts the contents of the store.
func (r *reader) Summary(ctx context.Context) (replay.Summary, error) {
	s, _, err := r.Summarize(ctx)
	if err != nil {
		return replay.Summary{}, r.session.failed(ctx, err)
	}
	return s, nil
}

// Lost describes the parts that may be events of any stream, in or out of a shard.
func (r *reader) Lost(ctx context.Context) ([]string, error) {
	if r.whole != nil {
		return r.whole.Lost(ctx)
	}
	out, err := r.Binding.Lost(ctx)
	if err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return out, nil
}

// Omitted describes the parts of a stream that are not shown.
func (r *reader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	out, err := r.Binding.Omitted(ctx, id)
	if err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return out, nil
}

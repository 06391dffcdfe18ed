package sqlite

import (
	"context"

	"asof/replay"
)

// Omitted says what of a stream is not shown.
func (r *Reader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	out, err := r.Binding.Omitted(ctx, id)
	if err != nil {
		return nil, r.Failed(ctx, err)
	}
	return out, nil
}

// Summary counts what the store holds. The events that were found and those that
// SQLite counts by their streams are the same, unless the file is damaged.
func (r *Reader) Summary(ctx context.Context) (replay.Summary, error) {
	s, counted, err := r.Summarize(ctx)
	if err == nil && counted != s.Events {
		err = damaged(s.Events, counted)
	}
	if err == nil {
		err = r.file.moved()
	}
	if err != nil {
		return replay.Summary{}, r.Failed(ctx, err)
	}
	return s, nil
}

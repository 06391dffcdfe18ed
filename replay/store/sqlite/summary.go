package sqlite

import (
	"context"

	"asof/replay"
)

// Lost describes the parts that may be events of any stream.
func (r *Reader) Lost(ctx context.Context) ([]string, error) {
	return r.omissions(ctx, func() ([]string, error) { return r.Binding.Lost(ctx) })
}

// Omitted describes the parts of a stream that are not shown.
func (r *Reader) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	return r.omissions(ctx, func() ([]string, error) { return r.Binding.Omitted(ctx, id) })
}

func (r *Reader) omissions(ctx context.Context, count func() ([]string, error)) ([]string, error) {
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	out, err := count()
	if err != nil {
		return nil, r.Failed(ctx, err)
	}
	return out, nil
}

// Summary counts the contents of the store. It compares the events read with SQLite's
// count by stream, which differ only if the file is damaged.
func (r *Reader) Summary(ctx context.Context) (replay.Summary, error) {
	r.anyVersion = true
	s, counted, err := r.Summarize(ctx)
	r.anyVersion = false
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

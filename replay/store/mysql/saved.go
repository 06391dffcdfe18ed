package mysql

import "asof/replay"

// Saved returns a reader of the application's snapshots, see [replay.Saver].
func (r *reader) Saved() (replay.Reader, string) {
	l, at := r.Layout.SavedLayout()
	if l == nil {
		return nil, at
	}
	s := &reader{session: r.session, probe: r.probe, info: r.info}
	s.Binding = r.With(l, s)
	return saved{s}, at
}

// saved does not own its session.
type saved struct{ *reader }

func (saved) Close() error { return nil }

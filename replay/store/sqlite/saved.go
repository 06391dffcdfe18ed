package sqlite

import (
	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// Saved returns a reader of the application's snapshots, see [replay.Saver].
func (r *Reader) Saved() (replay.Reader, string) {
	l, at := r.Layout.SavedLayout()
	if l == nil || r.file == nil {
		return nil, at
	}
	s := &Reader{
		file: r.file, probe: r.probe, flavour: r.flavour, info: r.info,
		stmts: map[string][]*sqlite.Stmt{}, inUse: map[*sqlite.Stmt]bool{},
	}
	s.Binding = r.With(l, s)
	return saved{s}, at
}

// saved does not own its file.
type saved struct{ *Reader }

// Close ends reads in progress.
func (s saved) Close() error {
	s.file = nil
	return s.Reader.Close()
}

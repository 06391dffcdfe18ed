package workspace

import (
	"context"

	"asof/replay"
)

// Folds are the folds of a question about many streams. Each projection is opened
// once for all its streams.
type Folds struct {
	w      *Workspace
	how    Folding
	byName map[string]*Fold
}

// Folds returns the folds of all streams. They are opened on first use.
func (w *Workspace) Folds(how Folding) *Folds {
	return &Folds{w: w, how: how, byName: map[string]*Fold{}}
}

// For returns the function that finds a stream's fold. It is valid until ctx is done.
func (f *Folds) For(ctx context.Context) replay.FoldFor {
	return func(id replay.StreamID, category string) (replay.Fold, error) { return f.of(ctx, id, category) }
}

func (f *Folds) of(ctx context.Context, id replay.StreamID, category string) (replay.Fold, error) {
	name, err := f.w.FoldName(id, category, f.how)
	if err != nil {
		return replay.Fold{}, err
	}
	one, ok := f.byName[name]
	if !ok {
		if one, err = f.w.FoldFor(ctx, id, category, f.how); err != nil {
			return replay.Fold{}, err
		}
		f.byName[name] = one
	}
	return one.Fold, nil
}

// Close closes all folds.
func (f *Folds) Close() {
	for _, one := range f.byName {
		one.Close()
	}
}

// Warned reports whether a fold has a warning.
func (f *Folds) Warned() bool {
	for _, one := range f.byName {
		if len(one.Warnings()) > 0 {
			return true
		}
	}
	return false
}

// NoteWarnings notes the warnings of the folds, and whether any stream was folded by
// merge by default.
func (f *Folds) NoteWarnings() {
	for _, one := range f.byName {
		for _, text := range one.Warnings() {
			f.w.Note("warning", text)
		}
		if one.IsGuess() {
			f.w.Note("merge", "streams without a projection were folded by merge")
		}
	}
}

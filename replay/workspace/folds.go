package workspace

import (
	"context"
	"errors"
	"maps"
	"slices"

	"asof/replay"
	"asof/replay/fold/js"
)

// Folds are the folds of a question about many streams. Each projection is opened
// once for all its streams.
type Folds struct {
	w      *Workspace
	how    Folding
	byName map[string]*Fold

	others []*Folds       // of other goroutines
	before map[string]int // how many warnings there were before the others
}

// Folds returns the folds of all streams. They are opened on first use.
func (w *Workspace) Folds(how Folding) *Folds {
	return &Folds{w: w, how: how, byName: map[string]*Fold{}}
}

// Another returns the same folds for another goroutine. Those of f are closed, and warn,
// for all of them.
func (f *Folds) Another() *Folds {
	f.count()
	o := f.w.Folds(f.how)
	f.others = append(f.others, o)
	return o
}

// Target returns the target of one stream, with its kept states. It is folded by the fold
// that [Folds.For] finds, so that a question about many targets opens no more folds, and
// warns in the order in which it folds. Closing f closes it.
func (f *Folds) Target(ctx context.Context, s *Store, id replay.StreamID) (*Target, error) {
	stream, ok, err := s.Stream(ctx, id)
	if err != nil || !ok {
		return nil, errors.Join(err, s.noStream(ctx, []replay.Address{{Stream: string(id)}}))
	}
	t := s.unfolded(stream)
	if t.How, err = f.open(ctx, id, stream.Category); err != nil {
		return nil, err
	}
	t.foldBy(t.How)
	return t, nil
}

// count counts the warnings before there are others.
func (f *Folds) count() {
	if f.others == nil {
		f.before = map[string]int{}
		for name, one := range f.byName {
			f.before[name] = len(one.Warnings())
		}
	}
}

// For returns the function that finds a stream's fold. It is valid until ctx is done.
func (f *Folds) For(ctx context.Context) replay.FoldFor {
	return func(id replay.StreamID, category string) (replay.Fold, error) {
		one, err := f.open(ctx, id, category)
		if err != nil {
			return replay.Fold{}, err
		}
		return one.Fold, nil
	}
}

// open returns the fold of a stream, which it opens on first use.
func (f *Folds) open(ctx context.Context, id replay.StreamID, category string) (*Fold, error) {
	name, err := f.w.FoldName(id, category, f.how)
	if err != nil {
		return nil, err
	}
	one, ok := f.byName[name]
	if !ok {
		if one, err = f.w.FoldFor(ctx, id, category, f.how); err != nil {
			return nil, err
		}
		f.byName[name] = one
	}
	return one, nil
}

// Close closes all folds.
func (f *Folds) Close() {
	for _, one := range f.byName {
		one.Close()
	}
	for _, o := range f.others {
		o.Close()
	}
}

// all returns the open folds by name.
func (f *Folds) all() map[string][]*Fold {
	all := map[string][]*Fold{}
	for _, o := range append([]*Folds{f}, f.others...) {
		for name, one := range o.byName {
			all[name] = append(all[name], one)
		}
	}
	return all
}

// Warned reports whether a fold has a warning.
func (f *Folds) Warned() bool {
	for _, same := range f.all() {
		if slices.ContainsFunc(same, func(one *Fold) bool { return len(one.Warnings()) > 0 }) {
			return true
		}
	}
	return false
}

// NoteWarnings notes the warnings of the folds, and whether any stream was folded by
// merge by default.
func (f *Folds) NoteWarnings() {
	all := f.all()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, text := range f.warnings(name, all[name]) {
			f.w.Note("warning", text)
		}
		if !slices.ContainsFunc(all[name], func(one *Fold) bool { return !one.IsGuess() }) {
			f.w.Note("merge", "streams without a projection were folded by merge")
		}
	}
}

// warnings returns those of the folds of one name, as one fold that folded all of the
// events would have them.
func (f *Folds) warnings(name string, same []*Fold) []string {
	if len(same) == 1 {
		return same[0].Warnings()
	}
	var early, late []js.Warning
	for i, one := range same {
		s, ok := one.Reducer.(*js.Script)
		if !ok {
			continue
		}
		all := s.AllWarnings()
		if i == 0 && f.byName[name] == one {
			n := min(f.before[name], len(all))
			early, all = all[:n], all[n:]
		}
		late = append(late, all...)
	}
	slices.SortStableFunc(late, js.Warning.Compare)
	var out []string
	for _, w := range slices.Concat(early, late) {
		if !slices.ContainsFunc(out, func(text string) bool { return js.SameWarning(text, w.Text) }) {
			out = append(out, w.Text)
		}
	}
	return out
}

package workspace

import (
	"context"
	"fmt"
	"strings"

	"asof/replay"
)

// A Target is what a question is about: a timeline of an open store, how it is
// folded, and the point or range that stood behind an @.
type Target struct {
	replay.Subject
	Stream     replay.Stream // if it is a single stream
	Projection string        // if it is the timeline of a projection
	How        *Fold         // what folds, and why; nil: nothing
	At         string        // behind the @, not yet parsed
	HasAt      bool

	w *Workspace
}

// Target finds what "STREAM", "STREAM@POINT", "id:ID" or
// "proj:NAME[/PARTITION]@POINT" names, and opens its fold.
func (s *Store) Target(ctx context.Context, name string, how Folding) (*Target, error) {
	if rest, ok := strings.CutPrefix(name, "proj:"); ok {
		return s.projection(ctx, rest, how)
	}
	t, err := s.Unfolded(ctx, name)
	if err != nil {
		return nil, err
	}
	if t.How, err = s.w.FoldFor(ctx, t.Stream.ID, t.Stream.Category, how); err != nil {
		return nil, err
	}
	s.w.alsoFits(t.Stream, t.How, how)
	if t.How.Guessed {
		s.w.guess()
	}
	t.foldBy(t.How)
	return t, nil
}

// Unfolded finds what "STREAM", "STREAM@POINT" or "id:ID" names, for a question
// that folds nothing.
func (s *Store) Unfolded(ctx context.Context, name string) (*Target, error) {
	stream, at, hasAt, err := s.findStream(ctx, name)
	if err != nil {
		return nil, err
	}
	t := &Target{Stream: stream, At: at, HasAt: hasAt, w: s.w}
	t.Timeline = replay.StreamTimeline(s.Reader, stream.ID)
	return t, nil
}

// Whole is the whole store as a target, for a question that folds nothing.
func (s *Store) Whole() *Target {
	t := &Target{w: s.w}
	t.Timeline = s.Timeline()
	return t
}

// Workspace is the workspace of the target's store, as its question sees it.
func (t *Target) Workspace() *Workspace { return t.w }

// foldBy has the target folded, and its events counted.
func (t *Target) foldBy(f *Fold) {
	t.Fold, t.Folded = f.Fold, &replay.Folded{}
	t.Snapshots = t.snapshots()
}

// Close releases what folds the target.
func (t *Target) Close() {
	if t.How != nil {
		t.How.Close()
	}
}

// NoteBasis notes what the answer about the target does not rest on, and what was
// noticed while folding.
func (t *Target) NoteBasis(ctx context.Context) {
	if account, err := t.Account(ctx); err == nil {
		t.w.Notices(account.Notices())
	}
	t.NoteWarnings()
}

// NoteWarnings notes what was noticed while folding.
func (t *Target) NoteWarnings() {
	if t.How == nil {
		return
	}
	for _, text := range t.How.Warnings() {
		t.w.Note("warning", text)
	}
}

// Guessed reports whether the question was answered about a timeline that was folded
// by merge because nothing said how to fold it.
func (w *Workspace) Guessed() bool {
	if w.question == nil {
		return false
	}
	w.question.mu.Lock()
	defer w.question.mu.Unlock()
	return w.question.guessed
}

func (w *Workspace) guess() {
	w.question.mu.Lock()
	defer w.question.mu.Unlock()
	w.question.guessed = true
}

// NoteGuess notes that nothing said how to fold.
func (t *Target) NoteGuess() {
	if t.How != nil && t.How.Guessed {
		t.w.Note("merge", "state by merge; no projection given: name one with "+t.w.Option("fold")+" or in asof.toml")
	}
}

// alsoFits notes that asof.toml has more than one projection for a stream, of which
// the first was used.
func (w *Workspace) alsoFits(s replay.Stream, f *Fold, how Folding) {
	proj, err := w.Project()
	if err != nil || proj == nil || how.Fold != "" || how.Projection != "" {
		return
	}
	var others []string
	for _, p := range proj.Projections {
		if p.Name != f.Name && p.Matches(s.ID, s.Category) {
			others = append(others, p.Name)
		}
	}
	if len(others) > 0 {
		w.Note("projection", fmt.Sprintf("folded by projection %s, the first of %s that is for %s; %s chooses %s",
			f.Name, proj.Path, s.ID, w.Option("projection"), strings.Join(others, " or ")))
	}
}

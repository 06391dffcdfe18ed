package workspace

import (
	"context"
	"fmt"
	"strings"

	"asof/replay"
)

// A Target is the subject of a question: a timeline of an open store, its fold, and
// the point or range written after an @.
type Target struct {
	replay.Subject
	Stream     replay.Stream // set for a single stream
	Projection string        // set for the timeline of a projection
	How        *Fold         // nil: the question folds nothing
	At         string        // text after the @, not yet parsed
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
	return s.folded(ctx, t, how)
}

// StreamTarget opens the fold of the stream with this id, which may look like another
// address, such as "proj:NAME".
func (s *Store) StreamTarget(ctx context.Context, id replay.StreamID, how Folding) (*Target, error) {
	stream, ok, err := s.Stream(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, s.noStream(ctx, []replay.Address{{Stream: string(id)}})
	}
	return s.folded(ctx, s.unfolded(stream), how)
}

// folded opens the fold of a stream.
func (s *Store) folded(ctx context.Context, t *Target, how Folding) (_ *Target, err error) {
	if t.How, err = s.w.FoldFor(ctx, t.Stream.ID, t.Stream.Category, how); err != nil {
		return nil, err
	}
	s.w.noteOtherProjections(t.Stream, t.How, how)
	t.How.Guessed = t.How.Guessed && !s.Info().Rows
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
	t := s.unfolded(stream)
	t.At, t.HasAt = at, hasAt
	return t, nil
}

func (s *Store) unfolded(stream replay.Stream) *Target {
	t := &Target{Stream: stream, w: s.w}
	t.Timeline = replay.StreamTimeline(s.Reader, stream.ID)
	return t
}

// Whole returns the whole store as a target, for a question that folds nothing.
func (s *Store) Whole() *Target {
	t := &Target{w: s.w}
	t.Timeline = s.Timeline()
	return t
}

// Workspace is the workspace of the target's store, as its question sees it.
func (t *Target) Workspace() *Workspace { return t.w }

// foldBy sets the fold of the target, and counts the folded events.
func (t *Target) foldBy(f *Fold) {
	t.Fold, t.Folded = f.Fold, &replay.Folded{}
	t.Snapshots = t.snapshots()
}

// Close closes the fold of the target.
func (t *Target) Close() {
	if t.How != nil {
		t.How.Close()
	}
}

// NoteBasis notes the events that the answer ignores, and the warnings of the fold.
func (t *Target) NoteBasis(ctx context.Context) {
	if account, err := t.Account(ctx); err == nil {
		t.w.Notices(account.Notices())
	}
	t.NoteWarnings()
}

// NoteWarnings notes the warnings of the fold.
func (t *Target) NoteWarnings() {
	if t.How == nil {
		return
	}
	for _, text := range t.How.Warnings() {
		t.w.Note("warning", text)
	}
}

// Guessed reports whether the question folded a timeline by merge by default.
func (w *Workspace) Guessed() bool {
	if w.question == nil {
		return false
	}
	w.question.mu.Lock()
	defer w.question.mu.Unlock()
	return w.question.guessed
}

// Opened reports whether the question has opened a store.
func (w *Workspace) Opened() bool {
	if w.question == nil {
		return false
	}
	w.question.mu.Lock()
	defer w.question.mu.Unlock()
	return w.question.opened
}

func (w *Workspace) open() {
	w.question.mu.Lock()
	defer w.question.mu.Unlock()
	w.question.opened = true
}

func (w *Workspace) guess() {
	w.question.mu.Lock()
	defer w.question.mu.Unlock()
	w.question.guessed = true
}

// NoteGuess notes that the target was folded by merge by default.
func (t *Target) NoteGuess() {
	if t.How != nil && t.How.Guessed {
		t.w.Note("merge", "state by merge; no projection given: name one with "+t.w.Option("fold")+" or in asof.toml")
	}
}

// noteOtherProjections notes that asof.toml has more than one projection for a stream, of which
// the first was used.
func (w *Workspace) noteOtherProjections(s replay.Stream, f *Fold, how Folding) {
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

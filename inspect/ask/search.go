package ask

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"asof/inspect"
	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/state"
	"asof/replay/workspace"
)

// Search finds the event that introduced the bad state by asking a person about a few
// states. It is not a [Request]: a front end opens a [Session] and shows its questions
// until there are none left.
type Search struct {
	Bisection
	TermOld string `json:"term_old,omitempty" jsonschema:"word for good"`
	TermNew string `json:"term_new,omitempty" jsonschema:"word for bad"`
}

// Recorded returns the search of a record.
func Recorded(r *bisect.Record) (Search, error) {
	q := Search{TermOld: r.TermOld, TermNew: r.TermNew}
	q.Store, q.Stream, q.Dialect = r.Store, r.Stream, r.Dialect
	q.Projection, q.Strict = r.Projection, r.Strict
	switch len(r.Folds) {
	case 0:
	case 1:
		q.Fold = r.Folds[0]
	default:
		return q, workspace.Usagef("name one", "%d folds", len(r.Folds))
	}
	return q, nil
}

// Term returns the word for a mark.
func (q Search) Term(m bisect.Mark) string {
	switch {
	case m == bisect.MarkGood && q.TermOld != "":
		return q.TermOld
	case m == bisect.MarkBad && q.TermNew != "":
		return q.TermNew
	case m == bisect.MarkSkip:
		return "skipped"
	}
	return string(m)
}

// A Session is a search in an open store.
type Session struct {
	*bisect.Session
	Asked Search

	target *workspace.Target
	store  *workspace.Store
	toHead bool
}

// Open starts a search in an open store. The caller closes it before the store.
func (q Search) Open(ctx context.Context, s *workspace.Store) (*Session, error) {
	return q.open(ctx, s, q.asked)
}

// Resume resumes a search from a record.
func (q Search) Resume(ctx context.Context, s *workspace.Store, r *bisect.Record) (*Session, error) {
	n, err := q.open(ctx, s, func(*workspace.Target) (replay.Range, error) { return r.Range(), nil })
	if err != nil {
		return nil, err
	}
	if err := r.Apply(n.Session); err != nil {
		n.Close()
		next := fault.Try("look at what was answered").By("bisect log")
		if errors.Is(err, bisect.ErrOutsideRange) {
			next = fault.Try("start over").By("bisect reset")
		}
		return nil, workspace.Usage(next, "%v", err)
	}
	return n, nil
}

func (q Search) open(ctx context.Context, s *workspace.Store, asked func(*workspace.Target) (replay.Range, error)) (*Session, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	t, err := s.Target(ctx, q.Stream, q.Folding)
	if err != nil {
		return nil, err
	}
	n := &Session{Asked: q, target: t, store: s}
	if err := n.begin(ctx, asked); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

func (n *Session) begin(ctx context.Context, asked func(*workspace.Target) (replay.Range, error)) error {
	rng, err := asked(n.target)
	if err != nil {
		return err
	}
	r, err := resolveRange(ctx, n.target, rng, n.Asked.At)
	if err != nil {
		return err
	}
	n.toHead = r.toHead
	n.Session, err = bisect.NewSession(ctx, n.target.Subject, r.From, r.To)
	return err
}

// Close closes the search.
func (n *Session) Close() { n.target.Close() }

// Continue resumes the last search, if it is the same as this one and has not ended.
func (n *Session) Continue(last *bisect.Record) bool {
	if !last.CanResume(n.Record()) {
		return false
	}
	if last.Apply(n.Session) == nil {
		if _, more := n.Search.Next(); more {
			return true
		}
	}
	n.Restart()
	return false
}

// Record returns the search in the form that is saved.
func (n *Session) Record() *bisect.Record {
	q := n.Asked
	r := &bisect.Record{
		Store: n.storeName(), Projection: q.Projection, Strict: q.Strict, Dialect: q.Dialect,
		TermOld: q.TermOld, TermNew: q.TermNew,
	}
	if q.Fold != "" {
		r.Folds = []string{q.Fold}
	}
	r.Note(n.Session)
	return r
}

// storeName names the store from any folder, without the secrets of a connection
// string.
func (n *Session) storeName() string {
	name := n.store.Ref.Store
	if place.IsDSN(name) || name == "-" {
		return n.store.Info().Path
	}
	if abs, err := filepath.Abs(n.store.Workspace().Path(name)); err == nil {
		if _, err := os.Stat(abs); err == nil {
			return abs
		}
	}
	return name // of asof.toml
}

// A Question asks a person about a state: is it good or bad?
type Question struct {
	Index   int // see [Session.Mark]
	At      replay.Moment
	State   state.Value
	HasGood bool          // a good state is known
	Since   replay.Moment // the last of these
	Changes []state.Change
	Left    int // events that may be the first bad one
	Tests   int // approximate number of remaining questions
}

// Question returns the next state to test, or nil if the search is over. Pass the
// answer to Mark.
func (n *Session) Question(ctx context.Context) (*Question, error) {
	index, more := n.Search.Next()
	if !more {
		return nil, nil
	}
	q := &Question{Index: index}
	var err error
	if q.At, err = n.Moment(ctx, index); err != nil {
		return nil, err
	}
	if q.State, err = n.State(ctx, index); err != nil {
		return nil, err
	}
	var good state.Value
	if q.Since, good, q.HasGood, err = n.LastGood(ctx); err != nil {
		return nil, err
	}
	if q.HasGood {
		q.Changes = state.LabeledDiff(good, q.State, state.DiffOptions{ArrayKeys: n.target.How.ArrayKeys})
	}
	q.Left, q.Tests = n.Search.Left()
	return q, nil
}

// Event returns the event of a state.
func (n *Session) Event(ctx context.Context, at replay.Moment) (*inspect.Shown, error) {
	return inspect.Show(ctx, n.target.Subject, at)
}

// Conclude returns the result of the search. by says how the states were tested.
func (n *Session) Conclude(ctx context.Context, by string) (*bisect.Result, error) {
	answer, err := n.Answer(ctx, by)
	if err != nil {
		return nil, err
	}
	answer.ToHead = n.toHead
	n.target.NoteGuess()
	n.target.NoteBasis(ctx)
	return answer, nil
}

package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
)

// A target is what a verb is asked about: a timeline of an open store, the way
// it is folded, and the point or range that stood behind an @.
type target struct {
	subject inspect.Subject
	stream  replay.Stream // of a single stream
	proj    string        // of a projection's timeline
	how     folding       // what folds, and why
	at      string        // behind the @, not yet parsed
	hasAt   bool
}

// targetFlags are what every verb takes that folds.
type targetFlags struct {
	storeFlags
	foldFlags
}

func (f *targetFlags) add(a *app, c *cobra.Command) {
	f.storeFlags.add(a, c)
	f.foldFlags.add(c)
}

// target finds what "STREAM", "STREAM@POINT" or "proj:NAME[/PARTITION]@POINT"
// names.
func (a *app) target(r replay.Reader, name string, f foldFlags) (*target, error) {
	if rest, ok := strings.CutPrefix(name, "proj:"); ok {
		return a.projectionTarget(r, rest, f)
	}
	s, at, hasAt, err := a.findStream(r, name)
	if err != nil {
		return nil, err
	}
	how, err := a.foldFor(s.ID, s.Category, f)
	if err != nil {
		return nil, err
	}
	a.guessed = a.guessed || how.provisional
	a.alsoFits(s, how, f)
	t := &target{stream: s, at: at, hasAt: hasAt, how: how}
	t.subject = inspect.Subject{Timeline: replay.StreamTimeline(r, s.ID), Fold: how.fold, Folded: &inspect.Folded{}}
	t.subject.Snapshots = a.snapshots(t.subject, how)
	return t, nil
}

// alsoFits says that asof.toml has more than one projection for a stream: the
// first was taken.
func (a *app) alsoFits(s replay.Stream, how folding, f foldFlags) {
	if a.proj == nil || len(f.folds) > 0 || f.projection != "" {
		return
	}
	var others []string
	for _, p := range a.proj.Projections {
		if p.Name != how.name && p.Matches(s.ID, s.Category) {
			others = append(others, p.Name)
		}
	}
	if len(others) > 0 {
		a.note("projection", fmt.Sprintf("folded by projection %s, the first of %s that is for %s; --projection chooses %s",
			how.name, a.proj.Path, s.ID, strings.Join(others, " or ")))
	}
}

// findStream finds the stream that is named exactly, or else by the one prefix
// that fits, or else that of the event id:ID. Streams can hold an @ themselves, so
// each reading is tried.
func (a *app) findStream(r replay.Reader, name string) (s replay.Stream, at string, hasAt bool, err error) {
	ways := replay.SplitAddress(name)
	for _, w := range ways {
		if s, ok, err := a.exactly(r, replay.StreamID(w.Stream)); ok || err != nil {
			return s, w.At, w.HasAt, err
		}
	}
	for _, w := range ways {
		if w.Stream == "" {
			continue
		}
		s, ok, err := a.byPrefix(r, w.Stream)
		if ok || err != nil {
			return s, w.At, w.HasAt, err
		}
	}
	if id, ok := strings.CutPrefix(name, "id:"); ok && id != "" {
		s, at, err = a.byEvent(r, id)
		return s, at, true, err
	}
	return s, "", false, a.noStream(r, ways)
}

// exactly returns the stream of that id, if there is one, with what its first
// event tells: to count its events would take longer than most questions.
func (a *app) exactly(r replay.Reader, id replay.StreamID) (s replay.Stream, ok bool, err error) {
	q := replay.Query{Streams: []replay.StreamID{id}, Limit: 1, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID}
	for e, err := range r.Events(a.ctx, q) {
		if err != nil {
			return s, false, err
		}
		return replay.Stream{ID: e.Stream, Category: e.Category, First: e.Version, FirstTime: e.Time}, true, nil
	}
	return s, false, nil
}

// byPrefix returns the one stream that begins so.
func (a *app) byPrefix(r replay.Reader, prefix string) (s replay.Stream, ok bool, err error) {
	const listed = 5
	var found []replay.Stream
	for s, err := range r.Streams(a.ctx, replay.StreamQuery{Prefix: prefix, Limit: listed + 1, IDsOnly: true}) {
		if err != nil {
			return s, false, err
		}
		found = append(found, s)
	}
	switch len(found) {
	case 0:
		return s, false, nil
	case 1:
		return a.exactly(r, found[0].ID)
	}
	e := &replay.AmbiguousError{Kind: "stream", Name: prefix, More: len(found) > listed}
	for _, s := range found[:min(listed, len(found))] {
		e.Matches = append(e.Matches, string(s.ID))
	}
	return s, false, e
}

// noStream words that there is no such stream, and suggests the nearest.
func (a *app) noStream(r replay.Reader, ways []replay.Address) error {
	const most = 100_000             // streams that are looked at for a suggestion
	want := ways[len(ways)-1].Stream // without the part behind the first @
	if want == "" {
		want = ways[0].Stream
	}
	var ids []string
	for s, err := range r.Streams(a.ctx, replay.StreamQuery{IDsOnly: true, Limit: most}) {
		if err != nil {
			return err
		}
		ids = append(ids, string(s.ID))
	}
	e := &replay.NotFoundError{Kind: "stream", Name: want, In: r.Info().Path, Near: nearStreams(want, ids)}
	e.Next = "asof streams " + render.Quote(r.Info().Path) + " lists them"
	if len(ids) == 0 {
		e.Next = "the store has no streams"
	}
	return e
}

// nearStreams suggests streams: those of that id in some context, source or type, or
// else those that are spelled nearly so.
func nearStreams(want string, ids []string) []string {
	const most = 3
	var near []string
	for _, id := range ids {
		if strings.HasSuffix(id, "/"+want) && len(near) < most {
			near = append(near, id)
		}
	}
	if near == nil {
		near = fault.Near(want, ids, most)
	}
	return near
}

// moment resolves the point that was asked for: of --at, or behind the @, or the
// head.
func (a *app) moment(t *target, at string) (replay.Moment, error) {
	text, err := t.point(at)
	if err != nil {
		return replay.Moment{}, err
	}
	p := replay.Head()
	if text != "" {
		if p, err = a.onePoint(text); err != nil {
			return replay.Moment{}, err
		}
	}
	m, notices, err := t.subject.Timeline.Resolve(a.ctx, p)
	a.notices(notices)
	return m, err
}

// onePoint reads a point where a range would be too much.
func (a *app) onePoint(text string) (replay.Point, error) {
	p, err := replay.ParsePoint(text, a.env())
	if err == nil {
		return p, nil
	}
	if r, e := replay.ParseRange(text, a.env()); e == nil && !r.Single {
		return p, usagef("name one point; asof diff, log and blame take ranges, and replay with --step", "%q is a range", text)
	}
	return p, err
}

// interval resolves the range that was asked for; with none, the whole timeline.
func (a *app) interval(t *target, at string) (replay.Interval, error) {
	text, err := t.point(at)
	if err != nil {
		return replay.Interval{}, err
	}
	rng := replay.Range{From: replay.Start(), To: replay.Head()}
	if text != "" {
		if rng, err = replay.ParseRange(text, a.env()); err != nil {
			return replay.Interval{}, err
		}
	}
	i, notices, err := t.subject.Timeline.ResolveRange(a.ctx, rng)
	a.notices(notices)
	return i, err
}

// point returns the text of the point: that of --at, or that behind the @.
func (t *target) point(at string) (string, error) {
	switch {
	case at != "" && t.hasAt && t.at != "":
		return "", usagef("write one of them", "a point behind the @ and --at %q", at)
	case at != "":
		return at, nil
	case t.hasAt && t.at == "":
		return "", usagef("write a point behind the @, such as head or 17", "no point behind the @")
	}
	return t.at, nil
}

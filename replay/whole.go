package replay

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// A Whole is a store as the histories of all its streams, read in one pass.
//
// The pass is in position order, but each stream is in version order: if the two
// differ, an event waits until the versions before it have been yielded. A moment
// of the store cuts each stream where the stream's own timeline would, see [Cut].
type Whole struct {
	Reader Reader

	// Gaps takes the versions that are folded. Several passes, and several Wholes of one
	// store, may share it, one after another.
	Gaps *Gaps

	surveyed bool
	disorder map[StreamID]*turn // streams whose positions do not rise with versions
}

// NewWhole returns the store of r. Its streams may be a shard of it.
func NewWhole(r Reader) *Whole { return &Whole{Reader: r, Gaps: NewGaps(r.Info())} }

// Cuts resolves points of the store's own timeline. Any point needs a scan of the events'
// coordinates, except one that names the last event, however it is written.
func (w *Whole) Cuts(ctx context.Context, store *Timeline, points ...Point) ([]Cut, []Notice, error) {
	cuts := make([]Cut, len(points))
	var all []Notice
	survey := false
	for i, p := range points {
		m, notices, err := store.Resolve(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		for _, n := range notices {
			// The order of times in the store says nothing about streams cut one by one.
			if n.Code != NoticeClockBack && !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
		whole, err := store.endsAt(ctx, p, m)
		if err != nil {
			return nil, nil, err
		}
		cuts[i] = Cut{Moment: m, bounded: !whole}
		survey = survey || cuts[i].bounded && !m.IsStart()
	}
	if !survey {
		return cuts, all, nil
	}
	untimed, err := w.survey(ctx, nil, cuts, points)
	if untimed > 0 {
		all = append(all, Notice{Code: NoticeUntimed, Text: fmt.Sprintf(
			"%s without any time: left out", Counted(untimed, "stream is", "streams are"))})
	}
	return cuts, all, err
}

// Survey finds the streams whose positions do not rise with versions, among the
// given streams or, if nil, among all. [Whole.Events] needs it. A caller that skips
// it, because most stores have no such streams, must check the order of versions.
func (w *Whole) Survey(ctx context.Context, streams []StreamID) error {
	if w.surveyed || !w.Reader.Info().Has("positions") {
		return nil
	}
	_, err := w.survey(ctx, streams, nil, nil)
	return err
}

// Surveyed reports whether the order of each stream is known.
func (w *Whole) Surveyed() bool { return w.surveyed }

// Disordered lists, by id, the streams whose positions do not rise with versions.
// It is empty before a survey.
func (w *Whole) Disordered() []StreamID { return slices.Sorted(maps.Keys(w.disorder)) }

// Notices returns remarks about the order of events, and about events that are missing
// from the streams that were folded.
func (w *Whole) Notices() []Notice {
	missing := w.Gaps.Incomplete().Notices()
	ids := w.Disordered()
	if len(ids) == 0 {
		return missing
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	return append([]Notice{{Code: NoticeDisorder, Text: fmt.Sprintf("in %s positions do not rise with versions: %s; each stream is folded by version",
		Counted(len(ids), "stream", "streams"), listed(names, maxMatches))}}, missing...)
}

// A sighting is what a survey records about one stream.
type sighting struct {
	last       Version // the highest
	disordered bool
	timed      bool
	ends       []end // by cut
}

// An end is the last version of a stream in one cut: by the position of the cut's
// moment, and by the point that was asked for.
type end struct {
	byPosition, asAsked Version
	hasPosition, hasAny bool
}

func (w *Whole) survey(ctx context.Context, streams []StreamID, cuts []Cut, points []Point) (untimed int64, err error) {
	seen := map[StreamID]*sighting{}
	skip := envelope | FieldID | FieldTime
	for _, p := range points {
		if _, ok := p.Time(); ok {
			skip = envelope | FieldID
		}
	}
	for e, err := range w.Reader.Events(ctx, Query{Streams: streams, Skip: skip}) {
		if err != nil {
			return 0, err
		}
		s, ok := seen[e.Stream]
		if !ok {
			s = &sighting{last: e.Version, ends: make([]end, len(cuts))}
			seen[e.Stream] = s
		}
		s.see(e, cuts, points)
	}
	w.surveyed = true
	var ids []StreamID
	for id, s := range seen {
		if s.disordered {
			ids = append(ids, id)
		}
		if skip&FieldTime == 0 && !s.timed {
			untimed++
		}
	}
	for i := range cuts {
		cuts[i].limit(i, seen)
	}
	return untimed, w.loadTurns(ctx, ids)
}

func (s *sighting) see(e *Event, cuts []Cut, points []Point) {
	s.disordered = s.disordered || e.Version < s.last
	s.last = max(s.last, e.Version)
	s.timed = s.timed || !e.Time.IsZero()
	for i := range cuts {
		c, n := &cuts[i], &s.ends[i]
		before := !c.bounded || !c.Moment.IsStart() && e.Position <= c.Moment.Position
		asked := before
		if at, ok := points[i].Time(); ok {
			asked = !e.Time.IsZero() && !e.Time.After(at)
		}
		if before && (!n.hasPosition || e.Version > n.byPosition) {
			n.byPosition, n.hasPosition = e.Version, true
		}
		if asked && (!n.hasAny || e.Version > n.asAsked) {
			n.asAsked, n.hasAny = e.Version, true
		}
	}
}

// maxQueryStreams bounds the streams of one query.
const maxQueryStreams = 500

// loadTurns reads the versions of disordered streams in order.
func (w *Whole) loadTurns(ctx context.Context, ids []StreamID) error {
	w.disorder = map[StreamID]*turn{}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, maxQueryStreams) {
		q := Query{Streams: part, Order: ByStream, Skip: envelope | FieldID | FieldTime}
		for e, err := range w.Reader.Events(ctx, q) {
			if err != nil {
				return err
			}
			t := w.disorder[e.Stream]
			if t == nil {
				t = &turn{}
				w.disorder[e.Stream] = t
			}
			t.versions = append(t.versions, e.Version)
		}
	}
	return nil
}

// A turn tracks the next version to yield of a disordered stream.
type turn struct {
	versions []Version // ascending
	next     int       // index into versions
	held     map[Version]*Event
	deferred bool // the held events exceed the memory limit: the rest is read at the end
}

// A WholeQuery selects the part of a whole store to read. The zero value is all of it.
type WholeQuery struct {
	Cut     Cut
	Streams []StreamID // only these; nil: all
	Skip    Fields
	Seen    func(*Event) error // receives every event in the order read; may be nil

	// Takes selects streams. The category of a stream is that of its first event. nil: all.
	Takes func(id StreamID, category string) bool

	// Unsurveyed reads a store that was not surveyed, and ends with [ErrDisorder] at an event
	// that comes after a later version of its stream. What was read is not an answer then.
	Unsurveyed bool

	// Failed receives the error of a fold at an event, for [Whole.RunEach]. The stream is
	// left out from there on, unless Failed returns an error. nil: the error ends the run.
	Failed func(*Event, error) error
}

// maxHeld bounds, in bytes, the events held back. Tests change it.
var maxHeld = 256 << 20

// Events yields the events of the store. Each stream is in version order. Streams
// are interleaved by position, or follow one another if the dialect has no
// positions. Like [Reader.Events], it never ends early without an error.
func (w *Whole) Events(ctx context.Context, q WholeQuery) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		if q.Takes != nil {
			takes := map[StreamID]bool{}
			yield = taking(yield, func(e *Event) bool {
				in, ok := takes[e.Stream]
				if !ok {
					in = q.Takes(e.Stream, e.Category)
					takes[e.Stream] = in
				}
				return in
			})
		}
		if w.trusts(q) {
			yield = rising(yield)
		}
		w.pass(ctx, q, yield)
	}
}

// trusts reports whether a pass has to look at the order of versions itself.
func (w *Whole) trusts(q WholeQuery) bool {
	return q.Unsurveyed && !w.surveyed && w.Reader.Info().Has("positions")
}

// pass yields the events as [Whole.Events] does, but those of every stream: the caller
// chooses, and looks at the order of versions where the pass trusts it.
func (w *Whole) pass(ctx context.Context, q WholeQuery, yield func(*Event, error) bool) {
	p := wholePass{w: w, q: q}
	for _, t := range w.disorder {
		t.next, t.held, t.deferred = 0, nil, false
	}
	if !p.run(ctx, yield) {
		return
	}
	// All events were seen to be in order, which is what a survey finds.
	w.surveyed = w.surveyed || w.trusts(q) && q.Streams == nil && !q.Cut.bounded
	for _, id := range w.Disordered() {
		if t := w.disorder[id]; t.deferred && !p.yieldRest(ctx, id, t, yield) {
			return
		}
	}
}

// taking yields the events of some streams. It asks takes where a stream follows another.
func taking(yield func(*Event, error) bool, takes func(*Event) bool) func(*Event, error) bool {
	var last StreamID
	in, begun := false, false
	return func(e *Event, err error) bool {
		if err != nil {
			return yield(e, err)
		}
		if !begun || e.Stream != last {
			last, in, begun = e.Stream, takes(e), true
		}
		return !in || yield(e, nil)
	}
}

// A wholePass is one pass over a whole store.
type wholePass struct {
	w    *Whole
	q    WholeQuery
	held int // bytes
}

func (p *wholePass) query() Query {
	q := Query{Streams: p.q.Streams, Skip: p.q.Skip, Order: ByStream}
	if p.w.Reader.Info().Has("positions") {
		q.Order = ByPosition
		if c := &p.q.Cut; c.bounded && !c.late && !c.Moment.IsStart() {
			q.Positions = UpTo(c.Moment.Position)
		}
	}
	return q
}

func (p *wholePass) run(ctx context.Context, yield func(*Event, error) bool) (more bool) {
	if p.q.Cut.IsStart() {
		return false
	}
	for e, err := range p.w.Reader.Events(ctx, p.query()) {
		if err == nil && p.q.Seen != nil {
			err = p.q.Seen(e)
		}
		if err != nil {
			yield(nil, err)
			return false
		}
		if !p.q.Cut.Has(e) {
			continue
		}
		t := p.w.disorder[e.Stream]
		if t == nil {
			if !yield(e, nil) {
				return false
			}
			continue
		}
		if !p.takeEvent(t, e, yield) {
			return false
		}
	}
	for id, t := range p.w.disorder {
		if len(t.held) > 0 {
			yield(nil, fmt.Errorf("stream %q changed while the store was read", id))
			return false
		}
	}
	return true
}

// takeEvent yields e and the events that waited for it if it is their turn. Otherwise
// it holds e back.
func (p *wholePass) takeEvent(t *turn, e *Event, yield func(*Event, error) bool) bool {
	if t.deferred {
		return true
	}
	if t.next >= len(t.versions) || e.Version != t.versions[t.next] {
		if p.held += weight(e); p.held > maxHeld {
			p.deferStream(t, e)
			return true
		}
		if t.held == nil {
			t.held = map[Version]*Event{}
		}
		t.held[e.Version] = e.Clone()
		return true
	}
	for e != nil {
		t.next++
		if !yield(e, nil) {
			return false
		}
		e = nil
		if t.next < len(t.versions) {
			if e = t.held[t.versions[t.next]]; e != nil {
				delete(t.held, e.Version)
				p.held -= weight(e)
			}
		}
	}
	return true
}

// deferStream drops the held events of a stream, which yieldRest reads later.
func (p *wholePass) deferStream(t *turn, e *Event) {
	p.held -= weight(e)
	for _, h := range t.held {
		p.held -= weight(h)
	}
	t.deferred, t.held = true, nil
}

// weight estimates the memory of a held event, in bytes.
func weight(e *Event) int { return 512 + len(e.Data) + len(e.Meta.Raw) }

// yieldRest yields the rest of a deferred stream.
func (p *wholePass) yieldRest(ctx context.Context, id StreamID, t *turn, yield func(*Event, error) bool) bool {
	if t.next >= len(t.versions) {
		return true
	}
	q := Query{Streams: []StreamID{id}, Versions: From(t.versions[t.next]), Skip: p.q.Skip}
	for e, err := range p.w.Reader.Events(ctx, q) {
		if err == nil && !p.q.Cut.Has(e) {
			break
		}
		if !yield(e, err) || err != nil {
			return false
		}
	}
	return true
}

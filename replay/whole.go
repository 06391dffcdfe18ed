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
// The pass goes by position, and each stream by version: where the two orders
// differ, an event is held back until the versions before it have come. A moment
// of the store cuts each stream where the stream's own timeline would, see [Cut].
type Whole struct {
	Reader Reader

	surveyed bool
	disorder map[StreamID]*turn // streams whose positions do not rise with their versions
}

// NewWhole returns the store of r. Its streams may be a shard of it.
func NewWhole(r Reader) *Whole { return &Whole{Reader: r} }

// A Cut is a moment of a whole store: a prefix of every stream. As of a position
// a stream is what it was when the store stood there; as of a time it is what
// [Timeline.Resolve] says of the stream alone. The zero Cut is the head.
type Cut struct {
	Moment Moment // of the store's own timeline, by position

	bounded bool                 // false: every event is in it
	limits  map[StreamID]Version // the last version of each stream; nil: the position decides
	late    bool                 // some of its events are after Moment
}

// HeadCut is the cut after the last event, whose moment is m.
func HeadCut(m Moment) Cut { return Cut{Moment: m} }

// Has reports whether an event is in the prefix of its stream.
func (c *Cut) Has(e *Event) bool {
	switch {
	case !c.bounded:
		return true
	case c.Moment.IsStart():
		return false
	case c.limits == nil:
		return e.Position <= c.Moment.Position
	}
	last, ok := c.limits[e.Stream]
	return ok && e.Version <= last
}

// ByPosition reports whether the cut has just the events up to its moment.
func (c *Cut) ByPosition() bool { return c.limits == nil }

// Cuts resolves points of the store's own timeline. One that is not the head
// costs a scan of the events' coordinates.
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
			// What the store's own clock does says nothing of streams cut one by one.
			if n.Code != NoticeClockBack && !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
		cuts[i] = Cut{Moment: m, bounded: p != Head()}
		survey = survey || cuts[i].bounded && !m.IsStart()
	}
	if !survey {
		return cuts, all, nil
	}
	untimed, err := w.survey(ctx, nil, cuts, points)
	if untimed > 0 {
		all = append(all, Notice{NoticeUntimed, fmt.Sprintf(
			"%s without a time at all: left out", Counted(untimed, "stream is", "streams are"))})
	}
	return cuts, all, err
}

// Survey finds the streams whose positions do not rise with their versions,
// among these or, with nil, among all. [Whole.Events] needs it; whoever does
// without, because most stores have none, compares versions as they come.
func (w *Whole) Survey(ctx context.Context, streams []StreamID) error {
	if w.surveyed || !w.Reader.Info().HasPositions {
		return nil
	}
	_, err := w.survey(ctx, streams, nil, nil)
	return err
}

// Surveyed reports whether the order of each stream is known.
func (w *Whole) Surveyed() bool { return w.surveyed }

// Disordered lists the streams whose positions do not rise with their versions,
// by id; it is empty before a survey.
func (w *Whole) Disordered() []StreamID { return slices.Sorted(maps.Keys(w.disorder)) }

// Notices says what a reader of the answer should know of the order of events.
func (w *Whole) Notices() []Notice {
	ids := w.Disordered()
	if len(ids) == 0 {
		return nil
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	return []Notice{{NoticeDisorder, fmt.Sprintf("in %s positions do not rise with versions: %s; each stream is folded by version",
		Counted(len(ids), "stream", "streams"), listed(names, maxMatches))}}
}

// sighting is what a survey keeps of one stream.
type sighting struct {
	last       Version // the highest
	disordered bool
	timed      bool
	ends       []end // by cut
}

// end is the last version of a stream in one cut, by position and as asked for.
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
	return untimed, w.line(ctx, ids)
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

// limit notes the last version of each stream, where the position alone does not
// tell which events are in the cut.
func (c *Cut) limit(i int, seen map[StreamID]*sighting) {
	if !c.bounded || c.Moment.IsStart() {
		return
	}
	plain := true
	for _, s := range seen {
		n := s.ends[i]
		same := n.hasAny == n.hasPosition && n.asAsked == n.byPosition
		plain = plain && same && !s.disordered
		c.late = c.late || s.disordered || n.hasAny && (!n.hasPosition || n.asAsked > n.byPosition)
	}
	if plain {
		return
	}
	c.limits = map[StreamID]Version{}
	for id, s := range seen {
		if n := s.ends[i]; n.hasAny {
			c.limits[id] = n.asAsked
		}
	}
}

// lineMost is how many streams are asked for at a time.
const lineMost = 500

// line finds the order in which the events of disordered streams come.
func (w *Whole) line(ctx context.Context, ids []StreamID) error {
	w.disorder = map[StreamID]*turn{}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, lineMost) {
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

// A turn says whose turn it is in a disordered stream.
type turn struct {
	versions []Version // ascending
	next     int       // of versions
	held     map[Version]*Event
	apart    bool // memory has no room for what would be held: read at the end
}

// A WholeQuery says what of a whole store is read. The zero value is all of it.
type WholeQuery struct {
	Cut     Cut
	Streams []StreamID        // only these; nil: all
	Match   func(*Event) bool // only streams whose events it takes, by stream and category; nil: all
	Skip    Fields
	Seen    func(*Event) error // is shown every event that is read, as the store has it; may be nil
}

// heldMost bounds, in bytes, the events held back. A variable, for tests.
var heldMost = 256 << 20

// Events yields the events of the store: stream by stream by version, and streams
// beside each other by position, or one after the other where the dialect has no
// positions. Like [Reader.Events] it always ends with an error if it is not whole.
func (w *Whole) Events(ctx context.Context, q WholeQuery) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		p := wholePass{w: w, q: q}
		for _, t := range w.disorder {
			t.next, t.held, t.apart = 0, nil, false
		}
		if !p.run(ctx, yield) {
			return
		}
		for _, id := range w.Disordered() {
			if t := w.disorder[id]; t.apart && !p.rest(ctx, id, t, yield) {
				return
			}
		}
	}
}

// wholePass is one pass over a whole store.
type wholePass struct {
	w    *Whole
	q    WholeQuery
	held int // bytes
}

func (p *wholePass) query() Query {
	q := Query{Streams: p.q.Streams, Skip: p.q.Skip, Order: ByStream}
	if p.w.Reader.Info().HasPositions {
		q.Order = ByPosition
		if c := &p.q.Cut; c.bounded && !c.late && !c.Moment.IsStart() {
			q.Positions = UpTo(c.Moment.Position)
		}
	}
	return q
}

func (p *wholePass) run(ctx context.Context, yield func(*Event, error) bool) (more bool) {
	if c := &p.q.Cut; c.bounded && c.Moment.IsStart() {
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
		if !p.q.Cut.Has(e) || p.q.Match != nil && !p.q.Match(e) {
			continue
		}
		t := p.w.disorder[e.Stream]
		if t == nil {
			if !yield(e, nil) {
				return false
			}
			continue
		}
		if !p.take(t, e, yield) {
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

// take yields an event when it is its turn, and those that waited for it.
func (p *wholePass) take(t *turn, e *Event, yield func(*Event, error) bool) bool {
	if t.apart {
		return true
	}
	if t.next >= len(t.versions) || e.Version != t.versions[t.next] {
		if p.held += weight(e); p.held > heldMost {
			p.release(t, e)
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

// release gives up holding the events of a stream.
func (p *wholePass) release(t *turn, e *Event) {
	p.held -= weight(e)
	for _, h := range t.held {
		p.held -= weight(h)
	}
	t.apart, t.held = true, nil
}

// weight is about what an event that is held takes, in bytes.
func weight(e *Event) int { return 512 + len(e.Data) + len(e.Meta.Raw) }

// rest yields what is left of a stream that is read by itself.
func (p *wholePass) rest(ctx context.Context, id StreamID, t *turn, yield func(*Event, error) bool) bool {
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

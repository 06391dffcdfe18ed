package inspect

import (
	"cmp"
	"context"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// AllDiffed is the difference between the states of all streams at two moments.
type AllDiffed struct {
	From, To   replay.Moment
	Streams    int64          // that exist at To
	Changed    int64          // whose state differs from that at From
	Categories []CategoryDiff // with changes, most changed streams first
	Largest    []StreamDiff   // streams with changes, most changes first
	More       int64          // changed streams after those that Largest lists
	Tally      replay.Tally   // of the events up to To, in all streams
	Incomplete replay.Incomplete
}

// CategoryDiff counts the changes in the streams of one category.
type CategoryDiff struct {
	Category                 string
	Streams, Changed, New    int64 // New: without an event at From
	Events                   int64 // after From, of changed streams
	Added, Removed, Replaced int64 // of their states
}

// StreamDiff counts the changes in the state of one stream.
type StreamDiff struct {
	Stream                   replay.StreamID
	Category                 string
	New                      bool
	From, To                 replay.Version // the last events; From is meaningless if New
	Events                   int64          // after From
	Added, Removed, Replaced int64          // of the state
}

// Changes is the number of changes.
func (d *StreamDiff) Changes() int64 { return d.Added + d.Removed + d.Replaced }

// Behind leaves out the streams that are listed before another one, and that one.
func (d *AllDiffed) Behind(after *StreamDiff) {
	n := 0
	for n < len(d.Largest) && d.Largest[n].order(after) <= 0 {
		n++
	}
	d.Largest = d.Largest[n:]
}

// Cut leaves out all streams but the first, and reports whether there were more; a limit
// of 0 is none.
func (d *AllDiffed) Cut(limit int) bool {
	if limit == 0 || len(d.Largest) <= limit {
		return false
	}
	d.More = int64(len(d.Largest) - limit)
	d.Largest = d.Largest[:limit]
	return true
}

// order compares the places of two streams in the list.
func (d *StreamDiff) order(o *StreamDiff) int {
	return cmp.Or(cmp.Compare(o.Changes(), d.Changes()), cmp.Compare(d.Stream, o.Stream))
}

// DiffAll answers how the state of each stream, folded by itself, differs between
// two moments of the whole store. It makes one pass and holds one state for every stream, and, for those that
// changed, what takes it back to From.
func DiffAll(ctx context.Context, w *replay.Whole, foldFor replay.FoldFor, from, to replay.Cut) (*AllDiffed, error) {
	var d diffingAll
	err := w.Trusting(func(unsurveyed bool) error {
		d = diffingAll{streams: map[replay.StreamID]*streamDiffing{}}
		return d.pass(ctx, w, foldFor, from, replay.WholeQuery{Cut: to, Unsurveyed: unsurveyed})
	})
	if err != nil {
		return nil, err
	}
	all, err := d.answer(from.Moment, to.Moment)
	if err == nil {
		all.Incomplete = w.Gaps.Incomplete()
	}
	return all, err
}

func (d *diffingAll) pass(ctx context.Context, w *replay.Whole, foldFor replay.FoldFor, from replay.Cut, q replay.WholeQuery) error {
	d.foldFor = func(id replay.StreamID, category string) (replay.Fold, error) {
		f, err := foldFor(id, category)
		d.fold = f
		return f, err
	}
	for step, err := range w.RunEach(ctx, d.foldFor, q, true) {
		if err == nil {
			err = d.see(ctx, step, !from.Has(step.Event))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type diffingAll struct {
	foldFor replay.FoldFor
	fold    replay.Fold // the last stream seen for the first time
	streams map[replay.StreamID]*streamDiffing
	tally   replay.Tally
}

// streamDiffing is the state of one stream, with a way back to an earlier one.
type streamDiffing struct {
	d       StreamDiff
	keys    []string
	root    state.Value // updated by each event
	was     state.Value // at From, once known
	known   bool
	changes []state.Change // since From, until was is known
}

func (d *diffingAll) see(ctx context.Context, step *replay.Step, after bool) error {
	d.tally.Count(step)
	e := step.Event
	s := d.streams[e.Stream]
	if s == nil {
		s = &streamDiffing{d: StreamDiff{Stream: e.Stream, Category: e.Category}, keys: d.fold.ArrayKeys}
		d.streams[e.Stream] = s
		if after {
			was, err := replay.InitialState(ctx, d.fold)
			if err != nil {
				return err
			}
			s.d.New, s.was, s.known = true, was, true
		}
	}
	s.root, s.d.To = step.Root, e.Version
	if !after {
		s.d.From = e.Version
		return nil
	}
	s.d.Events++
	if s.known {
		return nil
	}
	s.changes = append(s.changes, step.Changes...)
	if len(s.changes) > journalMost {
		return s.goBack()
	}
	return nil
}

// journalMost is the number of changes above which a copy of the state is smaller.
const journalMost = 256

// goBack computes the state at From from the present one.
func (s *streamDiffing) goBack() (err error) {
	s.was, err = state.Apply(s.root, state.Invert(s.changes))
	s.known, s.changes = true, nil
	return err
}

func (s *streamDiffing) compare() error {
	if !s.known {
		if len(s.changes) == 0 {
			return nil
		}
		if err := s.goBack(); err != nil {
			return err
		}
	}
	for _, c := range state.Diff(s.was, s.root, state.DiffOptions{ArrayKeys: s.keys}) {
		switch c.Op {
		case state.OpAdd:
			s.d.Added++
		case state.OpRemove:
			s.d.Removed++
		case state.OpReplace:
			s.d.Replaced++
		}
	}
	s.was, s.root = state.Value{}, state.Value{}
	return nil
}

func (d *diffingAll) answer(from, to replay.Moment) (*AllDiffed, error) {
	out := &AllDiffed{From: from, To: to, Streams: int64(len(d.streams)), Tally: d.tally}
	byName := map[string]*CategoryDiff{}
	for _, s := range d.streams {
		if err := s.compare(); err != nil {
			return nil, err
		}
		c := byName[s.d.Category]
		if c == nil {
			c = &CategoryDiff{Category: s.d.Category}
			byName[s.d.Category] = c
		}
		c.Streams++
		if s.d.Changes() > 0 {
			c.count(&s.d)
			out.Changed++
			out.Largest = append(out.Largest, s.d)
		}
	}
	for _, c := range byName {
		out.Categories = append(out.Categories, *c)
	}
	slices.SortFunc(out.Categories, func(a, b CategoryDiff) int {
		return cmp.Or(cmp.Compare(b.Changed, a.Changed), cmp.Compare(a.Category, b.Category))
	})
	slices.SortFunc(out.Largest, func(a, b StreamDiff) int { return a.order(&b) })
	return out, nil
}

func (c *CategoryDiff) count(s *StreamDiff) {
	c.Changed++
	if s.New {
		c.New++
	}
	c.Events += s.Events
	c.Added += s.Added
	c.Removed += s.Removed
	c.Replaced += s.Replaced
}

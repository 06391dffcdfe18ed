package browse

import (
	"context"
	"errors"
	"slices"
	"time"

	"asof/inspect"
	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// An opened is the timeline of a stream screen, as it was found.
type opened struct {
	stream string         // its name
	first  replay.Version // of its first event
	last   replay.Version // of its last event
	at     replay.Version // of the point that was asked for
	start  bool           // that point is before the first event
	empty  bool           // there are no events
	many   bool           // the events are of many streams, and versions are positions
	fold   string
}

// open finds a stream and resolves its point.
func (s *session) open(ctx context.Context, name, at string) (o *opened, n noted, err error) {
	n, err = s.ask(ctx, "", func(ctx context.Context, store *workspace.Store) error {
		t, err := store.Target(ctx, name, s.o.How)
		if err != nil {
			return err
		}
		defer t.Close()
		o = &opened{stream: t.Timeline.Name, many: t.Timeline.Many, fold: t.Fold.Reducer.Name()}
		head, _, err := t.Timeline.Resolve(ctx, replay.Head())
		if err != nil {
			return err
		}
		m, err := t.Moment(ctx, at)
		if err != nil {
			return err
		}
		first, ok, err := t.Timeline.First(ctx)
		if err != nil {
			return err
		}
		if o.start = m.IsStart(); !ok || head.IsStart() {
			o.start, o.empty = true, true
			return nil
		}
		o.first, o.last, o.at = first, head.Version(), first
		if !o.start {
			o.at = m.Version()
		}
		return nil
	})
	return o, n, err
}

// resolve finds the version of a point of a timeline.
func (s *session) resolve(ctx context.Context, stream, at string) (v replay.Version, start bool, n noted, err error) {
	n, err = s.ask(ctx, stream, func(ctx context.Context, store *workspace.Store) error {
		t, err := store.Target(ctx, stream, s.o.How)
		if err != nil {
			return err
		}
		defer t.Close()
		m, err := t.Moment(ctx, at)
		if err != nil {
			return err
		}
		if start = m.IsStart(); !start {
			v = m.Version()
		}
		return nil
	})
	return v, start, n, err
}

// An eventRow is an event in a list.
type eventRow struct {
	version replay.Version
	stream  string // on a timeline of many streams
	time    time.Time
	typ     string
	actor   string
}

func rowOf(m replay.Moment, e *replay.Event) eventRow {
	r := eventRow{version: m.Version(), time: e.Time, typ: e.Type, actor: e.Meta.Actor}
	if m.Stream != string(e.Stream) {
		r.stream = string(e.Stream)
	}
	return r
}

// events lists events around a version: before it and it, and after it up to last.
func (s *session) events(ctx context.Context, o *opened, types []string, v replay.Version, before, after int) (rows []eventRow, err error) {
	_, err = s.ask(ctx, o.stream, func(ctx context.Context, store *workspace.Store) error {
		rows = nil
		q := ask.Log{Timeline: s.timeline(o.stream, upTo(v)), Entries: ask.Entries{Types: types, Reverse: true, Page: ask.Page{Limit: before + 1}}}
		for e, err := range q.Of(ctx, store) {
			if err != nil {
				return err
			}
			rows = append(rows, rowOf(e.Moment, e.Event))
		}
		slices.Reverse(rows)
		if v >= o.last {
			return nil
		}
		q.At, q.Reverse, q.Limit = between(v, o.last), false, after
		for e, err := range q.Of(ctx, store) {
			if err != nil {
				return err
			}
			rows = append(rows, rowOf(e.Moment, e.Event))
		}
		return nil
	})
	return rows, err
}

func at(v replay.Version) string                { return replay.AtVersion(v).String() }
func upTo(v replay.Version) string              { return "start.." + at(v) }
func between(from, to replay.Version) string    { return at(from) + ".." + at(to) }
func (o *opened) point(v replay.Version) string { return o.stream + "@" + at(v) }

// A frame is a state, and the event that led to it.
type frame struct {
	version replay.Version
	moment  replay.Moment
	event   *replay.Event
	state   state.Value
	changes []state.Change
	handled bool
	unread  string // why the payload could not be read
	nodes   int    // of the state, an estimate of its size
	err     error  // the fold failed here or before; the state is the last one that it reached
	reached string // where that is, if err is set
}

// frames folds a part of a timeline, and keeps the state after each event. It starts from
// the nearest state of keep, and adds some to it.
func (s *session) frames(ctx context.Context, o *opened, keep *saves, from, to replay.Version) (all []*frame, n noted, err error) {
	n, err = s.ask(ctx, o.stream, func(ctx context.Context, store *workspace.Store) error {
		all = nil
		t, err := store.Target(ctx, o.stream, s.o.How)
		if err != nil {
			return err
		}
		defer t.Close()
		end, _, err := t.Timeline.Resolve(ctx, replay.AtVersion(to))
		if err != nil {
			return err
		}
		begin := end
		if from <= to {
			begin = end.WithVersion(from)
		}
		saved, err := reach(ctx, t, keep, begin.JustBefore())
		if err != nil {
			return s.failed(ctx, store, o, to, &all, saved, err)
		}
		run := t.FoldFromSaved(ctx, saved, begin.JustBefore())
		run.Changes, run.WholeEvents = true, true
		var label error
		err = run.To(ctx, end, func(step *replay.Step) {
			if v := t.Timeline.Version(step.Event); v >= from && label == nil {
				var f *frame
				if f, label = s.frame(t, step); label == nil {
					all = append(all, f)
				}
			}
		})
		if err == nil {
			err = run.Tally.Readable()
		}
		if err = errors.Join(err, label); err != nil {
			return s.failed(ctx, store, o, to, &all, run.Save(), err)
		}
		t.NoteBasis(ctx)
		return nil
	})
	return all, n, err
}

// near is how many events before the one that is looked at a state is saved, for steps
// back from there.
const near = 64

// reach folds up to a moment, without the changes of events, and returns the state there.
// With an error, it is the last state before it.
func reach(ctx context.Context, t *workspace.Target, keep *saves, to replay.Moment) (reached replay.SavedState, err error) {
	saved, _ := keep.nearest(to.Version())
	run := t.Counting().FoldFromSaved(ctx, saved, to)
	every, n := keep.spacing(), 0
	err = run.To(ctx, to, func(*replay.Step) {
		n++
		if left := to.Version() - run.Last; n%every == 0 || n > near && (left == near || left == 8*near) {
			keep.add(run.Save())
		}
	})
	reached = run.Save()
	if err == nil {
		keep.add(reached)
	}
	return reached, err
}

func (s *session) frame(t *workspace.Target, step *replay.Step) (*frame, error) {
	f := &frame{
		version: t.Timeline.Version(step.Event), moment: t.Timeline.Moment(step.Event), event: step.Event.Clone(),
		state: state.Clone(step.Root), changes: slices.Clone(step.Changes), handled: step.Handled, unread: step.Unread,
	}
	f.nodes = sizeOf(f.state)
	return f, state.LabelChangesTo(step.Root, f.changes, state.DiffOptions{ArrayKeys: t.Fold.ArrayKeys})
}

// failed adds a frame for an event that a fold did not get past, so that it can be looked
// at, with the last state that it reached.
func (s *session) failed(ctx context.Context, store *workspace.Store, o *opened, v replay.Version, all *[]*frame, last replay.SavedState, cause error) error {
	if ctx.Err() != nil {
		return cause
	}
	q := ask.Show{Timeline: s.timeline(o.stream, at(v))}
	shown, err := q.Of(ctx, store)
	if err != nil {
		return cause
	}
	f := &frame{version: v, moment: shown.Moment, event: shown.Event, state: last.State, nodes: sizeOf(last.State), err: cause}
	if f.state.IsAbsent() {
		f.state = state.NullValue()
	}
	f.reached = "before the first event"
	if last.Begun || last.Events > 0 {
		f.reached = "after event " + number(int64(last.Version))
	}
	if n := len(*all) - 1; n >= 0 && (*all)[n].version == v {
		*all = (*all)[:n]
	}
	*all = append(*all, f)
	return nil
}

// blame asks which event set each path.
func (s *session) blame(ctx context.Context, o *opened, v replay.Version) (b *inspect.Blamed, err error) {
	_, err = s.ask(ctx, o.stream, func(ctx context.Context, store *workspace.Store) error {
		b, err = ask.Blame{Timeline: s.timeline(o.stream, at(v))}.Of(ctx, store)
		return err
	})
	return b, err
}

// touched lists the versions of the events that changed a path, in order.
func (s *session) touched(ctx context.Context, o *opened, path string, v replay.Version) (versions []replay.Version, err error) {
	list := func(ctx context.Context, store *workspace.Store, to replay.Version) error {
		versions = nil
		q := ask.Log{Timeline: s.timeline(o.stream, upTo(to)), Entries: ask.Entries{Path: path}}
		for e, err := range q.Of(ctx, store) {
			if err != nil {
				return err
			}
			versions = append(versions, e.Moment.Version())
		}
		return nil
	}
	_, err = s.ask(ctx, o.stream, func(ctx context.Context, store *workspace.Store) error {
		err := list(ctx, store, o.last)
		var gone *state.PathError
		if errors.As(err, &gone) && v != o.last { // it is not there any more
			err = list(ctx, store, v)
		}
		return err
	})
	return versions, err
}

// initial is the state before the first event.
func (s *session) initial(ctx context.Context, o *opened) (f *frame, n noted, err error) {
	n, err = s.ask(ctx, o.stream, func(ctx context.Context, store *workspace.Store) error {
		r, err := ask.Replay{Timeline: s.timeline(o.stream, "start")}.Of(ctx, store)
		if err != nil {
			return err
		}
		f = &frame{moment: r.Moment, state: r.State, nodes: sizeOf(r.State)}
		return nil
	})
	return f, n, err
}

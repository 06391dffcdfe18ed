package audit

import (
	"bufio"
	"context"
	"io"
	"time"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A Trail is a readable list of events: who, when, what, and the changes with their
// old and new values. It proves nothing by itself.
type Trail struct {
	Export                            // Reader, Select, Redact, Projection and About are used; Key is optional
	Streams         []replay.StreamID // the selected streams, if all are known; nil: Select decides
	Zone            *time.Location    // of the times shown; nil: UTC
	positionsLacked bool
	folds           map[replay.StreamID]*trailFold // by stream
	uses            map[[2]string]*trailFold       // by name and For
}

// A trailFold is the projection of streams, for people.
type trailFold struct {
	name, For string // see [Projection]
	streams   int64
	keys      []string // of arrays
}

func (f *trailFold) String() string {
	if f.For == "" {
		return f.name
	}
	return f.name + ", which is meant for other streams: " + f.For
}

// projection returns the projection of a stream, and keeps its name.
func (t *Trail) projection(id replay.StreamID, category string) (replay.Fold, error) {
	p, err := t.Projection(id, category)
	if err != nil {
		return p.Fold, err
	}
	key := [2]string{p.Name, p.For}
	f := t.uses[key]
	if f == nil {
		f = &trailFold{name: p.Name, For: p.For, keys: p.Fold.ArrayKeys}
		t.uses[key] = f
	}
	if t.folds[id] == nil {
		f.streams++
		t.folds[cloneID(id)] = f
	}
	return p.Fold, nil
}

// Formats are the formats of a trail.
var Formats = []string{"csv", "html", "md", "ndjson"}

// A trailWriter writes a trail in one format.
type trailWriter interface {
	begin(t *Trail, s *survey) error
	event(e *replay.Event, changes []state.Change, by *trailFold) error
	end() error
}

// Trailed is a summary of a written trail.
type Trailed struct {
	Events    int64
	NoActor   int64 // events without an actor
	Survivors []Survivor
	Account   replay.Account // of the folded events
}

// Write writes the trail in one of Formats.
func (t *Trail) Write(ctx context.Context, w io.Writer, format string) (*Trailed, error) {
	t.folds, t.uses = map[replay.StreamID]*trailFold{}, map[[2]string]*trailFold{}
	t.positionsLacked = !t.Reader.Info().Has("positions")
	if t.Zone == nil {
		t.Zone = time.UTC
	}
	buf := bufio.NewWriterSize(w, 1<<16)
	base := textWriter{w: buf, zone: t.Zone}
	var tw trailWriter
	switch format {
	case "csv":
		tw = &csvTrail{textWriter: base}
	case "md":
		tw = &markdownTrail{textWriter: base}
	case "html":
		tw = &htmlTrail{textWriter: base}
	default:
		tw = &jsonTrail{textWriter: base}
	}
	periods, err := t.Select.periods(ctx, t.Reader)
	if err != nil {
		return nil, err
	}
	s := newSurvey()
	if s.erased, err = t.erasedValues(ctx, periods); err != nil {
		return nil, err
	}
	if format == "html" || s.erased != nil {
		if err := t.survey(ctx, s, periods); err != nil {
			return nil, err
		}
	}
	if err := tw.begin(t, s); err != nil {
		return nil, err
	}
	out := &Trailed{Survivors: s.survivors()}
	var labels keyLabels
	for step, err := range t.steps(ctx, periods, &out.Account) {
		if err == nil {
			out.Events++
			if step.Event.Meta.Actor == "" {
				out.NoActor++
			}
			by := t.folds[step.Event.Stream]
			if err = labels.label(step.Event, step.Changes, step.Root, by.keys); err == nil {
				err = tw.event(step.Event, step.Changes, by)
			}
		}
		if err != nil {
			return nil, t.foldFailed(err, fault.Try("states are folded from the redacted events: choose merge, or a fold that works without the withheld values,").With("fold"))
		}
	}
	if err := tw.end(); err != nil {
		return nil, err
	}
	return out, buf.Flush()
}

// survey counts the events of the whole store, for the summary of the page.
func (t *Trail) survey(ctx context.Context, s *survey, periods map[replay.StreamID]period) error {
	x := t.Export
	if x.Key == nil {
		x.Key = &Key{} // no hash made with it is shown
	}
	for l, err := range x.leaves(ctx, periods, s.erased) {
		if err != nil {
			return err
		}
		if err := s.add(l, x.Select.leftOut(l.event, periods)); err != nil {
			return err
		}
	}
	s.finish()
	return nil
}

// steps folds each stream and yields the selected events, in the order of the store
// or, if it has none, stream by stream.
func (t *Trail) steps(ctx context.Context, periods map[replay.StreamID]period, a *replay.Account) func(func(*replay.Step, error) bool) {
	r := t.Reader
	if !t.Redact.none() {
		r = redactedReader{r, t.Redact}
	}
	shown := func(e *replay.Event) bool { return t.Select.leftOut(e, periods) == "" }
	if t.positionsLacked {
		return t.byStream(ctx, r, shown, a)
	}
	q := replay.WholeQuery{Streams: t.Streams}
	if t.Streams == nil && t.Select.Match != nil {
		q.Takes = t.Select.Match
	}
	return func(yield func(*replay.Step, error) bool) {
		whole := replay.NewWhole(r)
		for step, err := range whole.RunEach(ctx, t.projection, q, true) {
			if err == nil {
				a.Count(step)
			}
			if (err != nil || shown(step.Event)) && !yield(step, err) {
				return
			}
		}
		a.Incomplete = whole.Gaps.Incomplete()
	}
}

func (t *Trail) byStream(ctx context.Context, r replay.Reader, shown func(*replay.Event) bool, a *replay.Account) func(func(*replay.Step, error) bool) {
	gaps := replay.NewGaps(r.Info())
	return func(yield func(*replay.Step, error) bool) {
		for s, err := range r.Streams(ctx, replay.StreamQuery{IDs: t.Streams}) {
			if err != nil {
				yield(nil, err)
				return
			}
			if t.Select.Match != nil && !t.Select.Match(s.ID, s.Category) {
				continue
			}
			fold, err := t.projection(s.ID, s.Category)
			if err != nil {
				yield(nil, err)
				return
			}
			gaps.SeeStream(&s)
			for step, err := range replay.StreamTimeline(r, s.ID).Run(ctx, fold, replay.FoldOptions{Changes: true}) {
				if err == nil {
					a.Count(step)
				}
				if (err != nil || shown(step.Event)) && !yield(step, err) || err != nil {
					return
				}
			}
		}
		a.Incomplete = gaps.Incomplete()
	}
}

// A textWriter is the common part of the formats.
type textWriter struct {
	w    *bufio.Writer
	zone *time.Location
	b    []byte
}

func (w *textWriter) flush() error {
	_, err := w.w.Write(w.b)
	w.b = w.b[:0]
	return err
}

// when formats a time with all its digits.
func (w *textWriter) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(w.zone).Format("2006-01-02T15:04:05.999999999Z07:00")
}

// payload returns the payload of an event for people: JSON, or why it cannot be read.
func payload(e *replay.Event) (v state.Value, unread string) {
	var p parsers
	c, opaque := p.content(e)
	return c.data, opaque
}

func position(e *replay.Event) string {
	if e.Position == replay.NoPosition {
		return ""
	}
	return integer(int64(e.Position)).Text()
}

// valueText returns a value for people: a string as it is, anything else as JSON.
func valueText(v state.Value) string {
	switch v.Kind() {
	case state.Absent:
		return ""
	case state.String:
		return v.Text()
	}
	return string(state.AppendJSON(nil, v))
}

// jsonTrail writes one line of JSON per event, with its changes.
type jsonTrail struct{ textWriter }

func (w *jsonTrail) begin(*Trail, *survey) error { return nil }
func (w *jsonTrail) end() error                  { return nil }

func (w *jsonTrail) event(e *replay.Event, changes []state.Change, by *trailFold) error {
	var p parsers
	c, opaque := p.content(e)
	revision := state.NullValue()
	if e.Revision != 0 {
		revision = integer(int64(e.Revision))
	}
	n := object(
		"stream", string(e.Stream), "category", orNull(e.Category), "version", e.Version, "position", e.Position,
		"id", orNull(e.ID), "type", e.Type, "revision", revision, "time", e.Time,
		"actor", orNull(e.Meta.Actor), "correlation_id", orNull(e.Meta.Correlation), "causation_id", orNull(e.Meta.Causation),
		"data", c.data, "metadata", c.meta, "changes", changesJSON(changes),
		"projection", by.name, "projection_for", orNull(by.For),
	)
	if opaque != "" {
		n.Node().Set("opaque", state.StringValue(opaque))
	}
	w.b = append(state.AppendSorted(w.b, n), '\n')
	return w.flush()
}

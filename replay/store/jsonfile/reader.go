package jsonfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A reader reads a file of events through its index.
type reader struct {
	src     *Input
	options source.Options
	idx     *index
	form    form
	times   *cell.Times
	actor   []cell.Pointer
	corr    []cell.Pointer
	cause   []cell.Pointer
	info    replay.Info
}

// index reads the whole file once, so that a fault surfaces here and not in the
// middle of an answer.
func (r *reader) index(ctx context.Context, text io.Reader) error {
	split := &Splitter{Src: text, rows: r.holdsRows}
	if err := split.begin(); errors.Is(err, errNotJSON) {
		return r.src.notJSON(split.Rest())
	} else if err != nil {
		return r.src.Fail("open", err)
	}
	x := newIndexer()
	if err := r.firstPass(ctx, split, x); err != nil {
		return err
	}
	switch n := x.seen.leftOut[rowsLeftOut]; {
	case len(x.recs) == 0 && n > 0:
		return r.src.Fail("open", fmt.Errorf("no event has a stream and a version, of %d", n))
	case len(x.recs) == 0:
		return r.src.Fail("open", errNothing)
	}
	if err := r.src.FinishFirstPass(split.Off + int64(split.Start)); err != nil {
		return err
	}
	x.resolveTimes(r.times)
	var err error
	if r.idx, err = x.finish(r.src); err != nil {
		return err
	}
	r.describe()
	return nil
}

// firstPass adds all events of the file to the index.
func (r *reader) firstPass(ctx context.Context, split *Splitter, x *indexer) error {
	in := &sequence{split: split}
	var scan cell.Scanner
	var e event
	for n := 1; ; n++ {
		t, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.src.Fail("read", err)
		}
		if r.form.rows && string(bytes.TrimSpace(t.Text)) == "null" {
			x.countLeftOut(tombstones, nil)
			continue
		}
		members, f := scan.Object(t.Text)
		if f == nil && r.form.read == nil {
			if err := r.recognise(ctx, members, &t, in); err != nil {
				return err
			}
			members, f = scan.Object(t.Text)
			x.keyed = r.form.keyed
			r.times = cell.NewTimes(r.options.TimeZone, r.options.Map[source.FieldNames[source.Time]], r.form.timeUnit)
		}
		if f == nil {
			f = r.parse(t.Text, members, &e, 0)
		}
		if f == nil {
			f = x.surround(&e, &t)
		}
		if f != nil {
			return r.src.Fail("read", t.Place(f))
		}
		e.noteOddity(scan.Odd)
		if r.form.ordinals {
			e.position, e.hasPosition = int64(n), true
		}
		if e.leftOut != nil {
			x.countLeftOut(e.leftOut, e.stream)
		} else if err := x.add(&e, &t); err != nil {
			return r.src.Fail("read", err)
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (r *reader) pointers() error {
	for _, p := range []struct {
		from []string
		to   *[]cell.Pointer
	}{
		{r.options.Metadata.Actor, &r.actor},
		{r.options.Metadata.Correlation, &r.corr},
		{r.options.Metadata.Causation, &r.cause},
	} {
		for _, s := range p.from {
			parsed, ok := cell.ParsePointer(s)
			if !ok {
				return fmt.Errorf("%q is not a JSON pointer, such as /user/id", s)
			}
			*p.to = append(*p.to, parsed)
		}
	}
	return nil
}

// recognise picks the form from the first event.
func (r *reader) recognise(ctx context.Context, first []cell.Member, t *Text, in *sequence) (err error) {
	if len(r.options.Map) > 0 {
		if r.form, err = mappedForm(r.options.Map, in.look(t)); err != nil {
			return r.src.Fail("open", err)
		}
		return nil
	}
	unknown := &source.UnknownDialectError{}
	for _, f := range forms() {
		if r.options.Dialect == f.dialect || r.options.Dialect == "" && f.fits(first) {
			r.form = f
			return nil
		}
		unknown.Tried = append(unknown.Tried, source.Tried{Dialect: f.dialect, Why: "no " + f.needs + " in the first event"})
	}
	if r.options.Dialect != "" {
		var names []string
		for _, f := range forms() {
			names = append(names, f.dialect)
		}
		return r.src.Fail("open", fmt.Errorf("there is no JSON dialect %q; the dialects are %s",
			r.options.Dialect, strings.Join(names, ", ")))
	}
	if err := r.propose(ctx, unknown, in.look(t)); err != nil {
		return err
	}
	out := &replay.StoreError{
		Path: r.src.Path, Op: "open", Err: unknown,
		Next: fault.Try("say where the fields are").With("map", "stream=KEY,version=KEY,type=KEY,data=KEY,time=KEY"),
	}
	if len(unknown.Proposals) > 0 {
		out.Next = fault.Try("say where the fields are, perhaps").With("map", source.MapText(unknown.Proposals[0].Map))
	}
	return out
}

// parse reads one event.
func (r *reader) parse(text []byte, members []cell.Member, e *event, skip replay.Fields) *cell.TextError {
	e.reset()
	e.whole, e.clock = text, r.times
	if f := r.form.read(members, e, skip); f != nil {
		return f
	}
	switch {
	case e.data == nil && e.opaque == "":
		e.data = cell.NullText
	case len(e.data) > 0 && e.data[0] == '"':
		e.data = e.embeddedJSON(&cell.Member{Value: e.data})
	}
	if e.raw == nil || skip&replay.FieldMeta != 0 {
		return nil
	}
	for _, p := range [...]struct {
		at   []cell.Pointer
		into *[]byte
	}{{r.actor, &e.actor}, {r.corr, &e.correlation}, {r.cause, &e.causation}} {
		var s string
		if len(p.at) > 0 && cell.FindFirst(p.at, e.raw, &s) {
			*p.into = []byte(s)
		}
	}
	return nil
}

// describe fills in Info.
func (r *reader) describe() {
	x, seen := r.idx, &r.idx.seen
	how := []string{r.form.how}
	if r.form.describe != nil {
		how = append(how, r.form.describe(x)...)
	}
	switch {
	case x.unsorted != "":
	case x.ordinals && seen.positions > 0:
		how = append(how, fmt.Sprintf("%s no position, so positions are the order in the file",
			replay.Counted(seen.events-seen.positions, "event has", "events have")))
	case x.ordinals:
		how = append(how, "positions are the order in the file")
	case r.form.ordinals:
		how = append(how, "positions are the order in the file")
	default:
		how = append(how, "positions are the events' own")
	}
	timed := seen.times + seen.marks[cell.TimeUnread]
	if n := seen.notes[noteUnwrapped]; n > 0 {
		how = append(how, "payloads that are JSON within a string are read as JSON ("+replay.Counted(n, "event", "events")+")")
	}
	r.info = replay.Info{
		Path: r.src.Path, Dialect: r.form.dialect, Recognised: strings.Join(how, "; "),
		Access: r.src.access, ByClock: r.form.byClock, Rows: r.form.rows,
	}
	if n := seen.marks[cell.TimeUnread]; n > 0 {
		r.info.LeftOut = append(r.info.LeftOut, replay.Counted(n, "unreadable time", "unreadable times"))
	}
	c := cell.PayloadCounts{Opaque: seen.notes[noteOpaque], Twice: seen.notes[noteTwice], NotFinite: seen.notes[noteNotFinite]}
	r.info.LeftOut = append(r.info.LeftOut, c.Describe()...)
	r.info.LeftOut = append(r.info.LeftOut, seen.describe(func(*notEvent) bool { return true })...)
	if x.unsorted != "" {
		r.info.LeftOut = append(r.info.LeftOut, "positions: "+x.unsorted+", and no event has a position")
	}
	for _, l := range []struct {
		what string
		n    int64
	}{
		{"times", timed},
		{"ids", seen.ids},
		{"revisions", seen.revisions},
		{"metadata", seen.metas},
		{"actors", seen.actors},
		{"correlation ids", seen.correlations},
		{"causation ids", seen.causations},
	} {
		if l.n == 0 {
			r.info.Lacks = append(r.info.Lacks, l.what)
		}
	}
	if x.unsorted != "" {
		r.info.Lacks = slices.Insert(r.info.Lacks, 0, "positions")
	}
	x.summary.LeftOut, x.summary.Times = r.info.LeftOut, x.timesOf(r.times)
}

// Info describes the file.
func (r *reader) Info() replay.Info {
	i := r.info
	i.TimesNext = r.times.Next()
	return i
}

// Close closes the file and removes its private copy.
func (r *reader) Close() error { return r.src.Close() }

// usable returns an error if the context is done or the file is closed.
func (r *reader) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.src.file == nil {
		return r.src.Fail("read", errors.New("the reader is closed"))
	}
	return nil
}

// Summary returns the counts of the first pass.
func (r *reader) Summary(ctx context.Context) (replay.Summary, error) {
	if err := r.usable(ctx); err != nil {
		return replay.Summary{}, err
	}
	s := r.idx.summary
	s.Categories, s.Types, s.LeftOut = slices.Clone(s.Categories), slices.Clone(s.Types), slices.Clone(s.LeftOut)
	return s, r.src.checkUnchanged()
}

// Streams yields the streams that match q.
func (r *reader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		if err := r.usable(ctx); err != nil {
			yield(replay.Stream{}, err)
			return
		}
		prefix, n := cell.NewIDPrefix(q.Prefix), 0
		ids := setOf(q.IDs)
		for i := range r.idx.streams {
			s := &r.idx.streams[i]
			if q.Reverse {
				s = &r.idx.streams[len(r.idx.streams)-1-i]
			}
			if !q.Follows(replay.StreamID(s.id)) || ids != nil && !ids[replay.StreamID(s.id)] || !prefix.Matches(s.id) ||
				q.Categories != nil && !slices.Contains(q.Categories, s.category) {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield(replay.Stream{}, err)
				return
			}
			if !yield(r.stream(s, q.IDsOnly), nil) {
				return
			}
			if n++; n == q.Limit {
				break
			}
		}
		if err := r.src.checkUnchanged(); err != nil {
			yield(replay.Stream{}, err)
		}
	}
}

func (r *reader) stream(s *stream, idOnly bool) replay.Stream {
	if idOnly {
		return replay.Stream{ID: replay.StreamID(s.id)}
	}
	first, last := &r.idx.recs[s.events[0]], &r.idx.recs[s.events[len(s.events)-1]]
	return replay.Stream{
		ID: replay.StreamID(s.id), Category: s.category, Events: int64(len(s.events)),
		First: replay.Version(first.version), Last: replay.Version(last.version),
		FirstTime: r.idx.timeOf(first), LastTime: r.idx.timeOf(last),
	}
}

// setOf returns the values as a set, or nil for nil.
func setOf[T comparable](values []T) map[T]bool {
	if values == nil {
		return nil
	}
	out := make(map[T]bool, len(values))
	for _, v := range values {
		out[v] = true
	}
	return out
}

// Fingerprint identifies the file if it is read in place.
func (r *reader) Fingerprint() (replay.Fingerprint, bool) {
	if !r.src.inPlace || r.src.file == nil {
		return replay.Fingerprint{}, false
	}
	path, err := place.Real(r.src.Path)
	if err != nil {
		return replay.Fingerprint{}, false
	}
	p := replay.Fingerprint{Store: source.StoreID(path, r.info.Dialect, &r.options), Path: path}
	// The index covers the whole file only if the file is unchanged.
	if info, err := r.src.file.Stat(); err == nil && info.Size() == r.src.size && info.ModTime().Equal(r.src.mod) {
		p.Content = source.ContentID(r.src.file)
	}
	return p, true
}

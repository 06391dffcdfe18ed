package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"asof/replay"
)

// A jsonReader reads a file of events by its index.
type jsonReader struct {
	src     *jsonSource
	options Options
	idx     *jsonIndex
	form    jsonForm
	times   *timeColumn
	actor   []pointer
	corr    []pointer
	cause   []pointer
	info    replay.Info
}

// index reads the whole file once. What is wrong with it is found here, and not
// when an answer is half given.
func (r *jsonReader) index(ctx context.Context, text io.Reader) error {
	if err := r.pointers(); err != nil {
		return r.src.fail("open", err)
	}
	split := &jsonSplitter{src: text}
	if err := split.begin(); errors.Is(err, errNoJSON) {
		return r.src.noJSON(split.rest())
	} else if err != nil {
		return r.src.fail("open", err)
	}
	x := newIndexer()
	var scan jsonScanner
	var e jsonEvent
	for {
		t, err := split.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.src.fail("read", err)
		}
		members, f := scan.object(t.text)
		if f == nil && r.form.read == nil {
			if err := r.recognise(members); err != nil {
				return err
			}
			r.times = newTimeColumn(&r.options, r.form.timeUnit)
		}
		if f == nil {
			f = r.parse(t.text, members, &e, 0)
		}
		if f != nil {
			return r.src.fail("read", t.place(f))
		}
		e.noteOddity(scan.odd)
		if e.leftOut != "" {
			x.leave(e.leftOut)
			continue
		}
		if err := x.add(&e, &t); err != nil {
			return r.src.fail("read", err)
		}
		if len(x.recs)%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if len(x.recs) == 0 {
		return r.src.fail("open", errNothing)
	}
	if err := r.src.settle(split.off + int64(split.start)); err != nil {
		return err
	}
	x.settleTimes(r.times)
	var err error
	if r.idx, err = x.finish(r.src); err != nil {
		return err
	}
	r.describe()
	return nil
}

func (r *jsonReader) pointers() error {
	for _, p := range []struct {
		from []string
		to   *[]pointer
	}{
		{r.options.Metadata.Actor, &r.actor},
		{r.options.Metadata.Correlation, &r.corr},
		{r.options.Metadata.Causation, &r.cause},
	} {
		for _, s := range p.from {
			parsed, ok := parsePointer(s)
			if !ok {
				return fmt.Errorf("%q is no JSON pointer, such as /user/id", s)
			}
			*p.to = append(*p.to, parsed)
		}
	}
	return nil
}

// recognise decides on the form by the first event.
func (r *jsonReader) recognise(first []jsonMember) (err error) {
	if len(r.options.Map) > 0 {
		if r.form, err = mappedJSON(r.options.Map); err != nil {
			return r.src.fail("open", err)
		}
		return nil
	}
	unknown := &UnknownDialectError{}
	for _, f := range jsonForms() {
		if r.options.Dialect == f.dialect || r.options.Dialect == "" && f.fits(first) {
			r.form = f
			return nil
		}
		unknown.Tried = append(unknown.Tried, Tried{Dialect: f.dialect, Why: "no " + f.needs + " in the first event"})
	}
	if r.options.Dialect != "" {
		var names []string
		for _, f := range jsonForms() {
			names = append(names, f.dialect)
		}
		return r.src.fail("open", fmt.Errorf("no dialect of JSON files is called %q; there are %s",
			r.options.Dialect, strings.Join(names, ", ")))
	}
	out := &replay.StoreError{
		Path: r.src.path, Op: "open", Err: unknown,
		Next: "say where the fields are: --map stream=KEY,version=KEY,type=KEY,data=KEY,time=KEY",
	}
	if p, ok := proposeJSON(first); ok {
		unknown.Proposals = []Proposal{p}
		out.Next = "say where the fields are, perhaps " + mapFlag(p.Map)
	}
	return out
}

// parse reads one event.
func (r *jsonReader) parse(text []byte, members []jsonMember, e *jsonEvent, skip replay.Fields) *jsonFault {
	e.reset()
	e.whole, e.clock = text, r.times
	if f := r.form.read(members, e, skip); f != nil {
		return f
	}
	switch {
	case e.data == nil && e.opaque == "":
		e.data = nullText
	case len(e.data) > 0 && e.data[0] == '"':
		e.data = e.unwrap(&jsonMember{value: e.data})
	}
	if e.raw == nil || skip&replay.FieldMeta != 0 {
		return nil
	}
	for _, p := range [...]struct {
		at   []pointer
		into *[]byte
	}{{r.actor, &e.actor}, {r.corr, &e.correlation}, {r.cause, &e.causation}} {
		var s string
		if len(p.at) > 0 && findFirst(p.at, e.raw, &s) {
			*p.into = []byte(s)
		}
	}
	return nil
}

var nullText = []byte("null")

// describe puts into words how the file was read.
func (r *jsonReader) describe() {
	x, seen := r.idx, &r.idx.seen
	how := []string{r.form.how}
	if r.form.tell != nil {
		how = append(how, r.form.tell(x)...)
	}
	switch {
	case x.unsorted != "":
	case x.ordinals && seen.positions > 0:
		how = append(how, fmt.Sprintf("%d events have no position, so positions are the order in the file",
			seen.events-seen.positions))
	case x.ordinals:
		how = append(how, "positions are the order in the file")
	default:
		how = append(how, "positions are the events' own")
	}
	timed := seen.times + seen.marks[timeUnread]
	if n := seen.notes[noteUnwrapped]; n > 0 {
		how = append(how, fmt.Sprintf("payloads that are JSON within a string are read as JSON (%d events)", n))
	}
	r.info = replay.Info{
		Path: r.src.path, Dialect: r.form.dialect, Recognised: strings.Join(how, "; "),
		Access: r.src.access, HasPositions: x.unsorted == "", HasTimes: timed > 0,
	}
	if n := seen.marks[timeUnread]; n > 0 {
		r.info.LeftOut = append(r.info.LeftOut, fmt.Sprintf("the times of %d events, which can't be read", n))
	}
	c := payloadCounts{seen.notes[noteOpaque], seen.notes[noteTwice], seen.notes[noteNotFinite]}
	r.info.LeftOut = append(r.info.LeftOut, c.told()...)
	for _, what := range slices.Sorted(maps.Keys(seen.leftOut)) {
		r.info.LeftOut = append(r.info.LeftOut, fmt.Sprintf("%d %s", seen.leftOut[what], what))
	}
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

func (r *jsonReader) Info() replay.Info {
	i := r.info
	i.TimesNext = r.times.hint()
	return i
}

func (r *jsonReader) Close() error { return r.src.Close() }

// usable makes sure that there is something to read and somebody who waits for it.
func (r *jsonReader) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.src.file == nil {
		return r.src.fail("read", errors.New("it has been closed"))
	}
	return nil
}

func (r *jsonReader) Summary(ctx context.Context) (replay.Summary, error) {
	if err := r.usable(ctx); err != nil {
		return replay.Summary{}, err
	}
	s := r.idx.summary
	s.Categories, s.Types = slices.Clone(s.Categories), slices.Clone(s.Types)
	return s, r.src.unmoved()
}

func (r *jsonReader) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		if err := r.usable(ctx); err != nil {
			yield(replay.Stream{}, err)
			return
		}
		prefix, n := newIDPrefix(q.Prefix), 0
		ids := setOf(q.IDs)
		for i := range r.idx.streams {
			s := &r.idx.streams[i]
			if ids != nil && !ids[replay.StreamID(s.id)] || !prefix.matches(s.id) ||
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
		if err := r.src.unmoved(); err != nil {
			yield(replay.Stream{}, err)
		}
	}
}

func (r *jsonReader) stream(s *jsonStream, idOnly bool) replay.Stream {
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

// setOf returns the values as a set; nil for nil.
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

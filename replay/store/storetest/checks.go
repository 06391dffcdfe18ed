package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"asof/replay"
)

// checkInfo checks that a store describes itself and what it lacks.
func checkInfo(s *session) {
	i := s.reader.Info()
	if i.Path == "" || i.Dialect == "" || i.Recognised == "" || i.Access == "" {
		s.Fatalf("path, dialect, recognition or access is empty: %+v", i)
	}
	ids := slices.ContainsFunc(s.Want, func(e replay.Event) bool { return e.ID != "" })
	for _, f := range []struct {
		name string
		has  bool
	}{{"positions", s.oracle.positions}, {"times", s.oracle.times}, {"ids", ids}} {
		if i.Has(f.name) != f.has {
			s.Fatalf("the store has %s: %v, but Info.Lacks is %q", f.name, f.has, i.Lacks)
		}
	}
}

func checkSummary(s *session) {
	want, err := s.oracle.Summary(context.Background())
	if err != nil {
		s.Fatal(err)
	}
	got, err := s.reader.Summary(context.Background())
	if err != nil {
		s.Fatal(err)
	}
	got.Types = slices.SortedFunc(slices.Values(got.Types), byType)
	switch {
	case got.Events != want.Events || got.Streams != want.Streams:
		s.Fatalf("%d events in %d streams, want %d in %d", got.Events, got.Streams, want.Events, want.Streams)
	case !slices.Equal(got.Categories, want.Categories):
		s.Fatalf("categories are %q, want %q", got.Categories, want.Categories)
	case !slices.Equal(got.Types, want.Types):
		s.Fatalf("types are %v, want %v", got.Types, want.Types)
	case !got.FirstTime.Equal(want.FirstTime) || !got.LastTime.Equal(want.LastTime):
		s.Fatalf("times are %v to %v, want %v to %v", got.FirstTime, got.LastTime, want.FirstTime, want.LastTime)
	}
}

// A streamQuestion is a query for streams and a short description, its kind.
type streamQuestion struct {
	about string
	replay.StreamQuery
}

// checkStreams queries streams by prefix, id and category.
func checkStreams(s *session) {
	for _, q := range sample(s, s.streamQuestions(), s.Sample/4, streamQuestion.kind) {
		s.sameStreams(q.about, q.StreamQuery)
	}
}

// kind groups questions that a reader answers in the same way.
func (q streamQuestion) kind() string {
	upper, lower := strings.ToUpper(q.Prefix) == q.Prefix, strings.ToLower(q.Prefix) == q.Prefix
	_, hex := hexDigits(q.Prefix)
	return fmt.Sprint(q.about, q.Limit, q.Reverse, upper, lower, hex)
}

func (s *session) streamQuestions() []streamQuestion {
	var all []streamQuestion
	add := func(about string, q replay.StreamQuery) { all = append(all, streamQuestion{about, q}) }
	add("all", replay.StreamQuery{})
	add("ids alone", replay.StreamQuery{IDsOnly: true})
	add("from the last", replay.StreamQuery{Reverse: true})
	add("from the last, cut", replay.StreamQuery{Reverse: true, Limit: 3})
	add("ids alone from the last", replay.StreamQuery{Reverse: true, IDsOnly: true})
	for _, odd := range []replay.StreamID{"\x00", "\xff", "\U0010ffff", "'", "zzz\xc3"} {
		add("after no stream", replay.StreamQuery{After: odd, Limit: 3})
		add("after no stream, back", replay.StreamQuery{After: odd, Reverse: true, Limit: 3})
	}
	for _, limit := range []int{1, len(s.oracle.streams), len(s.oracle.streams) + 1} {
		add("a limit", replay.StreamQuery{Limit: limit})
	}
	prefixes := []string{"no such stream", "%", "_", "*", "?", "[", "'", "-"}
	ids := []replay.StreamID{"no such stream"}
	for i := range pick(s.oracle.streams, 6) {
		st := s.oracle.streams[i]
		ids = append(ids, st.ID)
		prefixes = append(prefixes, string(st.ID)+"x")
		for _, id := range spellings(string(st.ID)) {
			prefixes = append(prefixes, id, id[:len(id)/2], id[:min(1, len(id))])
		}
		for _, back := range []bool{false, true} {
			add("after one", replay.StreamQuery{After: st.ID, Reverse: back})
			add("after one, cut", replay.StreamQuery{After: st.ID, Reverse: back, Limit: 2})
			add("ids alone after one, cut", replay.StreamQuery{After: st.ID, Reverse: back, Limit: 2, IDsOnly: true})
			add("after a part of one", replay.StreamQuery{After: st.ID[:len(st.ID)/2], Reverse: back, Limit: 3})
			add("after one, of a category", replay.StreamQuery{After: st.ID, Reverse: back, Categories: []string{st.Category}, Limit: 2})
			add("after one, of a prefix", replay.StreamQuery{After: st.ID, Reverse: back, Prefix: string(st.ID[:len(st.ID)/2]), Limit: 2})
		}
		add("one id", replay.StreamQuery{IDs: []replay.StreamID{st.ID}})
		add("a category", replay.StreamQuery{Categories: []string{st.Category}})
		add("a category, cut", replay.StreamQuery{Categories: []string{st.Category}, Limit: 1})
		add("a category and a prefix", replay.StreamQuery{
			Categories: []string{st.Category}, Prefix: string(st.ID[:len(st.ID)/2]), IDsOnly: true,
		})
	}
	add("several ids", replay.StreamQuery{IDs: ids})
	add("no ids", replay.StreamQuery{IDs: []replay.StreamID{}})
	add("an unknown category", replay.StreamQuery{Categories: []string{"no such category"}})
	for _, p := range prefixes {
		add("a prefix", replay.StreamQuery{Prefix: p})
		add("a prefix and a limit", replay.StreamQuery{Prefix: p, Limit: 2})
		add("ids alone of a prefix", replay.StreamQuery{Prefix: p, IDsOnly: true})
		add("ids alone of a prefix and a limit", replay.StreamQuery{Prefix: p, Limit: 2, IDsOnly: true})
	}
	return all
}

func (s *session) sameStreams(name string, q replay.StreamQuery) {
	want, err := collectStreams(s.oracle.Streams(context.Background(), q))
	if err != nil {
		s.Fatal(err)
	}
	got, err := collectStreams(s.reader.Streams(context.Background(), q))
	if err != nil {
		s.Fatalf("%s: %v\n%+v", name, err, q)
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i == len(got):
			s.Fatalf("%s: stream %s is missing\n%+v", name, want[i].ID, q)
		case i == len(want):
			s.Fatalf("%s: unexpected stream %s\n%+v", name, got[i].ID, q)
		case !sameStream(got[i], want[i], q.IDsOnly):
			s.Fatalf("%s: stream %d is\n%+v, want\n%+v\n%+v", name, i+1, got[i], want[i], q)
		}
	}
}

func collectStreams(streams iter.Seq2[replay.Stream, error]) ([]replay.Stream, error) {
	var out []replay.Stream
	for st, err := range streams {
		if err != nil {
			return out, err
		}
		out = append(out, st)
	}
	return out, nil
}

func sameStream(got, want replay.Stream, idsOnly bool) bool {
	if idsOnly {
		return got.ID == want.ID
	}
	sameTimes := got.FirstTime.Equal(want.FirstTime) && got.LastTime.Equal(want.LastTime)
	got.FirstTime, got.LastTime = want.FirstTime, want.LastTime
	return sameTimes && got == want
}

// checkBodies reads each payload through the event, as a fold does. A reader that reuses
// one event must not return the previous payload.
func checkBodies(s *session) {
	var last any
	for e, err := range s.reader.Events(context.Background(), replay.Query{Order: replay.ByStream}) {
		if err != nil {
			s.Fatal(err)
		}
		if e.Opaque != "" {
			continue
		}
		v, err := e.Body()
		if err != nil {
			s.Fatalf("body: %v", err)
		}
		if n := v.Node(); n != nil {
			if n == last {
				s.Fatalf("%s has the body of the previous event", e.Moment().Label())
			}
			last = n
		}
	}
}

// checkTwice iterates over one sequence twice.
func checkTwice(s *session) {
	q := replay.Query{Order: replay.ByStream}
	want, err := s.oracle.answer(q)
	if err != nil {
		s.Fatal(err)
	}
	events := s.reader.Events(context.Background(), q)
	for _, time := range []string{"first", "second"} {
		if err := compare(events, want, 0); err != nil {
			s.Fatalf("the %s time: %v", time, err)
		}
	}
	if i := s.reader.Info(); i.Dialect == "" {
		s.Fatal("Info is empty after reading")
	}
}

// checkNested runs a query inside the answer to another.
func checkNested(s *session) {
	ctx, n := context.Background(), 0
	for st, err := range s.reader.Streams(ctx, replay.StreamQuery{}) {
		if err != nil {
			s.Fatal(err)
		}
		s.same("a stream, while streams are listed", replay.Query{Streams: []replay.StreamID{st.ID}})
		n++
	}
	if n != len(s.oracle.streams) {
		s.Fatalf("%d streams listed while others are read, want %d", n, len(s.oracle.streams))
	}
	q := replay.Query{Order: replay.ByStream}
	i := 0
	for e, err := range s.reader.Events(ctx, q) {
		if err != nil {
			s.Fatal(err)
		}
		if i >= len(s.oracle.byStream) {
			s.Fatal("too many events while others are read")
		}
		inner := replay.Query{Streams: []replay.StreamID{e.Stream}, Order: replay.ByStream}
		s.same("a stream, while events are read", inner)
		if d := difference(e, s.oracle.byStream[i], 0); d != "" {
			s.Fatalf("after others were read: event %d: %s", i+1, d)
		}
		i++
	}
	if i != len(s.Want) {
		s.Fatalf("%d events while others are read, want %d", i, len(s.Want))
	}
}

// checkBreak stops an iteration early and asks again.
func checkBreak(s *session) {
	ctx := context.Background()
	for k := range min(4, len(s.Want)) {
		for range s.reader.Events(ctx, replay.Query{Order: replay.ByStream}) {
			if k--; k < 0 {
				break
			}
		}
		for range s.reader.Streams(ctx, replay.StreamQuery{}) {
			break
		}
		s.same("after a break", replay.Query{Order: replay.ByStream})
		s.sameStreams("after a break", replay.StreamQuery{})
	}
}

// checkCancel cancels before and during an iteration. A reader may have read ahead and
// still yield everything, but it must not end early without an error.
func checkCancel(s *session) {
	if len(s.Want) == 0 {
		return
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	q := replay.Query{Order: replay.ByStream}
	ignore := func(*replay.Event) error { return nil }
	if err := read(s.reader.Events(done, q), ignore); !errors.Is(err, context.Canceled) {
		s.Fatalf("events when cancelled: %v, want context.Canceled", err)
	}
	if _, err := collectStreams(s.reader.Streams(done, replay.StreamQuery{})); !errors.Is(err, context.Canceled) {
		s.Fatalf("streams when cancelled: %v, want context.Canceled", err)
	}
	if _, err := s.reader.Summary(done); !errors.Is(err, context.Canceled) {
		s.Fatalf("summary when cancelled: %v, want context.Canceled", err)
	}
	for _, k := range []int{1, 2, len(s.Want) / 2} {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		var last error
		for _, err := range s.reader.Events(ctx, q) {
			if last = err; err != nil {
				break
			}
			if n++; n == k {
				cancel()
			}
		}
		cancel()
		if n < len(s.Want) && !errors.Is(last, context.Canceled) {
			s.Fatalf("cancelled at event %d: stops at %d of %d with %v, want context.Canceled", k, n, len(s.Want), last)
		}
	}
	s.same("after a cancelled question", q)
}

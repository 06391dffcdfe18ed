package storetest

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"asof/replay"
)

const everything = replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData

// A question is a query and a short description, its kind.
type question struct {
	about string
	replay.Query
}

// A list collects the questions of a check.
type list []question

func (l *list) add(about string, q replay.Query) { *l = append(*l, question{about, q}) }

// both adds a question in both directions.
func (l *list) both(order replay.Order) func(string, replay.Query) {
	return func(about string, q replay.Query) {
		q.Order = order
		l.add(about, q)
		q.Reverse = true
		l.add(about+", backwards", q)
	}
}

// checkEvents queries all events, and the limits of every part of a query.
func checkEvents(s *session) {
	for _, q := range sample(s, s.eventQuestions(), s.Sample, question.kind) {
		s.same(q.about, q.Query)
	}
}

// kind groups questions that a reader answers in the same way.
func (q question) kind() string {
	return fmt.Sprint(q.about, q.Order, q.Reverse, q.Skip, ends(q.Versions), ends(q.Positions))
}

// ends describes which ends a span has.
func ends[T ~int64](s replay.Span[T]) string {
	lo, hasLo := s.Lo()
	hi, hasHi := s.Hi()
	return fmt.Sprint(hasLo, hasHi, hasLo && hasHi && lo == hi)
}

func (s *session) eventQuestions() []question {
	var all list
	for _, order := range []replay.Order{replay.ByPosition, replay.ByStream} {
		both := all.both(order)
		both("everything", replay.Query{})
		s.addEdges(both)
		s.addFilters(both)
	}
	for id := range pick(s.oracle.streams, 6) {
		s.addStream(all.add, s.oracle.streams[id])
	}
	versions := replay.From[replay.Version](0)
	all.add("versions of no stream", replay.Query{Versions: versions})
	if n := len(s.oracle.streams); n > 1 {
		two := []replay.StreamID{s.oracle.streams[0].ID, s.oracle.streams[n-1].ID}
		all.add("versions of two streams", replay.Query{Streams: two, Versions: versions})
	}
	return all
}

// addEdges adds questions with spans of positions and with limits.
func (s *session) addEdges(ask func(string, replay.Query)) {
	n := len(s.Want)
	for _, limit := range []int{1, 2, n - 1, n, n + 1} {
		if limit > 0 {
			ask("a limit", replay.Query{Limit: limit})
		}
	}
	var places []replay.Position
	for i := range pick(s.oracle.byPosition, 5) {
		places = append(places, s.oracle.byPosition[i].Position)
	}
	for _, span := range spans(places) {
		ask("a span of positions", replay.Query{Positions: span})
		ask("a span of positions, cut", replay.Query{Positions: span, Limit: 2})
	}
}

// addFilters adds questions with types, ids, categories and several streams, and with
// skipped fields.
func (s *session) addFilters(ask func(string, replay.Query)) {
	types := []string{"no such type", ""}
	ask("no types", replay.Query{Types: []string{}})
	for i := range pick(s.oracle.all, 6) {
		e := s.oracle.all[i]
		types = append(types, e.Type)
		ask("a type", replay.Query{Types: []string{e.Type}})
		ask("a category", replay.Query{Categories: []string{e.Category}})
		ask("the start of an id", replay.Query{IDPrefix: e.ID[:len(e.ID)/2]})
		ask("an id", replay.Query{IDPrefix: e.ID})
		for _, id := range spellings(e.ID) {
			ask("another spelling of an id", replay.Query{IDPrefix: id})
		}
		ask("more than an id", replay.Query{IDPrefix: e.ID + "0"})
		ask("a type of a stream", replay.Query{Types: []string{e.Type}, Streams: []replay.StreamID{e.Stream}})
	}
	ask("several types", replay.Query{Types: types, Limit: 3})
	for _, wild := range []string{"%", "_", "*", "?", "[", "'", "\\"} {
		ask("an id that looks like a pattern, "+wild, replay.Query{IDPrefix: wild})
	}
	ask("an unknown category", replay.Query{Categories: []string{"no such category"}})
	ask("no categories", replay.Query{Categories: []string{}})
	ask("no streams", replay.Query{Streams: []replay.StreamID{}})
	streams := []replay.StreamID{"no such stream", "'; --"}
	ask("an unknown stream", replay.Query{Streams: streams[:1]})
	for i := range pick(s.oracle.streams, 3) {
		streams = append(streams, s.oracle.streams[i].ID, s.oracle.streams[i].ID)
	}
	ask("several streams, some twice, some unknown", replay.Query{Streams: streams})
	for _, f := range []replay.Fields{
		replay.FieldID, replay.FieldTime, replay.FieldMeta, replay.FieldData, everything,
	} {
		ask("less than all of each event", replay.Query{Skip: f})
		ask("without what the filter needs", replay.Query{Skip: f, IDPrefix: s.anID(), Types: types})
	}
}

func (s *session) anID() string {
	if len(s.Want) == 0 {
		return "x"
	}
	return s.Want[0].ID
}

// addStream adds questions about one stream, with spans beyond both of its ends.
func (s *session) addStream(add func(string, replay.Query), st replay.Stream) {
	one := []replay.StreamID{st.ID}
	var versions []replay.Version
	var places []replay.Position
	for _, e := range s.oracle.byStream {
		if e.Stream == st.ID {
			versions, places = append(versions, e.Version), append(places, e.Position)
		}
	}
	for _, reverse := range []bool{false, true} {
		add("one stream", replay.Query{Streams: one, Reverse: reverse})
		add("one stream, twice", replay.Query{Streams: slices.Repeat(one, 2), Reverse: reverse})
		add("from the first version to the last",
			replay.Query{Streams: one, Versions: replay.Between(st.First, st.Last), Reverse: reverse})
		add("from the first position to the last",
			replay.Query{Streams: one, Positions: replay.Between(slices.Min(places), slices.Max(places)), Reverse: reverse})
		for _, span := range spans(versions) {
			add("a span of versions", replay.Query{Streams: one, Versions: span, Reverse: reverse})
			add("a span of versions, cut",
				replay.Query{Streams: one, Versions: span, Reverse: reverse, Limit: 1})
		}
		for _, span := range spans(places) {
			add("a span of positions of a stream",
				replay.Query{Streams: one, Positions: span, Reverse: reverse, Limit: 2})
		}
	}
}

// spans returns spans with ends at, just before and just after some of the points, which
// must be ascending.
func spans[T ~int64](points []T) []replay.Span[T] {
	ends := []T{math.MinInt64, -1, 0, math.MaxInt64}
	for i := range pick(points, 4) {
		if p := points[i]; p > math.MinInt64 {
			ends = append(ends, p-1, p, p+1)
		}
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	var out []replay.Span[T]
	for i, a := range ends {
		out = append(out, replay.From(a), replay.UpTo(a), replay.Between(a, a))
		if i > 0 {
			out = append(out, replay.Between(ends[i-1], a), replay.Between(ends[0], a), replay.Between(a, ends[i-1]))
		}
	}
	return out
}

// pick yields about n indices of s, including both ends.
func pick[T any](s []T, n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		last := -1
		for i := range n {
			at := i * (len(s) - 1) / max(n-1, 1)
			if len(s) == 0 || at == last {
				continue
			}
			if last = at; !yield(at) {
				return
			}
		}
	}
}

// checkMixed asks random questions, the same ones for a seed.
func checkMixed(s *session) {
	if len(s.Want) == 0 {
		return
	}
	rnd, n := s.rand(), 300
	if s.sampled() {
		n = 100
	}
	maybe := func() bool { return rnd.IntN(3) == 0 }
	event := func() *replay.Event { return s.oracle.all[rnd.IntN(len(s.oracle.all))] }
	for range n {
		q := replay.Query{
			Order: replay.Order(rnd.IntN(2)), Reverse: rnd.IntN(2) == 0,
			Limit: max(0, rnd.IntN(8)-4), Skip: replay.Fields(rnd.IntN(16)),
		}
		for maybe() {
			q.Types = append(q.Types, event().Type)
		}
		for maybe() {
			q.Categories = append(q.Categories, event().Category)
		}
		if maybe() {
			q.IDPrefix = event().ID[:min(1, len(event().ID))]
		}
		if e, f := event(), event(); maybe() && e.Position != replay.NoPosition {
			q.Positions = replay.Between(min(e.Position, f.Position), max(e.Position, f.Position))
		}
		for maybe() {
			q.Streams = append(q.Streams, event().Stream)
		}
		if len(q.Streams) == 1 && maybe() {
			q.Versions = replay.Between(event().Version, event().Version)
		}
		s.same("a mixed question", q)
	}
}

// spellings returns the spellings of an id that users may type.
func spellings(id string) []string {
	out := []string{id, strings.ToUpper(id), strings.ToLower(id), strings.ReplaceAll(id, "-", "")}
	if u, ok := hexDigits(id); ok && len(u) == 32 {
		d := u[:8] + "-" + u[8:12] + "-" + u[12:16] + "-" + u[16:20] + "-" + u[20:]
		out = append(out, d, d[:9], d[:11], strings.ToUpper(d[:20]), u[:9])
	}
	return out
}

package inspecttest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/store/storetest"
)

// The same operations on a state in the two styles of projections: changing it in
// place, and returning a new one.

// InPlace changes the state in place.
const InPlace = `
fromAll().when({
  $init() { return {list: [], tags: ['t'], deep: {a: {b: [1, {id: 1, n: 1}]}}}; },
  Put(s, e)    { s[e.data.k] = e.data.v; },
  Drop(s, e)   { delete s[e.data.k]; },
  Insert(s, e) { s.list.splice(Math.min(e.data.at, s.list.length), 0, e.data.v); },
  Remove(s, e) { s.list.splice(e.data.at, e.data.n); },
  Filter(s, e) { s.list = s.list.filter(x => (x.n ?? x) % 3 !== e.data.n); },
  Map(s, e)    { s.list.forEach(x => { if (x.id === e.data.id) x.n = e.data.n; }); },
  Sort(s, e)   { s.list.sort((a, b) => (a.n ?? a) - (b.n ?? b)); },
  Reverse(s)   { s.list.reverse(); },
  Move(s, e)   { if (e.data.k in s) { const v = s[e.data.k]; delete s[e.data.k]; s[e.data.v] = v; } },
  Twice(s, e)  { if (e.data.k in s) s[e.data.v] = s[e.data.k]; },
  Nest(s, e)   { s.deep = {...s.deep, [e.data.k]: s[e.data.k] ?? 0}; },
  Inside(s, e) { if (s.list.length) { const x = s.list[e.data.at % s.list.length]; if (typeof x === 'object') (x.in ??= []).push(e.data.n); } },
  Tag(s, e)    { s.tags.unshift(e.data.k); if (s.tags.length > 4) s.tags.pop(); },
});`

// Anew returns new states.
const Anew = `
fromAll().when({
  $init() { return {list: [], tags: ['t'], deep: {a: {b: [1, {id: 1, n: 1}]}}}; },
  Put:    (s, e) => ({...s, [e.data.k]: e.data.v}),
  Drop:   (s, e) => { const {[e.data.k]: _, ...rest} = s; return rest; },
  Insert: (s, e) => ({...s, list: [...s.list.slice(0, e.data.at), e.data.v, ...s.list.slice(e.data.at)]}),
  Remove: (s, e) => ({...s, list: s.list.filter((_, i) => i < e.data.at || i >= e.data.at + e.data.n)}),
  Filter: (s, e) => ({...s, list: s.list.filter(x => (x.n ?? x) % 3 !== e.data.n)}),
  Map:    (s, e) => ({...s, list: s.list.map(x => x.id === e.data.id ? {...x, n: e.data.n} : x)}),
  Sort:   (s, e) => ({...s, list: s.list.slice().sort((a, b) => (a.n ?? a) - (b.n ?? b))}),
  Reverse: s => ({...s, list: s.list.slice().reverse()}),
  Move:   (s, e) => { if (!(e.data.k in s)) return s; const {[e.data.k]: v, ...rest} = s; return {...rest, [e.data.v]: v}; },
  Twice:  (s, e) => e.data.k in s ? {...s, [e.data.v]: s[e.data.k]} : s,
  Nest:   (s, e) => ({...s, deep: {...s.deep, [e.data.k]: s[e.data.k] ?? 0}}),
  Inside: (s, e) => ({...s, list: s.list.map((x, i) => i === e.data.at % s.list.length && typeof x === 'object' ? {...x, in: [...(x.in ?? []), e.data.n]} : x)}),
  Tag:    (s, e) => ({...s, tags: [e.data.k, ...s.tags].slice(0, 4)}),
});`

// Histories draws the events of one stream, as types and payloads.
func Histories(most int) *rapid.Generator[[]string] {
	return rapid.Custom(func(t *rapid.T) []string {
		ops := []string{
			"Put", "Drop", "Insert", "Insert", "Insert", "Insert", "Remove", "Filter", "Map", "Map", "Sort",
			"Reverse", "Move", "Twice", "Nest", "Inside", "Inside", "Tag", "Unknown",
		}
		key := rapid.SampledFrom([]string{"p", "q", "r/~", "0"})
		small := rapid.IntRange(0, 5)
		next := 0
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			next++
			op := rapid.SampledFrom(ops).Draw(t, "op")
			var v string
			switch {
			case op == "Move" || op == "Twice":
				v = fmt.Sprintf("%q", key.Draw(t, "to"))
			case op == "Insert" && rapid.Bool().Draw(t, "keyed"):
				v = fmt.Sprintf(`{"id": %d, "n": %d}`, 100+next, small.Draw(t, "n"))
			default:
				v = rapid.SampledFrom([]string{`1`, `2`, `5`, `{"n": 4}`, `{"n": 4, "m": {"x": [1, 2]}}`, `{}`}).Draw(t, "v")
			}
			return op + " " + fmt.Sprintf(`{"k": %q, "v": %s, "at": %d, "n": %d, "id": %d}`,
				key.Draw(t, "k"), v, small.Draw(t, "at"), small.Draw(t, "count")%3, 100+next-1-small.Draw(t, "back"))
		}), 1, most).Draw(t, "events")
	})
}

// SubjectOf folds such events, with versions from 1, by a script, or by merge without
// one.
func SubjectOf(t T, lines []string, script string) replay.Subject {
	t.Helper()
	s := replay.Subject{Timeline: replay.StreamTimeline(storetest.Memory(EventsOf(lines)), "s-1")}
	if script == "" {
		s.Fold.Reducer = fold.Merge()
		return s
	}
	r, err := js.Load("test.js", script, js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s.Fold.Reducer = r
	return s
}

// Between is the interval after version a, up to and including b; 0 is the start.
func Between(s replay.Subject, a, b int) replay.Interval {
	at := func(n int) replay.Moment {
		if n == 0 {
			return s.Timeline.Start()
		}
		return replay.Moment{Stream: s.Timeline.Name}.WithVersion(replay.Version(n))
	}
	return replay.Interval{From: at(a), To: at(b)}
}

// EachStyle runs a test with each style of a projection.
func EachStyle(t *testing.T, f func(t *testing.T, script string)) {
	for name, script := range map[string]string{"in place": InPlace, "anew": Anew, "merge": ""} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) { f(t, script) })
	}
}

// EventsOf returns such events, with versions from 1.
func EventsOf(lines []string) []replay.Event {
	var events []replay.Event
	for i, line := range lines {
		kind, data, _ := strings.Cut(line, " ")
		events = append(events, replay.Event{
			Stream: "s-1", Version: replay.Version(i + 1), ID: fmt.Sprintf("id-%d", i+1), Type: kind, Data: []byte(data),
			Time: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC),
		})
	}
	return events
}

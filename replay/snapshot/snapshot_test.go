package snapshot

import (
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// A book is a store in memory whose fingerprint is what the test says it is.
type book struct {
	replay.Reader // panics on what is not asked for
	events        []replay.Event
	content       string
	read          int // events yielded
}

func (b *book) Info() replay.Info {
	return replay.Info{Path: "book", Dialect: "book"}
}

func (b *book) Lost(context.Context) ([]string, error) { return nil, nil }

func (b *book) Omitted(context.Context, replay.StreamID) ([]string, error) { return nil, nil }

func (b *book) Streams(ctx context.Context, q replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return storetest.Memory(b.events).Streams(ctx, q)
}

func (b *book) Fingerprint() (replay.Fingerprint, bool) {
	return replay.Fingerprint{Store: "book", Path: "book", Content: b.content}, true
}

func (b *book) Events(_ context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for i := range b.events {
			if q.Reverse {
				i = len(b.events) - 1 - i
			}
			e := b.events[i]
			if !slices.Contains(q.Streams, e.Stream) || !q.Versions.Contains(e.Version) {
				continue
			}
			b.read++
			if q.Skip&replay.FieldID != 0 {
				e.ID = ""
			}
			if !yield(&e, nil) {
				return
			}
		}
	}
}

func event(v replay.Version, typ, data string) replay.Event {
	e := replay.Event{Stream: "s", Version: v, Position: replay.Position(v), ID: fmt.Sprint("id-", v), Type: typ, Data: []byte(data)}
	if data == "" {
		e.Data, e.Opaque = nil, "encrypted"
	}
	return e
}

// every keeps a state after each nth event, whatever it costs.
type every struct {
	*States
	n int
}

func (x every) Record(*replay.Checkpoint) replay.Recorder { return &everyNth{x, 0} }

type everyNth struct {
	every
	seen int
}

func (r *everyNth) Folded(take func() replay.Checkpoint) bool {
	if r.seen++; r.seen%r.n == 0 {
		if _, err := r.save(take()); err != nil {
			panic(err)
		}
		return true
	}
	return false
}

const jsFold = `fromAll().when({
	$init: () => ({ n: 0, seen: [], by: {} }),
	$created(s, e) { s.created = e.eventId; },
	Added(s, e) { s.n += e.data.n; s.seen.push(e.data.n); if (s.seen.length > 5) s.seen.shift(); s.last = e.eventId; },
	Set(s, e) { for (const k of Object.keys(e.data)) s.by[k] = e.data[k]; },
})`

func script(t *testing.T) replay.Fold {
	t.Helper()
	s, err := js.Load("fold.js", jsFold, js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return replay.Fold{Reducer: s}
}

const partedFold = `fromAll().partitionBy(e => e.eventType === 'Odd' ? null : e.data === undefined ? 'none' : e.sequenceNumber % 3).when({
	$init: () => ({ n: 0 }),
	$created(s, e) { s.created = e.eventId; },
	Added(s, e) { s.n += e.data.n; s.last = { v: e.eventId }; },
})`

func parted(t *testing.T) replay.Fold {
	t.Helper()
	s, err := js.Load("parted.js", partedFold, js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return replay.Fold{Reducer: s, Partitioned: true}
}

// Two folds of each kind: one for each way of asking.
func folds(t *testing.T) map[string][2]replay.Fold {
	merge := replay.Fold{Reducer: fold.Merge()}
	return map[string][2]replay.Fold{
		"merge": {merge, merge}, "js": {script(t), script(t)}, "by partition": {parted(t), parted(t)},
	}
}

func anyEvent(v replay.Version) *rapid.Generator[replay.Event] {
	return rapid.Custom(func(t *rapid.T) replay.Event {
		n := rapid.IntRange(0, 99).Draw(t, "n")
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0:
			return event(v, "Noted", "")
		case 1:
			return event(v, "Odd", `[1]`)
		case 2, 3:
			key := rapid.SampledFrom([]string{"a", "b", "c\u202e"}).Draw(t, "key")
			return event(v, "Set", fmt.Sprintf(`{%q:%d.50,"b":null,"d":{"x":[%d]}}`, key, n, n))
		default:
			return event(v, "Added", fmt.Sprintf(`{"n":%d}`, n))
		}
	})
}

// Whatever happens to a store between two runs, a state that continues from a
// snapshot is the one that folding from the start gives, and so is what was
// counted.
func TestSnapshotEqualsReplay(t *testing.T) {
	for name, two := range folds(t) {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				dir, err := os.MkdirTemp("", "asof-snapshot-*")
				if err != nil {
					t.Fatal(err)
				}
				defer os.RemoveAll(dir)
				b := &book{content: "1"}
				for v := range rapid.IntRange(1, 40).Draw(t, "events") {
					b.events = append(b.events, anyEvent(replay.Version(v)).Draw(t, "event"))
				}
				for run := range rapid.IntRange(1, 8).Draw(t, "runs") {
					change(t, b, run)
					ask(t, b, two, dir)
				}
			})
		})
	}
}

// change does to the store what may happen between two runs.
func change(t *rapid.T, b *book, run int) {
	at := rapid.IntRange(0, len(b.events)-1).Draw(t, "at")
	switch rapid.SampledFrom([]string{"nothing", "grows", "rewritten", "cut", "gap", "touched"}).Draw(t, "change") {
	case "nothing":
		return
	case "grows":
		next := b.events[len(b.events)-1].Version + 1
		b.events = append(b.events, anyEvent(next).Draw(t, "event"), anyEvent(next+2).Draw(t, "event"))
	case "rewritten":
		b.events[at] = anyEvent(b.events[at].Version).Draw(t, "event")
	case "cut":
		b.events = b.events[:max(1, at)]
	case "gap":
		if len(b.events) > 1 {
			b.events = slices.Delete(b.events, at, at+1)
		}
	}
	b.content = rapid.SampledFrom([]string{"", fmt.Sprint("run ", run)}).Draw(t, "content")
}

func ask(t *rapid.T, b *book, two [2]replay.Fold, dir string) {
	tl := replay.StreamTimeline(b, "s")
	if part := rapid.IntRange(0, 3).Draw(t, "part"); part > 0 { // of the events, as Member takes them
		tl.Member = func(e *replay.Event) (bool, error) { return e.Version%3 != replay.Version(part-1), nil }
		tl.MemberID = fmt.Sprint("part ", part)
	}
	c := New(dir, Options{Warn: func(s string) { t.Fatal(s) }})
	two[0].Strict = rapid.IntRange(0, 3).Draw(t, "strict") == 0
	two[1].Strict = two[0].Strict
	plain := replay.Subject{Timeline: tl, Fold: two[0]}
	cached := replay.Subject{Timeline: tl, Fold: two[1]}
	l := c.States(tl, cached.Fold, nil)
	if l == nil {
		t.Fatal("no states")
	}
	cached.Snapshots = every{l, rapid.IntRange(1, 9).Draw(t, "every")}
	point := func() replay.Moment {
		i := rapid.IntRange(-1, len(b.events)-1).Draw(t, "point")
		for ; i >= 0; i-- {
			if tl.Member == nil {
				break
			}
			if in, _ := tl.Member(&b.events[i]); in {
				break
			}
		}
		if i < 0 {
			return tl.Start()
		}
		return tl.Moment(&b.events[i])
	}
	for range rapid.IntRange(1, 4).Draw(t, "questions") {
		m := point()
		v, tally, err := cached.StateAt(context.Background(), m)
		want, wantTally, wantErr := plain.StateAt(context.Background(), m)
		if got, want := answer(v, tally, err), answer(want, wantTally, wantErr); got != want {
			t.Fatalf("%s: %s\nfolded from the start: %s", m.Label(), got, want)
		}
		from, to := point(), point()
		d, err := inspect.DiffRange(context.Background(), cached, from, to)
		dw, wantErr := inspect.DiffRange(context.Background(), plain, from, to)
		if got, want := diffText(d, err), diffText(dw, wantErr); got != want {
			t.Fatalf("%s..%s: %s\nfolded from the start: %s", from.Label(), to.Label(), got, want)
		}
		if from.IsStart() && !to.IsStart() || !from.IsStart() && !to.IsStart() && from.Version() < to.Version() {
			bad := everyLong(rapid.IntRange(2, 5).Draw(t, "bad"))
			if diff := gocmp.Diff(bisected(plain, from, to, bad), bisected(cached, from, to, bad)); diff != "" {
				t.Fatalf("bisect %s..%s: %s", from.Label(), to.Label(), diff)
			}
			culprit := replay.Version(rapid.IntRange(0, 45).Draw(t, "culprit"))
			got, want := searched(cached, from, to, culprit), searched(plain, from, to, culprit)
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Fatalf("search %s..%s: %s", from.Label(), to.Label(), diff)
			}
		}
		if m.IsStart() {
			continue
		}
		s, err := inspect.Show(context.Background(), cached, m)
		sw, wantErr := inspect.Show(context.Background(), plain, m)
		if diff := gocmp.Diff(shownText(sw, wantErr), shownText(s, err)); diff != "" {
			t.Fatalf("show %s: %s", m.Label(), diff)
		}
	}
	if out, err := l.Verify(context.Background(), func(*replay.Step) {}); err == nil && len(out.Wrong) > 0 {
		t.Fatalf("wrong states at %v", out.Wrong)
	}
}

func answer(v state.Value, t replay.Tally, err error) string {
	return fmt.Sprintf("%s %d %d %v %v", state.AppendJSON(nil, v), t.Events, t.Unread, t.Unhandled, err)
}

// everyLong is a test of the state alone: whether its text has that many bytes, or a
// multiple of that.
type everyLong int

func (n everyLong) Test(st state.Value, _ *replay.Event) (bool, error) {
	return len(state.AppendJSON(nil, st))%int(n) == 0, nil
}

func (everyLong) Unread() replay.Fields {
	return replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData
}

func bisected(s replay.Subject, from, to replay.Moment, bad everyLong) string {
	b, err := bisect.Run(context.Background(), s, inspect.Condition{Predicate: bad}, bisect.Options{From: from, To: to, Explain: true})
	if err != nil {
		return err.Error()
	}
	text := fmt.Sprint(b.Verdict, b.Flips, b.Tests, string(state.AppendPatch(nil, b.Changes)))
	if b.Culprit != nil {
		text += fmt.Sprint(b.Culprit.ID, b.Before.Label(), b.After.EventID, b.Without.ToBad, b.Without.Err)
		for _, m := range []*replay.Moment{b.Recovered, b.Without.FirstBad, b.Without.FirstGood} {
			if m != nil {
				text += " " + m.EventID
			}
		}
	}
	return text
}

// searched tells every state that a search for the culprit tests, and the answer.
func searched(s replay.Subject, from, to replay.Moment, culprit replay.Version) string {
	n, err := bisect.NewSession(context.Background(), s, from, to)
	if err != nil {
		return err.Error()
	}
	x := &tester{culprit: culprit}
	if err := n.Run(context.Background(), x, nil); err != nil {
		return x.told + err.Error()
	}
	a, err := n.Answer(context.Background(), "planted")
	if err != nil || a.Culprit == nil {
		return fmt.Sprint(x.told, a.Verdict, err)
	}
	return fmt.Sprint(x.told, a.Verdict, a.Culprit.ID, a.After.Label(), a.Before.Label(), string(state.AppendPatch(nil, a.Changes)))
}

// A tester finds the states from the culprit on bad.
type tester struct {
	culprit replay.Version
	told    string
}

func (x *tester) Test(_ context.Context, st state.Value, at replay.Moment) (bisect.Mark, error) {
	x.told += fmt.Sprintf("%s %s\n", at.Label(), state.AppendJSON(nil, st))
	if !at.IsStart() && at.Version() >= x.culprit {
		return bisect.MarkBad, nil
	}
	return bisect.MarkGood, nil
}

func diffText(d *inspect.Diffed, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s %d %s", state.AppendJSON(nil, d.A), state.AppendJSON(nil, d.B), d.Events, state.AppendPatch(nil, d.Changes))
}

func shownText(s *inspect.Shown, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%v %s %s %v %v %s", s.Moment.Label(), s.Event.ID, s.Event.Data, s.Handled, s.FoldError, state.AppendPatch(nil, s.Changes))
}

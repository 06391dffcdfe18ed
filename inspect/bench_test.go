package inspect_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

const benchFold = `
fromAll().when({
  $init() { return {list: [], byKey: {}, n: 0}; },
  Fill(s, e)  { for (let i = e.data.from; i < e.data.to; i++) { s.list.push({id: i, qty: 0}); s.byKey['k' + i] = {qty: 0}; } },
  Elem(s, e)  { s.list[e.data.at].qty = e.data.qty; },
  Key(s, e)   { s.byKey['k' + e.data.at].qty = e.data.qty; },
  Scalar(s, e) { s.n = e.data.qty; },
  Push(s, e)  { s.list.push({id: 'n' + e.data.qty, qty: 1}); s.list.pop(); s.list.push({id: 'm' + e.data.qty, qty: 2}); },
  Shift(s, e) { s.list.unshift({id: 'n' + e.data.qty, qty: 1}); s.list.splice(e.data.at, 1); },
  AddKey(s, e) { s.byKey['n' + e.data.qty] = {qty: 1}; },
});`

// BenchmarkEvent measures an event that changes little, in states of 10, 1,000 and
// 100,000 elements: the cost should be the same.
func BenchmarkEvent(b *testing.B) {
	for _, kind := range []string{"Scalar", "Elem", "Key", "Push", "Shift", "AddKey"} {
		for _, n := range []int{10, 1000, 100_000} {
			for _, verb := range []string{"fold", "log-p", "blame"} {
				b.Run(strings.Join([]string{kind, fmt.Sprint(n), verb}, "/"), func(b *testing.B) {
					benchEvent(b, kind, n, verb)
				})
			}
		}
	}
}

func benchEvent(b *testing.B, kind string, n int, verb string) {
	var events []replay.Event
	for i := 0; i < n; i += 1000 {
		events = append(events, replay.Event{
			Stream: "s", Version: replay.Version(len(events) + 1), Type: "Fill",
			Data: fmt.Appendf(nil, `{"from": %d, "to": %d}`, i, min(n, i+1000)),
		})
	}
	fills := replay.Version(len(events))
	for i := range b.N {
		events = append(events, replay.Event{
			Stream: "s", Version: replay.Version(len(events) + 1), Type: kind,
			Data: fmt.Appendf(nil, `{"at": %d, "qty": %d}`, i*7919%n, i+1),
		})
	}
	js, err := js.Load("bench.js", benchFold, js.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	s := replay.Subject{Timeline: replay.StreamTimeline(storetest.Memory(events), "s"), Fold: replay.Fold{Reducer: js}}
	o := replay.FoldOptions{Changes: verb != "fold"}
	var m *inspect.Setters
	o.Init = func(v state.Value) { m = inspect.NewSetters(v) }
	for step, err := range s.Timeline.Run(context.Background(), s.Fold, o) {
		if err != nil {
			b.Fatal(err)
		}
		if verb == "blame" {
			if err := m.See(step, s.Timeline.Moment(step.Event)); err != nil {
				b.Fatal(err)
			}
		}
		if step.Event.Version == fills {
			b.ResetTimer()
		}
	}
}

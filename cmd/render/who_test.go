package render

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"asof/inspect"
	"asof/inspect/sample"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// Views of who set what: blame, history, removals, causes, all streams.

// asked is a subject of events folded by merge, and all of it as an interval.
func asked(events []replay.Event) (replay.Reader, replay.Subject, replay.Interval) {
	r := storetest.Memory(events)
	s := replay.Subject{Timeline: replay.StreamTimeline(r, events[0].Stream), Fold: replay.Fold{Reducer: fold.Merge()}}
	return r, s, replay.Interval{From: s.Timeline.Start(), To: s.Timeline.Moment(&events[len(events)-1])}
}

func history(s replay.Subject, i replay.Interval, path ...string) ([]*inspect.Entry, error) {
	var all []*inspect.Entry
	for e, err := range inspect.History(context.Background(), s, i, statePath(path), nil) {
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func whoAnswers() []answer {
	ctx := context.Background()
	blame := func(from int, path string, print func(*Printer, *inspect.Blamed)) func(testing.TB, *Printer) error {
		return func(_ testing.TB, p *Printer) error {
			events := sample.WhoEvents()
			_, s, i := asked(events)
			if from > 0 {
				i.From = s.Timeline.Moment(&events[from-1])
			}
			b, err := inspect.Blame(ctx, s, i, path)
			if err == nil {
				print(p, b)
			}
			return err
		}
	}
	trace := func(whole bool) func(testing.TB, *Printer) error {
		return func(_ testing.TB, p *Printer) error {
			events := sample.WhoEvents()
			events[2].Meta.Causation = "command-7"
			r, _, _ := asked(events)
			t, err := inspect.Trace(ctx, r, &events[3])
			if err == nil {
				p.Traced(t, whole)
			}
			return err
		}
	}
	return []answer{
		{"blame", blame(0, "", (*Printer).Blamed)},
		{"blame-range", blame(3, "/address", (*Printer).Blamed)},
		{"history", func(t testing.TB, p *Printer) error {
			_, s, i := asked(sample.WhoEvents())
			entries, err := history(s, i, "qty")
			printed(t, p, entries, i.To, "/qty")
			return err
		}},
		{"history-below", func(t testing.TB, p *Printer) error {
			_, s, i := asked(sample.WhoEvents())
			entries, err := history(s, i, "address")
			printed(t, p, entries, i.To, "/address")
			return err
		}},
		{"removed", func(_ testing.TB, p *Printer) error {
			_, s, i := asked(sample.WhoEvents())
			g, err := inspect.Removed(ctx, s, i, "")
			if err == nil {
				p.Gone(g)
			}
			return err
		}},
		{"trace", trace(false)},
		{"trace-all", trace(true)},
		{"diff-all", func(_ testing.TB, p *Printer) error {
			p.AllDiffed(sample.AllDiffed())
			return nil
		}},
	}
}

// hardEvents fold to a state that is hard to print.
func hardEvents(elems int) []replay.Event {
	long := strings.Repeat(`All work and no play makes Jack a dull boy. \u001b[2J\u202e`, 300)
	deep := strings.Repeat(`{"a":[`, 4_900) + "1" + strings.Repeat(`]}`, 4_900)
	huge := "[" + strings.Repeat("12345,", elems) + "0]"
	var all []replay.Event
	for i, data := range []string{
		fmt.Sprintf(`{"long":"%s","%s":1}`, long, long),
		`{"deep":` + deep + `}`,
		`{"huge":` + huge + `,"\u001b[31m":{"\r\n":"\u0007","":"\u0000"}}`,
		`{"huge":[1,2,3],"deep":{"a":null}}`,
		`{"huge":` + huge + `,"deep":` + deep + `}`,
	} {
		all = append(all, replay.Event{
			Stream: "evil\x1b[2J\n", Version: replay.Version(i + 1), Type: "T\x1b[2J" + strings.Repeat("y", 500), ID: fmt.Sprint("\u009b", i),
			Time: sample.Noon, Data: []byte(data), Meta: replay.Meta{Actor: "ada\u202e" + strings.Repeat("z", 500), Causation: fmt.Sprint("\u009b", i-1)},
		})
	}
	return all
}

// TestWhoIsSafe prints what is hard to print, on terminals of all widths.
func TestWhoIsSafe(t *testing.T) {
	events := hardEvents(3000)
	r, s, i := asked(events)
	b, err := inspect.Blame(context.Background(), s, i, "")
	if err != nil {
		t.Fatal(err)
	}
	g, err := inspect.Removed(context.Background(), s, i, "")
	if err != nil {
		t.Fatal(err)
	}
	traced, err := inspect.Trace(context.Background(), r, &events[2])
	if err != nil {
		t.Fatal(err)
	}
	changed, err := history(s, i, "deep")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []int{0, 40, 80, 120} {
		for name, print := range map[string]func(*Printer){
			"blame":     func(p *Printer) { p.Blamed(b) },
			"porcelain": func(p *Printer) { p.Porcelain(b) },
			"removed":   func(p *Printer) { p.Gone(g) },
			"trace":     func(p *Printer) { p.Traced(traced, true) },
			"history":   func(p *Printer) { printed(t, p, changed, i.To, "/deep") },
			"diff all":  func(p *Printer) { p.AllDiffed(sample.AllDiffed()) },
		} {
			var out bytes.Buffer
			p := New(&out, Options{Width: w})
			print(p)
			_ = p.Flush()
			text := out.String()
			if name == "porcelain" {
				text = strings.ReplaceAll(text, "\t", " ")
			}
			if r, bad := acts(text); bad {
				t.Errorf("%s lets %U through", name, r)
			}
			if w < 80 || name == "porcelain" || name == "trace" || name == "diff all" {
				continue
			}
			for line := range strings.Lines(text) {
				if got := width(safe(strings.TrimSuffix(line, "\n"))); got > w && !strings.HasPrefix(line, "evil") {
					t.Errorf("%s has a line of %d columns on a terminal of %d: %.200s", name, got, w, line)
					break
				}
			}
		}
	}
}

func statePath(tokens []string) state.Path { return state.Path{Pointer: inspect.Pointer(tokens)} }

// printed prints a history of which all entries are listed.
func printed(t testing.TB, p *Printer, entries []*inspect.Entry, at replay.Moment, path string) {
	t.Helper()
	err := p.History(func(yield func(*inspect.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}, func() HistoryHead {
		return HistoryHead{Path: path, Moment: at, Events: len(entries), Listed: len(entries), Timed: true}
	})
	if err != nil {
		t.Error(err)
	}
}

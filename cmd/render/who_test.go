package render

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"asof/inspect"
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

func whoEvents() []replay.Event {
	var all []replay.Event
	for i, e := range sampleEvents()[:5] {
		if i > 0 {
			e.Meta.Causation = all[i-1].ID
		}
		all = append(all, *e)
	}
	all[3].Data = []byte(`{"options":null,"address":{"street":"12 Elm Road","city":"Oslo"},"lines":[],"note":"left"}`)
	all[4].Data = []byte(`{"名前":"山田太郎","evil":"\u001b[31mred\u001b[0m \u202egnp.exe","qty":2,"tags":["b"],"address":{"city":"Bergen"}}`)
	return all
}

func history(s replay.Subject, i replay.Interval, path ...string) ([]*inspect.Entry, error) {
	var all []*inspect.Entry
	for e, err := range inspect.History(context.Background(), s, i, path) {
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
			events := whoEvents()
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
	return []answer{
		{"blame", blame(0, "", (*Printer).Blamed)},
		{"blame-range", blame(3, "/address", (*Printer).Blamed)},
		{"history", func(_ testing.TB, p *Printer) error {
			_, s, i := asked(whoEvents())
			entries, err := history(s, i, "qty")
			p.History(entries, i.To, "/qty")
			return err
		}},
		{"history-below", func(_ testing.TB, p *Printer) error {
			_, s, i := asked(whoEvents())
			entries, err := history(s, i, "address")
			p.History(entries, i.To, "/address")
			return err
		}},
		{"removed", func(_ testing.TB, p *Printer) error {
			_, s, i := asked(whoEvents())
			g, err := inspect.Removed(ctx, s, i, "")
			if err == nil {
				p.Gone(g)
			}
			return err
		}},
		{"trace", func(_ testing.TB, p *Printer) error {
			events := whoEvents()
			events[2].Meta.Causation = "command-7"
			r, _, _ := asked(events)
			t, err := inspect.Trace(ctx, r, &events[3])
			if err == nil {
				p.Traced(t)
			}
			return err
		}},
		{"diff-all", func(_ testing.TB, p *Printer) error {
			p.AllDiffed(sampleAll())
			return nil
		}},
	}
}

func sampleAll() *inspect.AllDiffed {
	return &inspect.AllDiffed{
		From: sampleEvents()[0].Moment(), To: sampleEvents()[3].Moment(), Streams: 1234, Changed: 3, More: 1,
		Categories: []inspect.CategoryDiff{
			{Category: "cart", Streams: 1000, Changed: 2, New: 1, Events: 9, Added: 4, Replaced: 1200},
			{Streams: 234, Changed: 1, Events: 1, Removed: 1},
		},
		Largest: []inspect.StreamDiff{
			{Stream: "cart-42", Category: "cart", From: 2, To: 9, Events: 7, Added: 3, Replaced: 1200},
			{Stream: "買い物\x1b[2J", New: true, To: 3, Events: 3, Added: 1},
		},
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
			Time: noon, Data: []byte(data), Meta: replay.Meta{Actor: "ada\u202e" + strings.Repeat("z", 500), Causation: fmt.Sprint("\u009b", i-1)},
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
			"trace":     func(p *Printer) { p.Traced(traced) },
			"history":   func(p *Printer) { p.History(changed, i.To, "/deep") },
			"diff all":  func(p *Printer) { p.AllDiffed(sampleAll()) },
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

// TestBlameJSONIsWhole reads back what was printed.
func TestBlameJSONIsWhole(t *testing.T) {
	_, s, i := asked(hardEvents(3000))
	b, err := inspect.Blame(context.Background(), s, i, "")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := New(&out, Options{JSON: true})
	p.Blamed(b)
	_ = p.Flush()
	v, err := state.Parse(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
	if err != nil {
		t.Fatal(err)
	}
	paths := v.Node().Get("paths").Node()
	n := 0
	b.Each(func(one inspect.PathBlame) bool {
		got := paths.At(n).Node()
		if got.Get("path").Text() != one.Path || !state.Equal(got.Get("value"), one.Value) {
			t.Fatalf("path %d is not %.200s", n, one.Path)
		}
		n++
		return true
	})
	if n != paths.Len() || n < 3000 {
		t.Errorf("%d paths, %d printed", n, paths.Len())
	}
	// It is valid as it stands: keys in order, no spaces.
	if again := state.AppendSorted(nil, v); !bytes.Equal(again, bytes.TrimSuffix(out.Bytes(), []byte("\n"))) {
		x, y := again, out.Bytes()
		n := 0
		for n < len(x) && n < len(y) && x[n] == y[n] {
			n++
		}
		t.Errorf("the JSON of blame is not written as all others are, from %.80q on, not %.80q", y[n:], x[n:])
	}
}

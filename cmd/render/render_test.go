package render

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/check"
	"asof/inspect/sample"
	"asof/replay"
	"asof/replay/state"
)

// all prints one answer of each kind about the same things.
func (p *Printer) all(e *replay.Event, m replay.Moment, s string, v state.Value, cs []state.Change) {
	p.Info(replay.Info{Path: s, Dialect: s, Recognised: s, Access: s, Lacks: []string{s, s}},
		replay.Summary{Categories: []string{s, s}, Types: []replay.TypeCount{{Type: s, Events: 1}}, LeftOut: []string{s}})
	_ = p.Streams(func(yield func(replay.Stream, error) bool) {
		yield(replay.Stream{ID: replay.StreamID(s), Category: s}, nil)
	})
	log := func(yield func(*inspect.Entry, error) bool) {
		yield(&inspect.Entry{Moment: m, Event: e, Many: true, Changes: cs, Folded: true}, nil)
	}
	_ = p.Log(log, LogOptions{Changes: true})
	p.Shown(&inspect.Shown{Moment: m, Event: e, Projection: s, Handled: true, Changes: cs})
	p.Shown(&inspect.Shown{Moment: m, Event: e, Projection: s, FoldError: errors.New(s)})
	r := &inspect.Replayed{Moment: m, Projection: s, State: v, Account: replay.Account{Tally: replay.Tally{Unhandled: map[string]int64{s: 1}}}}
	_ = p.Replayed(r, state.Path{})
	p.Note(p.ReplayedNote(r))
	p.Note(s)
	_ = p.Step(&replay.Step{Event: e, Root: v}, m)
	d := &inspect.Diffed{From: m, To: m, FromFold: s, ToFold: "x" + s, Changes: cs, A: v, B: v}
	for _, form := range []DiffForm{DiffChanges, DiffStat, DiffPatch, DiffMergePatch, DiffSideBySide} {
		if form == DiffPatch {
			continue // data in a format of its own; it escapes less
		}
		_ = p.Diffed(d, form)
	}
	p.Error(Failure{Verb: s, Err: errors.New(strings.ReplaceAll(s, "\t", "")), Hint: strings.ReplaceAll(s, "\t", "")})
}

// genValue draws JSON text.
func genValue() *rapid.Generator[state.Value] {
	scalar := rapid.OneOf(
		rapid.Just(state.NullValue()),
		rapid.Map(rapid.Bool(), state.BoolValue),
		rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?(e[+-]?[0-9]{1,3})?`), state.NumberValue),
		rapid.Map(rapid.String(), state.StringValue),
		rapid.Map(rapid.StringMatching(`[a-z ]{0,300}`), state.StringValue),
	)
	key := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zé东 ]{40,200}`))
	var value func(depth int) *rapid.Generator[state.Value]
	value = func(depth int) *rapid.Generator[state.Value] {
		if depth == 0 {
			return scalar
		}
		return rapid.Custom(func(t *rapid.T) state.Value {
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				return state.NewArray(rapid.SliceOfN(value(depth-1), 0, 30).Draw(t, "elements")...).Value()
			case 1, 2:
				n := state.NewObject()
				members := rapid.MapOfN(key, value(depth-1), 0, 6).Draw(t, "members")
				for _, k := range slices.Sorted(maps.Keys(members)) { // one order for one seed
					n.Set(k, members[k])
				}
				return n.Value()
			}
			return scalar.Draw(t, "scalar")
		})
	}
	return value(3)
}

// What replay prints to a pipe is the state, as JSON, whole.
func TestStateIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genValue().Draw(t, "state")
		for _, w := range []int{0, 80} {
			var out bytes.Buffer
			p := New(&out, Options{Width: w})
			if err := p.Replayed(&inspect.Replayed{State: v}, state.Path{}); err != nil {
				t.Fatal(err)
			}
			_ = p.Flush()
			back, err := state.Parse(out.Bytes())
			if err != nil {
				t.Fatalf("%v in\n%s", err, out.String())
			}
			if !state.Equal(v, back) {
				t.Fatalf("printed\n%s\nof\n%s", out.String(), state.AppendJSON(nil, v))
			}
		}
	})
}

// On a terminal the violations of a check fit, and what became of each is whole.
func TestViolationsFit(t *testing.T) {
	at := replay.Moment{}.WithVersion(13)
	e := &replay.Event{Stream: "cart-38", Version: 11, Type: "ItemQuantityChanged", Time: sample.Noon, Meta: replay.Meta{Actor: "a-customer-with-a-name"}}
	ans := &check.Result{Invariants: []check.InvariantResult{{
		Invariant:  check.Invariant{Name: "never negative", Text: "state.total < 0"},
		Violations: []check.Violation{{Stream: "cart-38", Culprit: e, Turns: 1, Recovered: true, RecoveredAt: &at}},
	}}}
	for _, w := range []int{80, 120} {
		var out bytes.Buffer
		p := New(&out, Options{Width: w})
		p.Checked(ans, CheckOptions{})
		_ = p.Flush()
		if !strings.Contains(out.String(), "cart-38@11  ") || !strings.Contains(out.String(), "  recovered at 13\n") {
			t.Errorf("%d columns:\n%s", w, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if got := width(safe(strings.TrimSuffix(line, "\n"))); got > w {
				t.Errorf("%d columns on a terminal of %d:\n%s", got, w, line)
			}
		}
	}
}

// On a terminal no line of a change view goes beyond its width, every line of a
// change begins with its mark, and each path is begun.
func TestChangeViewFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genValue().Draw(t, "a"), genValue().Draw(t, "b")
		w := rapid.IntRange(80, 200).Draw(t, "width")
		cs := state.Diff(a, b, state.DiffOptions{})
		var out bytes.Buffer
		p := New(&out, Options{Width: w})
		p.changes(cs, 2, len(cs))
		_ = p.Flush()
		starts := 0
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if got := width(safe(line)); got > w {
				t.Errorf("%d columns on a terminal of %d:\n%s", got, w, line)
			}
			if !strings.HasPrefix(line, "  + ") && !strings.HasPrefix(line, "  - ") && !strings.HasPrefix(line, "  ~ ") {
				t.Errorf("a line without a mark: %q", line)
			} else if line[4] == '/' || strings.HasPrefix(line[4:], "(root)") {
				starts++
			}
		}
		if starts != len(cs) {
			t.Errorf("%d changes begun of %d:\n%s", starts, len(cs), out.String())
		}
	})
}

// Joined again, the parts of a word diff are the two strings.
func TestWordDiff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("ab é東 -")), 0, 12, -1)
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		d := diffWords(a, b)
		if d.before+d.old+d.after != a || d.before+d.new+d.after != b {
			t.Fatalf("%q, %q: %q", a, b, d)
		}
		for _, s := range []string{d.before, d.old, d.new, d.after} {
			if strings.ContainsRune(s, '\uFFFD') || !strings.Contains(a+"\x00"+b, s) {
				t.Fatalf("%q, %q: a character is split: %q", a, b, d)
			}
		}
	})
	for _, c := range []struct {
		a, b string
		want wordDiff
	}{
		{"12 Elm Street", "12 Elm Road", wordDiff{"12 Elm ", "Street", "Road", ""}},
		{"2026-03-01", "2026-03-02", wordDiff{"2026-03-", "01", "02", ""}},
		{"status open now", "status opened now", wordDiff{"status ", "open", "opened", " now"}},
		{"reopen", "open", wordDiff{"", "reopen", "open", ""}},
		{"a b", "a c b", wordDiff{"a ", "", "c ", "b"}},
	} {
		if got := diffWords(c.a, c.b); got != c.want {
			t.Errorf("diffWords(%q, %q) = %q, want %q", c.a, c.b, got, c.want)
		}
	}
}

// Text about huge values is small, whatever they hold.
func TestHugeValuesAreBounded(t *testing.T) {
	for _, w := range []int{0, 80, 120} {
		var out bytes.Buffer
		p := New(&out, Options{Width: w})
		cs := hardChanges(t)
		p.changes(cs, 2, len(cs))
		_ = p.Flush()
		if out.Len() > 16<<10 {
			t.Errorf("width %d: %d bytes", w, out.Len())
		}
		for _, want := range []string{"more elements", "bytes", "[… 1 element]"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("width %d: nothing says how much was cut (%q)", w, want)
			}
		}
	}
	many := make([]state.Change, 100_000)
	for i := range many {
		many[i] = state.Change{Op: state.OpRemove, Path: "/x", From: state.NullValue()}
	}
	var out bytes.Buffer
	p := New(&out, Options{})
	entry := &inspect.Entry{Event: &replay.Event{Data: []byte("{}"), Position: replay.NoPosition}, Changes: many, Folded: true}
	_ = p.Log(one(entry), LogOptions{Changes: true})
	_ = p.Flush()
	if !strings.Contains(out.String(), "… 99,900 more changes") || strings.Count(out.String(), "\n") != patchMost+2 {
		t.Errorf("the log of an event with many changes has %d lines", strings.Count(out.String(), "\n"))
	}
}

func one(e *inspect.Entry) iter.Seq2[*inspect.Entry, error] {
	return func(yield func(*inspect.Entry, error) bool) { yield(e, nil) }
}

// Deep states are printed whole, and in no more than a few times their size.
func TestDeepState(t *testing.T) {
	text := strings.Repeat(`{"a":[`, 5_000) + strings.Repeat(`]}`, 5_000)
	v := sample.Parse(text)
	var out bytes.Buffer
	p := New(&out, Options{Color: false})
	if err := p.Replayed(&inspect.Replayed{State: v}, state.Path{}); err != nil {
		t.Fatal(err)
	}
	_ = p.Flush()
	if back, err := state.Parse(out.Bytes()); err != nil || !state.Equal(v, back) {
		t.Errorf("a deep state is not printed in full: %v", err)
	}
	if out.Len() > 4*len(text) {
		t.Errorf("%d bytes of %d", out.Len(), len(text))
	}
}

// Colour adds escape sequences and nothing else.
func TestColourAddsNothing(t *testing.T) {
	for _, a := range answers() {
		plain := string(render(t, a, Options{Width: 100}))
		coloured := string(render(t, a, Options{Width: 100, Color: true}))
		if coloured == plain && a.name != "diff-patch" && a.name != "diff-merge-patch" {
			t.Errorf("%s has no colour", a.name)
		}
		if got := stripSGR(coloured); got != plain {
			t.Errorf("%s without its colours:\n%s\nwant\n%s", a.name, got, plain)
		}
	}
}

// stripSGR removes the sequences ESC [ … m.
func stripSGR(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "\x1b[")
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i])
		s = s[i:]
		s = s[strings.IndexByte(s, 'm')+1:]
	}
}

func TestLogPrintsEventsBeforeAnError(t *testing.T) {
	broken := errors.New("line 7: not JSON")
	var out bytes.Buffer
	p := New(&out, Options{})
	if err := p.Log(sample.Log(broken), LogOptions{}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	_ = p.Flush()
	if n := strings.Count(out.String(), "\n"); n != len(sample.Events()) {
		t.Errorf("%d lines of %d events:\n%s", n, len(sample.Events()), out.String())
	}
}

// A log is printed as it comes: what is held back is bounded.
func TestLogStreams(t *testing.T) {
	for _, o := range []Options{{}, {Width: 80, Color: true}} {
		w := &brokenWriter{after: 3}
		p := New(w, o)
		n := 0
		endless := func(yield func(*inspect.Entry, error) bool) {
			e := sample.Events()[0]
			for yield(&inspect.Entry{Event: e}, nil) {
				n++
			}
		}
		if err := p.Log(endless, LogOptions{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("error %v", err)
		}
		if err := p.Flush(); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Flush: %v", err)
		}
		if !errors.Is(p.Err(), io.ErrClosedPipe) {
			t.Errorf("Err: %v", p.Err())
		}
		if w.calls != w.after+1 {
			t.Errorf("written to %d times after an error", w.calls-w.after-1)
		}
	}
}

type brokenWriter struct{ calls, after int }

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.calls++; w.calls > w.after {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

func TestReplayedPath(t *testing.T) {
	r := &inspect.Replayed{State: sample.Parse(sample.CartBefore)}
	var out bytes.Buffer
	p := New(&out, Options{})
	if err := p.Replayed(r, state.Path{Pointer: "/items/0/name"}); err != nil {
		t.Fatal(err)
	}
	var pathErr *state.PathError
	if err := p.Replayed(r, state.Path{Pointer: "/items/7"}); !errors.As(err, &pathErr) {
		t.Errorf("error %v", err)
	}
	_ = p.Flush()
	if out.String() != "\"Green tea\"\n" {
		t.Errorf("printed %q", out.String())
	}
}

func TestNoMergePatch(t *testing.T) {
	d := &inspect.Diffed{A: sample.Parse(`{}`), B: sample.Parse(`{"a":null}`)}
	if err := New(io.Discard, Options{}).Diffed(d, DiffMergePatch); !errors.Is(err, ErrNoMergePatch) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkLog(b *testing.B) {
	e := sample.Events()[3]
	for _, c := range []struct {
		name string
		o    Options
	}{{"text", Options{}}, {"terminal", Options{Width: 120, Color: true}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			p := New(io.Discard, c.o)
			_ = p.Log(func(yield func(*inspect.Entry, error) bool) {
				for b.Loop() {
					yield(&inspect.Entry{Event: e}, nil)
				}
			}, LogOptions{})
		})
	}
}

package browse

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// history draws a stream of events whose payloads are merge patches, as NDJSON.
func history(t *rapid.T) string {
	var b strings.Builder
	keys := []string{"a", "b/c", "d~", "n", "items", "\u202e"}
	n := rapid.IntRange(1, 12).Draw(t, "events")
	for v := range n {
		data := state.NewObject()
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			data.Set(rapid.SampledFrom(keys).Draw(t, "key"), value(t, 2))
		}
		fmt.Fprintf(&b, `{"stream":"s-1","version":%d,"type":"T%d","time":"2026-01-%02dT00:00:00Z","data":%s}`+"\n",
			v+1, v%3, v+1, state.AppendJSON(nil, data.Value()))
	}
	return b.String()
}

// value draws a JSON value.
func value(t *rapid.T, depth int) state.Value {
	parse := func(text string) state.Value {
		v, err := state.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	switch kind := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case kind == 5 && depth > 0:
		all := state.NewArray()
		for i := range rapid.IntRange(0, 3).Draw(t, "elements") {
			one := state.NewObject()
			one.Set("id", parse(fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "id")*10+i)))
			one.Set("v", value(t, depth-1))
			all.Append(one.Value())
		}
		return all.Value()
	case kind == 6 && depth > 0:
		o := state.NewObject()
		o.Set("x", value(t, depth-1))
		return o.Value()
	}
	return parse(rapid.SampledFrom([]string{"null", "true", "1.0", "9007199254740993", `"text"`, `"\u001b[31m"`}).Draw(t, "scalar"))
}

// TestAgrees walks random stores: at each event the screen has the state that replay
// gives, the changes that show gives and the blame that blame gives, in whatever order the
// steps come.
func TestAgrees(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(dir, fmt.Sprintf("%d.ndjson", time.Now().UnixNano()))
		if err := os.WriteFile(path, []byte(history(rt)), 0o600); err != nil {
			rt.Fatal(err)
		}
		defer os.Remove(path) //nolint:errcheck // so is its folder
		d := drive(t, dir, Options{Ref: workspace.StoreRef{Store: path}, Stream: "s-1"}, 100, 30)
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			d.keys(rapid.SampledFrom([]string{"<left>", "<right>", "<home>", "<end>", "<left><left><left>", "<tab><down><tab>", "R", "}"}).Draw(rt, "key"))
			agrees(rt, d)
		}
	})
}

// agrees compares the screen with the answers of the questions.
func agrees(t *rapid.T, d *driver) {
	s := d.m.stream
	at := "start"
	if r := s.row(); r != nil {
		at = s.pointOf(r)
	}
	w := d.m.s.space.Begin(nil)
	timeline := d.m.s.timeline(s.o.stream, at)
	want, err := ask.Replay{Timeline: timeline}.Ask(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	if s.shown == nil {
		t.Fatalf("nothing is shown at %s:\n%s", at, d.screen())
	}
	if got := s.shown.state; !state.Equal(got, want.State) {
		t.Fatalf("at %s the screen has %s, replay %s", at, state.AppendJSON(nil, got), state.AppendJSON(nil, want.State))
	}
	if at == "start" {
		return
	}
	shown, err := ask.Show{Timeline: timeline}.Ask(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.shown.changes) != len(shown.Changes) {
		t.Fatalf("at %s the screen has %d changes, show %d", at, len(s.shown.changes), len(shown.Changes))
	}
	for i, c := range shown.Changes {
		if one := s.shown.changes[i]; one.Name() != c.Name() || one.Op != c.Op || !state.Equal(one.To, c.To) || !state.Equal(one.From, c.From) {
			t.Fatalf("at %s change %d is %v %s, not %v %s", at, i, one.Op, one.Name(), c.Op, c.Name())
		}
	}
	blamed, err := ask.Blame{Timeline: timeline}.Ask(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]replay.Version{}
	for p := range blamed.Each {
		if p.By != nil && p.By.Event != nil {
			by[p.Path] = p.By.Moment.Version()
		}
	}
	for _, r := range s.tree.rows {
		if !r.value.IsContainer() && r.rest == 0 && by[r.path] != r.by {
			t.Fatalf("at %s the gutter of %s is %d, blame says %d", at, r.path, r.by, by[r.path])
		}
	}
}

// TestScreenIsSafe puts arbitrary bytes wherever a store has text: the screen has no
// control characters but those of its own styles, and no line is too wide.
func TestScreenIsSafe(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		hostile := func(name string) string {
			text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
				rapid.SampledFrom([]string{"\x1b[2J\x1b[H", "\x1b]52;c;aGk=\x07", "\u202eabc", "a\r\nb\tc", "\x9b31m", "👩‍👩‍👧", "e\u0301\u0301", "\u200b"})).Draw(rt, name)
			return string(state.AppendQuoted(nil, text))
		}
		line := fmt.Sprintf(`{"stream":%s,"version":1,"type":%s,"time":"2026-01-01T00:00:00Z","actor":%s,"data":{%s:%s,"in":[{"id":%s}]}}`+"\n",
			string(state.AppendQuoted(nil, "s"+rapid.String().Draw(rt, "stream"))), hostile("type"), hostile("actor"), hostile("key"), hostile("value"), hostile("id"))
		path := filepath.Join(dir, fmt.Sprintf("%d.ndjson", time.Now().UnixNano()))
		if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
			rt.Fatal(err)
		}
		defer os.Remove(path) //nolint:errcheck // so is its folder
		color := rapid.Bool().Draw(rt, "color")
		w, h := rapid.IntRange(20, 130).Draw(rt, "width"), rapid.IntRange(10, 40).Draw(rt, "height")
		d := drive(t, dir, Options{Ref: workspace.StoreRef{Store: path}, Color: color}, w, h)
		safe(rt, d)
		d.keys("<enter>")
		safe(rt, d)
		for _, keys := range []string{"<tab><down>", "b<esc>", "e", "<esc>t", "<esc>D", "<esc>f", "<esc>/i<enter>", "<esc>y", ":nothing<enter>"} {
			d.keys(keys)
			safe(rt, d)
		}
	})
}

// safe checks a screen.
func safe(t *rapid.T, d *driver) {
	lines := d.m.screen()
	if len(lines) != d.m.h {
		t.Fatalf("%d lines on a screen of %d", len(lines), d.m.h)
	}
	for _, l := range lines {
		if w := ansi.StringWidth(l); w > d.m.w {
			t.Fatalf("a line of %d columns on a screen of %d: %q", w, d.m.w, l)
		}
		rest := l
		for _, st := range []string{string(strong), string(dim), string(inverse), string(red), string(green), string(yellow), string(cyan), "\x1b[35m", "\x1b[1;31m", reset} {
			if d.m.pen.color {
				rest = strings.ReplaceAll(rest, st, "")
			}
		}
		if !utf8.ValidString(rest) {
			t.Fatalf("not UTF-8: %q", l)
		}
		for i, r := range rest {
			if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("%U at %d of %q", r, i, l)
			}
		}
	}
}

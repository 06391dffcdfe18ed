package browse

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

// TestMarks compares the marks of the streams with the answer of check, in parts of the
// list and in matches of a filter.
func TestMarks(t *testing.T) {
	d := drive(t, shop(t), Options{}, 100, 40)
	w := d.m.s.space.Begin(nil)
	res, err := ask.CheckStore{StoreRef: d.m.s.o.Ref}.Ask(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	want := map[replay.StreamID]string{}
	for _, i := range res.Invariants {
		for _, v := range i.Violations {
			want[v.Stream] += i.Name
		}
	}
	if len(want) == 0 {
		t.Fatal("the demo has no violations")
	}
	seen := map[replay.StreamID]bool{}
	look := func() {
		for _, id := range d.m.list.visible(d.m) {
			f := d.m.list.facts[id]
			if f == nil || f.held == untested {
				t.Fatalf("%s is not checked:\n%s", id, d.screen())
			}
			if bad := want[id] != ""; bad != (f.held == violated) {
				t.Errorf("%s is marked %v %q, check says %q", id, f.held, f.broken, want[id])
			}
			seen[id] = true
		}
	}
	look()
	if n := len(d.m.list.facts); n > 40 {
		t.Errorf("the facts of %d streams were read for a screen of 40 lines", n)
	}
	d.keys("<end>")
	look()
	d.keys("cart42")
	look()
	if !seen["cart-42"] || !strings.Contains(d.screen(), "!") {
		t.Errorf("cart-42 is not marked:\n%s", d.screen())
	}
	d.keys("<down>")
	if got := d.screen(); !strings.Contains(got, "bad since 28") && !strings.Contains(got, "bad from 28") {
		t.Errorf("the chosen stream does not say since when it is bad:\n%s", got)
	}
}

// TestLongStreamIsNotGreen marks a stream that is too long to be checked in the list, if an
// invariant is about it.
func TestLongStreamIsNotGreen(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	for _, stream := range []string{"cart-1", "other-1"} {
		for v := range maxChecked + 1 {
			fmt.Fprintf(&b, `{"stream":%q,"version":%d,"type":"T","data":{"total":1}}`+"\n", stream, v+1)
		}
	}
	const project = "[[projection]]\nname = \"cart\"\ncategory = \"cart\"\nfold = \"merge\"\n[[invariant]]\nname = \"n\"\nprojection = \"cart\"\ngood = \"state.total >= 0\"\n"
	for name, text := range map[string]string{"s.ndjson": b.String(), "asof.toml": project} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := drive(t, dir, Options{Ref: workspace.StoreRef{Store: filepath.Join(dir, "s.ndjson")}}, 80, 24)
	if got := d.screen(); !strings.Contains(got, ">? cart-1") || !strings.Contains(got, "   other-1") || !strings.Contains(got, "too long to check here") {
		t.Errorf("the screen is\n%s", got)
	}
}

// TestListSaysWhatIsLost checks that the list says which rows may be events of any stream, and
// that no mark of a stream claims more than check does.
func TestListSaysWhatIsLost(t *testing.T) {
	const lost = `{"stream":"a","version":1,"type":"T","data":{"n":1}}
{"stream":"b","version":1,"type":"T","data":{"n":-1}}
{"version":1,"type":"T","data":{"n":1}}
`
	const mapped = "[stores.s]\npath = \"s.ndjson\"\nmap = {stream = \"stream\", version = \"version\", type = \"type\", data = \"data\"}\n"
	const said = "left out of every stream: 1 row without a stream or a version"
	for name, rules := range map[string]string{
		"invariants": "[[projection]]\nname = \"p\"\nstreams = \"*\"\nfold = \"merge\"\n[[invariant]]\nname = \"n\"\nprojection = \"p\"\ngood = \"state.n >= 0\"\n",
		"none":       "",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"s.ndjson": lost, "asof.toml": mapped + rules} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := drive(t, dir, Options{Ref: workspace.StoreRef{Store: "s"}}, 120, 24)
			for _, at := range []struct{ keys, row, mark string }{{"", "a", "?"}, {"<down>", "b", "!"}, {"<end>", "b", "!"}, {"nothing", "", ""}} {
				d.keys(at.keys)
				if rules == "" {
					at.mark = " "
				}
				got := d.screen()
				if !strings.Contains(got, said) || at.row != "" && !strings.Contains(got, ">"+at.mark+" "+at.row+" ") {
					t.Errorf("after %q the screen is\n%s", at.keys, got)
				}
			}
		})
	}
}

// TestMarksWithoutAnswer says that the invariants could not be checked.
func TestMarksWithoutAnswer(t *testing.T) {
	dir := shop(t)
	const broken = "[[projection]]\nname = \"cart\"\ncategory = \"cart\"\nfold = \"gone.js\"\n[[invariant]]\nname = \"n\"\nprojection = \"cart\"\ngood = \"state.total >= 0\"\n"
	if err := os.WriteFile(filepath.Join(dir, "asof.toml"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	d := drive(t, dir, Options{}, 100, 24)
	if got := d.screen(); !strings.Contains(got, ">?") || !strings.Contains(got, "could not be checked") {
		t.Errorf("a check that failed is not said:\n%s", got)
	}
}

// manyStreams writes a store of streams with an event each, and returns their ids in order.
func manyStreams(t *testing.T, n int) (path string, ids []string) {
	t.Helper()
	var b strings.Builder
	for i := range n {
		id := fmt.Sprintf("s-%d", i)
		ids = append(ids, id)
		fmt.Fprintf(&b, `{"stream":%q,"version":1,"type":"T","time":"2026-01-01T00:00:00Z","data":{}}`+"\n", id)
	}
	path = filepath.Join(t.TempDir(), "many.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	return path, ids
}

// TestListWalks moves through a list of several pages from both ends.
func TestListWalks(t *testing.T) {
	path, ids := manyStreams(t, 3*pageRows+7)
	d := drive(t, filepath.Dir(path), Options{Ref: workspace.StoreRef{Store: path}}, 80, 24)
	at, last := 0, len(ids)-1
	moves := map[string]int{"<up>": -1, "<down>": 1, "<pgup>": -21, "<pgdown>": 21}
	for i, key := range strings.Fields("<end> <up> <up> <pgup> <home> <pgdown> <down> <end> <pgdown> " +
		strings.Repeat("<pgup> ", 40) + strings.Repeat("<pgdown> <down> ", 40) + "<home> <up>" + strings.Repeat(" <pgdown>", 20)) {
		d.keys(key)
		switch key {
		case "<home>":
			at = 0
		case "<end>":
			at = last
		default:
			at = min(max(at+moves[key], 0), last)
		}
		one := d.m.list.at(d.m.list.cur)
		if one == nil || string(one.ID) != ids[at] {
			t.Fatalf("after %d keys, the last of which is %s, %v is chosen, not %s:\n%s", i+1, key, one, ids[at], d.screen())
		}
		if !strings.Contains(d.screen(), "> ") || len(d.m.list.pages) > 5 {
			t.Fatalf("%d pages are kept, or no row is chosen:\n%s", len(d.m.list.pages), d.screen())
		}
	}
}

// TestSparkline draws bursts of events, and about the same for a stream of which only
// some events are looked at.
func TestSparkline(t *testing.T) {
	burst := func(events int) string {
		var b strings.Builder
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for v := range events {
			at := begin.Add(time.Duration(v) * time.Second)
			if v >= events/2 {
				at = at.Add(time.Duration(events) * 7 * time.Second)
			}
			fmt.Fprintf(&b, `{"stream":"s","version":%d,"type":"T","time":%q,"data":{}}`+"\n", v+1, at.Format(time.RFC3339))
		}
		return b.String()
	}
	for _, events := range []int{1, 2, 900, maxTimes + 5000} {
		path := filepath.Join(t.TempDir(), "s.ndjson")
		if err := os.WriteFile(path, []byte(burst(events)), 0o600); err != nil {
			t.Fatal(err)
		}
		d := drive(t, filepath.Dir(path), Options{Ref: workspace.StoreRef{Store: path}}, 80, 24)
		want := "█      █"
		if events == 1 {
			want = "█"
		}
		if f := d.m.list.facts["s"]; f == nil || strings.TrimRight(f.spark, " ") != want {
			t.Errorf("%d events are drawn as %+v, want %q", events, f, want)
		}
	}
}

// TestFilterLooksAtIDsFirst filters the list: what matches is there before its events are
// counted, and what matches by its category comes with the counts.
func TestFilterLooksAtIDsFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.ndjson")
	const events = `{"stream":"cart-1","category":"shop","version":1,"type":"T","data":{}}
{"stream":"shop-7","category":"shop","version":1,"type":"T","data":{}}
{"stream":"other","category":"other","version":1,"type":"T","data":{}}
`
	if err := os.WriteFile(path, []byte(events), 0o600); err != nil {
		t.Fatal(err)
	}
	d := drive(t, filepath.Dir(path), Options{Ref: workspace.StoreRef{Store: path}}, 80, 24)
	var all []matches
	for m, err := range d.m.s.filter(t.Context(), "shop") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	if len(all) != 2 || all[0].done || !all[1].done {
		t.Fatalf("the filter gives %+v, want the matches by id, then all", all)
	}
	if rows := all[0].rows; len(rows) != 1 || rows[0].ID != "shop-7" || rows[0].Events != 0 {
		t.Errorf("the first matches are %+v, want shop-7 without its count", rows)
	}
	if rows := all[1].rows; len(rows) != 2 || rows[0].ID != "cart-1" || rows[1].Events != 1 {
		t.Errorf("the last matches are %+v, want cart-1 and shop-7 with their counts", rows)
	}
}

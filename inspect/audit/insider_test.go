package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/state"
)

// An insider is the owner of the store, who signs an edited bundle again with the
// right key.
type insider struct {
	t     *testing.T
	files map[string][]byte
}

// lines edits each line of a file that is an object. A line for which edit returns nil
// is dropped.
func (b *insider) lines(file string, edit func(n *state.Node) *state.Node) {
	var out []string
	for _, l := range linesOf(b.files[file]) {
		v, err := state.Parse([]byte(strings.TrimSuffix(strings.TrimSpace(l), ",")))
		if err != nil || v.Kind() != state.Object {
			out = append(out, l)
			continue
		}
		end := l[len(strings.TrimRight(l, ",\n")):]
		if n := edit(v.Node()); n != nil {
			out = append(out, string(state.AppendJSON(nil, n.Value()))+end)
		}
	}
	b.files[file] = joined(out)
}

// object edits a file that is a single object.
func (b *insider) object(file string, edit func(n *state.Node)) {
	v, err := state.Parse(b.files[file])
	if err != nil {
		b.t.Fatal(err)
	}
	edit(v.Node())
	b.files[file] = state.AppendJSON(nil, v)
}

// stream edits the entry of a stream in streams.json.
func (b *insider) stream(id string, edit func(n *state.Node)) {
	b.lines("streams.json", func(n *state.Node) *state.Node {
		if n.Get("stream").Text() == id {
			edit(n)
		}
		return n
	})
}

// num adds to the number at a path.
func num(n *state.Node, by int64, path ...string) {
	for _, p := range path[:len(path)-1] {
		n = n.Get(p).Node()
	}
	key := path[len(path)-1]
	v := n.Get(key).Text()
	n.Set(key, state.NumberValue(addTo(v, by)))
}

func addTo(text string, by int64) string {
	var n int64
	for _, c := range text {
		n = n*10 + int64(c-'0')
	}
	return string(state.AppendJSON(nil, audit.Integer(n+by)))
}

// set replaces the value at a path by parsed JSON.
func set(n *state.Node, text string, path ...string) {
	for _, p := range path[:len(path)-1] {
		n = n.Get(p).Node()
	}
	v, err := state.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	n.Set(path[len(path)-1], v)
}

// drop removes an event from the bundle and adds its changes to the next line of
// changes. The version "last" is the last one.
func (b *insider) drop(stream, version string) {
	leaf := ""
	if version == "last" {
		b.stream(stream, func(n *state.Node) { version = n.Get("last").Text() })
	}
	b.lines(events, func(n *state.Node) *state.Node {
		if n.Get("subject").Text() == stream && n.Get("sequence").Text() == version {
			leaf = n.Get("leaf").Text()
			return nil
		}
		return n
	})
	if leaf == "" {
		b.t.Fatal("no such event")
	}
	for _, file := range []string{stored, leaves} {
		b.lines(file, func(n *state.Node) *state.Node {
			if n.Get("leaf").Text() == leaf {
				return nil
			}
			return n
		})
	}
	var pending []state.Value
	b.lines(changes, func(n *state.Node) *state.Node {
		if n.Get("stream").Text() != stream {
			return n
		}
		if n.Get("version").Text() == version {
			pending = n.Get("changes").Node().Elems()
			return nil
		}
		if pending != nil {
			all := state.NewArray(append(slices.Clone(pending), n.Get("changes").Node().Elems()...)...).Value()
			n.Set("changes", all)
			n.Set("sha256", state.StringValue(sumOf(state.AppendJSON(nil, all))))
			pending = nil
		}
		return n
	})
	b.lines(ends, func(n *state.Node) *state.Node {
		if n.Get("stream").Text() == stream {
			num(n, -1, "events")
		}
		return n
	})
	b.stream(stream, func(n *state.Node) { num(n, -1, "exported", "events") })
	b.object("report.json", func(n *state.Node) { num(n, -1, "counts", "exported") })
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (b *insider) report(text string, path ...string) {
	b.object("report.json", func(n *state.Node) { set(n, text, path...) })
}

// firstLine edits the first line of a file.
func (b *insider) firstLine(file string, edit func(n *state.Node)) {
	first := true
	b.lines(file, func(n *state.Node) *state.Node {
		if first {
			edit(n)
		}
		first = false
		return n
	})
}

func selectsPrefix(streams, _ []string) (func(replay.StreamID, string) bool, error) {
	return func(id replay.StreamID, _ string) bool {
		return slices.ContainsFunc(streams, func(s string) bool { return strings.HasPrefix(string(id), strings.TrimSuffix(s, "*")) })
	}, nil
}

func (b *insider) verify(k *audit.Key, o audit.VerifyOptions) *audit.Verified {
	audit.Resign(b.files, k)
	return verify(b.t, place(b.t, b.files), o)
}

func TestInsiderEditsAreFound(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	whole := contents(t, write(t, exportOf(k, insiderShop())))
	o := audit.VerifyOptions{Key: v, Selects: selectsPrefix}
	if got := (&insider{t, clone(whole)}).verify(k, o); !got.Clean() {
		t.Fatal(got.Findings)
	}
	for _, e := range detectable {
		t.Run(e.name, func(t *testing.T) {
			b := &insider{t, clone(whole)}
			e.do(b)
			mustFind(t, b.verify(k, o), e.kind, e.file)
		})
	}
}

// insiderShop returns events with an anomaly to hide.
func insiderShop() []replay.Event {
	all := shop(300)
	all[50].Time = all[2].Time.Add(-time.Hour)
	return all
}

func mustFind(t *testing.T, got *audit.Verified, kind audit.Kind, file string) {
	t.Helper()
	if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool { return f.Kind == kind && f.File == file }) {
		t.Errorf("no finding %s %s in %v", kind, file, got.Findings)
	}
}

// TestRewrittenHistory checks that history sealed again from scratch is consistent,
// and that a checkpoint kept elsewhere reveals it.
func TestRewrittenHistory(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	all := shop(300)
	since := contents(t, write(t, exportOf(k, all[:200])))["checkpoint"]
	without := slices.Delete(slices.Clone(all), 20, 21)
	forged := slices.Clone(all)
	forged[20].Data = []byte(`{"sku":"x"}`)
	late := append(slices.Clone(all), replay.Event{Stream: "late", Version: 1, Type: "T", Position: 301, Time: all[0].Time, Data: []byte(`{}`)})
	for name, c := range map[string]struct {
		events []replay.Event
		found  bool
	}{
		"an event left out":               {without, true},
		"a payload rewritten":             {forged, true},
		"a backdated event, sealed later": {late, false},
	} {
		dir := write(t, exportOf(k, c.events))
		mustBeSound(t, dir, audit.VerifyOptions{Key: v})
		got := verify(t, dir, audit.VerifyOptions{Key: v, Since: since})
		if got.Clean() == c.found {
			t.Errorf("%s: clean is %v: %v", name, got.Clean(), got.Findings)
		}
	}
	// One leaf is edited, and everything above it is made consistent.
	files := contents(t, write(t, exportOf(k, all)))
	forgeLeaf(3, true)(files)
	b := &insider{t, files}
	mustFind(t, b.verify(k, audit.VerifyOptions{Key: v, Since: since}), audit.Manipulated, tree)
}

// TestUndetectableEdits checks edits that no bundle can reveal: prose, statements that
// only the owner can compute, and events that a filter in the report leaves out. The
// package comment lists them.
func TestUndetectableEdits(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	whole := contents(t, write(t, exportOf(k, shop(300))))
	for _, e := range []insiderEdit{
		{name: "the store's name", do: func(b *insider) { b.report(`"other.db"`, "source", "store") }},
		{name: "what the store hides", do: func(b *insider) { b.report(`[]`, "source", "left_out") }},
		{name: "the command", do: func(b *insider) { b.report(`["asof"]`, "command") }},
		{name: "the date", do: func(b *insider) { b.report(`"2020-01-01T00:00:00Z"`, "date") }},
		{name: "the zone", do: func(b *insider) { b.report(`"Europe/Berlin"`, "time_zone") }},
		{name: "the versions", do: func(b *insider) { b.report(`{}`, "versions") }},
		{name: "prose", do: func(b *insider) { b.files["README.txt"] = append(b.files["README.txt"], "Audited.\n"...) }},
		{name: "a state, the change to it, and the hashes", do: forgeState},
	} {
		b := &insider{t, clone(whole)}
		e.do(b)
		if got := b.verify(k, audit.VerifyOptions{Key: v, Selects: selectsPrefix}); !got.Clean() {
			t.Errorf("%s: %v", e.name, got.Findings)
		}
	}
	// The limits mention that the states are not computed again.
	if got := verify(t, place(t, whole), audit.VerifyOptions{Key: v}); len(got.Limits) == 0 {
		t.Error("no limit mentions that the projection is not run")
	}
	// A filter in the report leaves out streams.
	x := exportOf(k, shop(300))
	x.Select = audit.Selection{Match: orders, Patterns: []string{"order-"}}
	mustBeSound(t, write(t, x), audit.VerifyOptions{Key: v, Selects: selectsPrefix})
}

// forgeState adds a member to the last state of the first stream and to its last
// change.
func forgeState(b *insider) {
	name, last := "", ""
	b.firstLine(ends, func(n *state.Node) {
		name, last = n.Get("stream").Text(), n.Get("to").Node().Get("version").Text()
		to := n.Get("to").Node()
		to.Get("state").Node().Set("forged", state.BoolValue(true))
		to.Set("sha256", state.StringValue(sumOf(state.AppendSorted(nil, to.Get("state")))))
	})
	b.lines(changes, func(n *state.Node) *state.Node {
		if n.Get("stream").Text() == name && n.Get("version").Text() == last {
			c, _ := state.Parse([]byte(`{"op":"add","path":"/forged","from":null,"to":true}`))
			n.Get("changes").Node().Append(c)
			n.Set("sha256", state.StringValue(sumOf(state.AppendJSON(nil, n.Get("changes")))))
		}
		return n
	})
}

// TestEventHiddenByPeriod checks that a period leaves out exactly the events that its
// dates exclude.
func TestEventHiddenByPeriod(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	all := shop(300)
	x := exportOf(k, all)
	x.Select.To = all[200].Time
	whole := contents(t, write(t, x))
	o := audit.VerifyOptions{Key: v}
	mustBeSound(t, place(t, whole), o)
	// Hide the last event of a stream that ends within the period.
	b := &insider{t, clone(whole)}
	b.drop("cart-1", "last")
	b.stream("cart-1", func(n *state.Node) { num(n, -1, "exported", "last") })
	b.object("report.json", func(n *state.Node) { num(n, 1, "counts", "left_out", "recorded after the period") })
	mustFind(t, b.verify(k, o), audit.Missing, events)
}

// TestVersionsOutOfOrder exports a stream whose versions do not rise with the
// positions, whole and by period, and hides one of its events.
func TestVersionsOutOfOrder(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	at := func(h int) time.Time { return february.Add(time.Duration(h) * time.Hour) }
	var all []replay.Event
	for i, version := range []int{3, 1, 2, 6, 5, 4} {
		all = append(all, replay.Event{
			Stream: "a", Version: replay.Version(version), Position: replay.Position(i + 1), Type: "T",
			Time: at(version), Data: []byte(`{"n":` + string(rune('0'+version)) + `}`),
		})
	}
	whole := write(t, exportOf(k, all))
	mustBeSound(t, whole, audit.VerifyOptions{Key: v})
	if got := string(contents(t, whole)[ends]); !strings.Contains(got, `"to":{"version":6,`) || !strings.Contains(got, `"state":{"n":6}`) {
		t.Error(got)
	}
	x := exportOf(k, all)
	x.Select.From, x.Select.To = at(2), at(5)
	dir := write(t, x)
	mustBeSound(t, dir, audit.VerifyOptions{Key: v})
	if n := len(linesOf(contents(t, dir)[events])); n != 3 {
		t.Errorf("%d events in the period", n)
	}
	b := &insider{t, contents(t, dir)}
	b.drop("a", "3")
	mustFind(t, b.verify(k, audit.VerifyOptions{Key: v}), audit.Gap, events)
}

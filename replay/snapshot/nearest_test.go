package snapshot

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
)

// keptOf folds a history of n events and keeps a state after every tenth.
func keptOf(t *testing.T, n int) (*book, *Cache, *States, *[]string) {
	t.Helper()
	b := &book{content: "1"}
	for v := range n {
		b.events = append(b.events, event(replay.Version(v), "Added", fmt.Sprintf(`{"n":%d}`, v)))
	}
	var warned []string
	c := New(t.TempDir(), Options{Warn: func(s string) { warned = append(warned, s) }})
	l := statesOf(t, c, b)
	fill(t, l, n)
	return b, c, l, &warned
}

func statesOf(t *testing.T, c *Cache, b *book) *States {
	t.Helper()
	l := c.States(replay.StreamTimeline(b, "s"), replay.Fold{Reducer: fold.Merge()}, nil)
	if l == nil {
		t.Fatal("no states")
	}
	return l
}

func fill(t *testing.T, l *States, n int) {
	t.Helper()
	s := replay.Subject{Timeline: l.timeline, Fold: l.fold, Snapshots: every{l, 10}}
	b := l.timeline.Reader.(*book)
	if _, _, err := s.StateAt(context.Background(), l.timeline.Moment(&b.events[n-1])); err != nil {
		t.Fatal(err)
	}
}

func TestNearest(t *testing.T) {
	b, c, _, _ := keptOf(t, 100)
	for _, tt := range []struct {
		what    string
		content string
		edit    func()
		want    replay.Version // nearest to 95; 0 is none
		read    int            // events read to prove it
	}{
		{"the same store", "1", nil, 89, 0},
		{"a store that may have changed, and has not", "2", nil, 89, 90},
		{"proved once", "2", nil, 89, 0},
		{"a store that can't be told, and is the same", "", nil, 89, 90},
		{"an early event was rewritten", "3", func() { b.events[35].Data = []byte(`{"n":0}`) }, 29, 40},
		{"the rest was folded again", "3", func() { fill(t, statesOf(t, c, b), 100) }, 89, 0},
		{"the store was cut short", "4", func() { b.events = b.events[:55] }, 49, 55},
	} {
		b.content = tt.content
		if tt.edit != nil {
			tt.edit()
		}
		b.read = 0
		got := replay.Version(0)
		if cp := statesOf(t, c, b).Nearest(context.Background(), 95); cp != nil {
			got = cp.Version
		}
		if got != tt.want || b.read != tt.read {
			t.Errorf("%s: state at %d after reading %d events, want %d and %d", tt.what, got, b.read, tt.want, tt.read)
		}
	}
}

// What one run has proved, it need not prove again, even where the store can't be
// told from another.
func TestProvedOnce(t *testing.T) {
	b, c, _, _ := keptOf(t, 100)
	b.content = ""
	l := statesOf(t, c, b)
	for _, want := range []int{90, 0} {
		b.read = 0
		if cp := l.Nearest(context.Background(), 95); cp == nil || cp.Version != 89 || b.read != want {
			t.Errorf("%+v after reading %d events, want %d", cp, b.read, want)
		}
	}
}

// Damage of any byte is found, and costs no more than that state.
func TestDamage(t *testing.T) {
	b, c, l, warned := keptOf(t, 30)
	all := l.entries(100)
	last := all[len(all)-1]
	whole, err := os.ReadFile(l.path(last))
	if err != nil {
		t.Fatal(err)
	}
	stretch, size, err := readStretch(bytes.NewReader(whole[headerSize:]), last, l.location(last.name), nil)
	if err != nil || stretch.First || stretch.To != last.version || stretch.After != all[len(all)-2].version {
		t.Fatalf("%+v, %v", stretch, err)
	}
	for i := range len(whole) + 1 {
		bad := slices.Clone(whole)
		if i == len(whole) {
			bad = bad[:len(bad)/2]
		} else {
			bad[i] ^= 0x10
		}
		*warned = nil
		if err := os.WriteFile(l.path(last), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := statesOf(t, c, b).Before(context.Background(), last.version); ok && i >= proofAt && (i < sumAt || i >= headerSize && i < headerSize+size) {
			t.Fatalf("byte %d: the events before are known", i)
		}
		cp := statesOf(t, c, b).Nearest(context.Background(), 100)
		ofProof := i >= proofAt && i < sumAt // then it is proved again
		switch {
		case cp == nil:
			t.Fatalf("byte %d: no state at all", i)
		case ofProof && (cp.Version != 29 || len(*warned) != 0):
			t.Fatalf("byte %d: state at %d, %q", i, cp.Version, *warned)
		case !ofProof && (cp.Version != 19 || len(*warned) != 1):
			t.Fatalf("byte %d: state at %d, %q", i, cp.Version, *warned)
		}
	}
	if err := os.WriteFile(l.path(last), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if cp := l.Nearest(context.Background(), 100); cp == nil || cp.Version != 19 {
		t.Errorf("an empty file: %+v", cp)
	}
}

// What can't be written is said once, and is not in the way.
func TestUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var warned []string
	c := New(filepath.Join(file, "cache"), Options{Warn: func(s string) { warned = append(warned, s) }})
	b, _, _, _ := keptOf(t, 10)
	l := statesOf(t, c, b)
	r := l.Record(nil).(*recorder)
	for range 10 {
		r.gap, r.seen = 0, lookEvery-1
		r.Folded(func() replay.Checkpoint { return replay.Checkpoint{State: state.NewObject().Value()} })
	}
	if len(warned) != 1 || !strings.Contains(warned[0], "not a directory") {
		t.Errorf("warned %q", warned)
	}
	if cp := l.Nearest(context.Background(), 9); cp != nil {
		t.Errorf("got %+v from no place", cp)
	}
}

// The cache is held to its limit, what was used last is kept, and nothing else in
// the folder is touched.
func TestLimitAndClear(t *testing.T) {
	b, c, _, _ := keptOf(t, 50)
	first := statesOf(t, c, b)
	c.wrote.Store(1)
	var folders []*States
	for i := range 5 {
		c.o.Release = fmt.Sprint("release ", i)
		l := statesOf(t, c, b)
		fill(t, l, 50)
		folders = append(folders, l)
	}
	first.touch()
	c.o.Limit = bytesOf(t, c) / 3 * 2
	mine := filepath.Join(c.Dir(), "mine.txt")
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := c.Kept()
	if total := bytesOf(t, c); err != nil || total > c.o.Limit || len(all) == 0 || all[len(all)-1].dir != first.dir {
		t.Errorf("%d bytes are kept in %d folders, %v", total, len(all), err)
	}
	if len(folders[0].entries(100)) != 0 {
		t.Error("the least recently used entry is still there")
	}
	if err := c.Clear(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(c.Dir())
	if err != nil || len(left) != 1 || left[0].Name() != "mine.txt" {
		t.Errorf("after clear there are %v, %v", left, err)
	}
}

func bytesOf(t *testing.T, c *Cache) int64 {
	t.Helper()
	all, err := c.Kept()
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, k := range all {
		total += k.Bytes
	}
	return total
}

// A state that a fold would no longer give is found by a full replay.
func TestVerifyFindsWrongStates(t *testing.T) {
	b, _, l, _ := keptOf(t, 40)
	out, err := l.Verify(context.Background(), func(*replay.Step) {})
	if err != nil || out.States != 4 || len(out.Wrong) != 0 || out.Stale != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	e := l.entries(100)[2]
	cp, _ := l.load(e)
	cp.State.Node().Set("n", state.NumberValue("7"))
	if _, err := l.save(*cp); err != nil {
		t.Fatal(err)
	}
	b.events = b.events[:35]
	out, err = l.Verify(context.Background(), func(*replay.Step) {})
	if err != nil || out.States != 3 || fmt.Sprint(out.Wrong) != "[29]" || out.Stale != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	if left := l.entries(100); len(left) != 2 {
		t.Errorf("%d states remain", len(left))
	}
}

// So is a state that is right, with something wrong about the events before it.
func TestVerifyFindsWrongStretches(t *testing.T) {
	_, _, l, _ := keptOf(t, 40)
	cp, _ := l.load(l.entries(100)[1])
	cp.Stretch.Touched = state.Touched{}
	if _, err := l.save(*cp); err != nil {
		t.Fatal(err)
	}
	out, err := l.Verify(context.Background(), func(*replay.Step) {})
	if err != nil || out.States != 4 || fmt.Sprint(out.Wrong) != "[19]" {
		t.Fatalf("%+v, %v", out, err)
	}
}

// A timeline or fold with other answers has other states, or none.
func TestStatesBelongToTheirQuestion(t *testing.T) {
	b := &book{content: "1"}
	c := New(t.TempDir(), Options{Release: "1"})
	base := statesOf(t, c, b)
	js := script(t)
	tl := replay.StreamTimeline(b, "s")
	types := *tl
	types.Filter.Types = []string{"Added"}
	member, known := *tl, *tl
	member.Member = func(*replay.Event) (bool, error) { return true, nil }
	known.Member, known.MemberID = member.Member, "all"
	other := New(c.Dir(), Options{Release: "2"})
	for what, l := range map[string]*States{
		"another fold": c.States(tl, js, nil), "other types": c.States(&types, base.fold, nil),
		"by partition":    c.States(tl, replay.Fold{Reducer: base.fold.Reducer, Partitioned: true}, nil),
		"other events":    c.States(&known, base.fold, nil),
		"another stream":  c.States(replay.StreamTimeline(b, "t"), base.fold, nil),
		"another release": other.States(tl, base.fold, nil),
	} {
		if l == nil || l.dir == base.dir {
			t.Errorf("%s: %+v", what, l)
		}
	}
	for what, l := range map[string]*States{
		"chosen event by event":   c.States(&member, base.fold, nil),
		"an upcaster of any kind": c.States(tl, replay.Fold{Reducer: fold.Merge(), Upcaster: upcaster{}}, nil),
	} {
		if l != nil {
			t.Errorf("%s: there are states", what)
		}
	}
	if again := statesOf(t, c, b); again.dir != base.dir {
		t.Error("the same question has different states")
	}
}

type upcaster struct{}

func (upcaster) Upcast(*replay.Event) error { return nil }

func FuzzDecode(f *testing.F) {
	var c codec
	good, err := c.encode(replay.Checkpoint{State: state.NewObject().Value(), Events: 3}, proof{}, "a/b")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(slices.Clone(good))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c codec
		defer c.close()
		if len(b) > headerSize { // or nothing gets past the checksum
			sum := sha256.Sum256(b[headerSize:])
			copy(b[sumAt:], sum[:])
		}
		cp, _, err := c.decode(b, entry{version: 1}, "a/b")
		if (err == nil) != (cp != nil) {
			t.Fatalf("%+v, %v", cp, err)
		}
	})
}

func TestNames(t *testing.T) {
	vs := []replay.Version{-1 << 63, -2, -1, 0, 1, 41, 1<<63 - 1}
	var names []string
	for _, v := range vs {
		name := nameOf(v, replay.Chain{7})
		names = append(names, name)
		if e, ok := parseName(name); !ok || e.version != v || e.chain != (replay.Chain{7}) {
			t.Errorf("%d: %q is read as %+v, %v", v, name, e, ok)
		}
	}
	if !slices.IsSortedFunc(names, cmp.Compare) {
		t.Errorf("not in order: %q", names)
	}
	for _, bad := range []string{"", "x.state", strings.ToUpper(nameOf(1, replay.Chain{0xab})), nameOf(1, replay.Chain{2}) + "x", ".new-123"} {
		if e, ok := parseName(bad); ok {
			t.Errorf("%q is read as %+v", bad, e)
		}
	}
}

// TestRecordBesides holds a pass over a history of which states are kept already
// to keeping only what is between them.
func TestRecordBesides(t *testing.T) {
	_, _, l, _ := keptOf(t, 40) // at 9, 19, 29 and 39
	r := l.Record(nil).(*recorder)
	var asked []replay.Version
	for _, v := range []replay.Version{5, 12, 15, 18, 31, 45} {
		r.gap, r.seen = 0, lookEvery-1
		before := len(l.entries(100))
		r.Folded(func() replay.Checkpoint { return replay.Checkpoint{Version: v, State: state.NewObject().Value()} })
		if len(l.entries(100)) > before {
			asked = append(asked, v)
		}
	}
	if want := []replay.Version{5, 15, 18}; !slices.Equal(asked, want) {
		t.Errorf("kept at %v, want %v", asked, want)
	}
}

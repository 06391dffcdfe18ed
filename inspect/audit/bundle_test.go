package audit_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/store/storetest"
)

func TestExportIsReproducible(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t, 1, "shop")
	for _, states := range []audit.States{audit.StatesEnds, audit.StatesEach, audit.StatesNone} {
		x, y := exportOf(k, shop(120)), exportOf(k, shop(120))
		x.States, y.States = states, states
		x.Redact = redaction(t, "/data/customer", "/data/**/sku")
		y.Redact = redaction(t, "/data/customer", "/data/**/sku")
		if diff := cmp.Diff(contents(t, write(t, x)), contents(t, write(t, y))); diff != "" {
			t.Errorf("states %s: %s", states, diff)
		}
	}
}

// TestLeavesAreStable checks that last quarter's leaves are the first leaves of this
// quarter, whatever is exported or withheld.
func TestLeavesAreStable(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	all := shop(250)
	first := exportOf(k, all[:180])
	second := exportOf(k, all)
	second.Select = audit.Selection{Match: orders, Patterns: []string{"order-*"}}
	second.Redact = redaction(t, "/data/email", "/metadata")
	q1, q2 := contents(t, write(t, first)), contents(t, write(t, second))
	if !bytes.HasPrefix(q2["tree.txt"], q1["tree.txt"]) {
		t.Error("the leaves of the second quarter do not start with those of the first")
	}
	mustBeSound(t, place(t, q2), audit.VerifyOptions{Key: v, Since: q1["checkpoint"]})
	other, _ := newKey(t, 2, "shop")
	if bytes.HasPrefix(contents(t, write(t, exportOf(other, all)))["tree.txt"], q1["tree.txt"][:64]) {
		t.Error("another key gives the same leaf")
	}
}

func redaction(t testing.TB, paths ...string) *audit.Redaction {
	t.Helper()
	r, err := audit.NewRedaction(paths, "gdpr17", "dpo")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWithheldValuesAreNotExported looks for withheld values in every file.
func TestWithheldValuesAreNotExported(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	events := shop(200)
	secret := func(i int) string { return "secret-" + string(rune('a'+i%26)) + "-value" }
	for i := range events {
		s := secret(i)
		events[i].Data = []byte(`{"email":"` + s + `","deep":{"list":[{"email":"` + s + `","n":1},{"n":2}]},"kept":` + `0.10}`)
		events[i].Meta.Raw = []byte(`{"user":{"id":"` + s + `-id"},"ip":"10.0.0.1"}`)
		events[i].Meta.Actor = s + "-id" // as if a reader took it from the metadata
	}
	for _, states := range []audit.States{audit.StatesEnds, audit.StatesEach} {
		x := exportOf(k, events)
		x.States = states
		x.Redact = redaction(t, "/data/**/email", "/metadata/user")
		dir := write(t, x)
		got := mustBeSound(t, dir, audit.VerifyOptions{Key: v})
		if got.Withheld != 4*200 {
			t.Errorf("%d fields withheld", got.Withheld)
		}
		for name, b := range contents(t, dir) {
			if bytes.Contains(b, []byte("secret-")) {
				t.Errorf("states %s: %s contains a withheld value", states, name)
			}
		}
		if ev := contents(t, dir)["events.ndjson"]; !bytes.Contains(ev, []byte(`"kept":0.10`)) || !bytes.Contains(ev, []byte(`10.0.0.1`)) {
			t.Error("a value that was not withheld is missing")
		}
	}
	for _, format := range audit.Formats {
		x := exportOf(k, events)
		x.Redact = redaction(t, "/data/**/email", "/metadata/user")
		var out bytes.Buffer
		tr := audit.Trail{Export: *x}
		if _, err := tr.Write(context.Background(), &out, format); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(out.Bytes(), []byte("secret-")) || !bytes.Contains(out.Bytes(), []byte("0.10")) {
			t.Errorf("%s: %.300s", format, out.Bytes())
		}
	}
}

// TestRedactedStoredPayloads checks that a packed payload with a withheld value is
// withheld as a whole.
func TestRedactedStoredPayloads(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	events := shop(40)
	x := exportOf(k, events)
	x.Reader = packed{storetest.Memory(events)}
	mustBeSound(t, write(t, x), audit.VerifyOptions{Key: v})
	x.Redact = redaction(t, "/data/customer")
	dir := write(t, x)
	got := mustBeSound(t, dir, audit.VerifyOptions{Key: v})
	if len(got.Limits) == 0 {
		t.Error("no limit mentions the unpacked payloads")
	}
	if b := contents(t, dir)["stored.ndjson"]; bytes.Contains(b, []byte("packed:")) && strings.Count(string(b), "packed:") == 40 {
		t.Error("no stored payload was withheld")
	}
}

// packed is a store that keeps payloads in its own format.
type packed struct{ replay.Reader }

func (p packed) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for e, err := range p.Reader.Events(ctx, q) {
			if err == nil && q.Stored {
				e.Stored = &replay.Stored{Data: append([]byte("packed:\xff"), e.Data...), Meta: e.Meta.Raw}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func TestSurvivors(t *testing.T) {
	k, _ := newKey(t, 1, "shop")
	events := shop(10)
	for i := range events {
		events[i].Data = []byte(`{"email":"a@example.com","contacts":["a@example.com"]}`)
	}
	x := exportOf(k, events)
	x.Redact = redaction(t, "/data/email")
	out, err := x.Run(context.Background(), filepath.Join(t.TempDir(), "q"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []audit.Survivor{{Path: "/data/contacts/*", Events: 10}}; !slices.Equal(out.Survivors, want) {
		t.Errorf("%v, want %v", out.Survivors, want)
	}
}

func TestRedactionPaths(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"/data/email", "/data/email", true},
		{"/data/email", "/data/email/0", true},
		{"/data/email", "/data/emails", false},
		{"/data/*/email", "/data/a/email", true},
		{"/data/*/email", "/data/email", false},
		{"/data/**/email", "/data/email", true},
		{"/data/**/email", "/data/a/0/b/email", true},
		{"/data/**", "/data/a", true},
		{"/data/e*l", "/data/email", true},
		{"/data/e*l", "/data/el", true},
		{"/data/e*m*l", "/data/el", false},
		{"/data/*", "/metadata/x", false},
		{"/actor", "/actor", true},
		{"/data", "/data/x/y", true},
		{"/data/a~1b", "/data/a~1b", true},
	} {
		if got := redaction(t, c.pattern).Matches(c.path); got != c.want {
			t.Errorf("%s for %s: %v", c.pattern, c.path, got)
		}
	}
	for _, bad := range []string{"", "data", "/type", "/actor/x", "/data/**/a/**/b/**/c/**", "/stream"} {
		if _, err := audit.NewRedaction([]string{bad}, "", ""); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// TestRandomRedactions checks for random events and redactions that the export is
// sound and has the same tree as the export without redaction.
func TestRandomRedactions(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	key := rapid.SampledFrom([]string{"a", "b", "email", "x/y", "z~", "0"})
	scalar := rapid.SampledFrom([]string{`"text"`, `1.50`, `null`, `true`, `{}`, `[]`, `""`})
	var value func(depth int) *rapid.Generator[string]
	value = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			if depth == 0 || rapid.Bool().Draw(t, "scalar") {
				return scalar.Draw(t, "value")
			}
			parts := rapid.SliceOfN(value(depth-1), 1, 3).Draw(t, "parts")
			if rapid.Bool().Draw(t, "array") {
				return "[" + strings.Join(parts, ",") + "]"
			}
			seen := map[string]bool{}
			var members []string
			for _, p := range parts {
				if n := key.Draw(t, "key"); !seen[n] {
					seen[n] = true
					members = append(members, `"`+n+`":`+p)
				}
			}
			return "{" + strings.Join(members, ",") + "}"
		})
	}
	token := rapid.SampledFrom([]string{"a", "b", "email", "*", "**", "0", "x~1y", "e*"})
	rapid.Check(t, func(rt *rapid.T) {
		var events []replay.Event
		for i := range rapid.IntRange(1, 6).Draw(rt, "events") {
			events = append(events, replay.Event{
				Stream: "s-1", Version: replay.Version(i + 1), Type: "T", ID: "id-" + string(rune('a'+i)),
				Time: february.Add(time.Duration(i) * time.Hour), Data: []byte(value(4).Draw(rt, "data")),
				Meta: replay.Meta{Actor: "text", Raw: []byte(`{"m":` + value(2).Draw(rt, "meta") + `}`)},
			})
		}
		var paths []string
		for range rapid.IntRange(1, 3).Draw(rt, "paths") {
			p := "/" + rapid.SampledFrom([]string{"data", "metadata"}).Draw(rt, "part")
			for range rapid.IntRange(0, 3).Draw(rt, "tokens") {
				p += "/" + token.Draw(rt, "token")
			}
			paths = append(paths, p)
		}
		x := exportOf(k, events)
		r, err := audit.NewRedaction(paths, "", "")
		if err != nil {
			return // too many **
		}
		plain := contents(t, write(t, exportOf(k, events)))
		x.Redact = r
		dir := write(t, x)
		got := verify(t, dir, audit.VerifyOptions{Key: v})
		if !got.Clean() {
			rt.Fatalf("%v of %s: %v", paths, events[0].Data, got.Findings)
		}
		if !bytes.Equal(contents(t, dir)["checkpoint"], plain["checkpoint"]) {
			rt.Fatalf("%v: a different checkpoint", paths)
		}
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t, 1, "shop")
	parent := t.TempDir()
	dir := filepath.Join(parent, "q1")
	ctx, cancel := context.WithCancel(context.Background())
	x := exportOf(k, shop(200))
	n := 0
	x.Projection = func(id replay.StreamID, c string) (audit.Projection, error) {
		if n++; n == 3 {
			cancel()
		}
		return merged(id, c)
	}
	if _, err := x.Run(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	mustBeEmpty(t, parent)

	// A full disk at any point is an error, and no files are left behind.
	var whole int64
	for _, b := range contents(t, write(t, exportOf(k, shop(200)))) {
		whole += int64(len(b))
	}
	for after := int64(0); after < whole; after += whole / 23 {
		err := exportOf(k, shop(200)).RunFailing(context.Background(), dir, after, syscall.ENOSPC)
		var se *replay.StoreError
		if !errors.Is(err, syscall.ENOSPC) || !errors.As(err, &se) || se.Op != "write" || se.Path != dir {
			t.Fatalf("after %d bytes: %v", after, err)
		}
		mustBeEmpty(t, parent)
	}
	if err := exportOf(k, shop(200)).RunFailing(context.Background(), dir, whole, syscall.ENOSPC); err != nil {
		t.Error(err)
	}
	if _, err := exportOf(k, shop(200)).Run(context.Background(), dir); err == nil {
		t.Error("an export overwrote another one")
	}
}

func mustBeEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Fatalf("left behind: %v %v", entries, err)
	}
}

// TestPeriods checks that each event is in exactly one of several consecutive periods,
// even if a clock ran backwards.
func TestPeriods(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	events := shop(300)
	events[150].Time = events[20].Time
	cuts := []time.Time{{}, events[100].Time, events[149].Time, events[151].Time, events[250].Time, {}}
	seen := map[string]int{}
	for i := range cuts[:5] {
		x := exportOf(k, events)
		x.Select.From, x.Select.To = cuts[i], cuts[i+1]
		dir := write(t, x)
		mustBeSound(t, dir, audit.VerifyOptions{Key: v})
		for _, l := range linesOf(contents(t, dir)["events.ndjson"]) {
			if _, leaf, ok := strings.Cut(l, `"leaf":"`); ok {
				n, _, _ := strings.Cut(leaf, `"`)
				seen[n]++
			}
		}
	}
	for leaf, n := range seen {
		if n != 1 {
			t.Errorf("leaf %s is in %d periods", leaf, n)
		}
	}
	if len(seen) != 300 {
		t.Errorf("%d events are in a period, want 300", len(seen))
	}
}

func TestSample(t *testing.T) {
	k, _ := newKey(t, 1, "shop")
	dir := write(t, exportOf(k, shop(200)))
	draw := func(seed string, n int) (out []int64) {
		ps, of, err := audit.Sample(context.Background(), dir, n, seed)
		if err != nil || of != 200 {
			t.Fatal(of, err)
		}
		for _, p := range ps {
			out = append(out, p.Leaf)
		}
		return out
	}
	a, b := draw("x", 25), draw("x", 25)
	if !slices.Equal(a, b) || len(a) != 25 || !slices.IsSorted(a) || len(slices.Compact(slices.Clone(a))) != 25 {
		t.Errorf("%v %v", a, b)
	}
	if slices.Equal(a, draw("y", 25)) {
		t.Error("two seeds give the same sample")
	}
	if len(draw("x", 1000)) != 200 {
		t.Error("a sample larger than the bundle does not have all events")
	}
	if _, err := audit.Prove(context.Background(), dir, "cart-1", 9999); err == nil {
		t.Error("an event that does not exist was proved")
	}
}

func TestNoPositions(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	events := shop(60)
	for i := range events {
		events[i].Position = replay.NoPosition
	}
	dir := write(t, exportOf(k, events))
	mustBeSound(t, dir, audit.VerifyOptions{Key: v})
	got := verify(t, dir, audit.VerifyOptions{Key: v, Since: contents(t, dir)["checkpoint"]})
	if got.Clean() || len(got.Findings) > 0 {
		t.Errorf("the earlier checkpoint was checked for a store without positions: %+v", got)
	}
}

func TestAnomalies(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	events := shop(30)
	events[10].ID = events[3].ID
	events[11].Time = events[0].Time.Add(-time.Hour)
	events[12].Data, events[12].Opaque = nil, "not JSON"
	events[13].Data = []byte(`{"cut":`)
	events[14].Time = time.Time{}
	events[29].Version += 1000
	dir := filepath.Join(t.TempDir(), "q")
	x := exportOf(k, events)
	x.States = audit.StatesNone
	out, err := x.Run(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	mustBeSound(t, dir, audit.VerifyOptions{Key: v})
	for kind, want := range map[string]int64{"duplicate id": 1, "opaque payload": 2, "no time": 1} {
		if out.Anomalies[kind] != want {
			t.Errorf("%s: %d, want %d", kind, out.Anomalies[kind], want)
		}
	}
	if out.Anomalies["gap"] == 0 || out.Anomalies["time runs backwards"] == 0 {
		t.Errorf("%v", out.Anomalies)
	}
}

// TestControlTotals checks that numbers are added exactly.
func TestControlTotals(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	var events []replay.Event
	for i, n := range []string{"0.10", "0.2", "9007199254740993", "-1.005", "1e3"} {
		events = append(events, replay.Event{Stream: "s", Version: replay.Version(i + 1), Type: "T", Data: []byte(`{"n":` + n + `}`)})
	}
	dir := write(t, exportOf(k, events))
	mustBeSound(t, dir, audit.VerifyOptions{Key: v})
	if r := string(contents(t, dir)["report.json"]); !strings.Contains(r, `"sum": 9007199254740992.295,`) || !strings.Contains(r, `"not_added": 1`) {
		t.Error(r)
	}
}

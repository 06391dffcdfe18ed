package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"asof/fixtures/sqlitefile"
	"asof/fixtures/testmain"
	"asof/replay"
)

// agreeing asks one store the same question by different verbs.
type agreeing struct {
	t     *testing.T
	dir   string
	store string
}

// ask returns what a verb answers as JSON, a line each, and how it exits.
func (a *agreeing) ask(args ...string) (lines []map[string]any, code int) {
	a.t.Helper()
	var out, errs bytes.Buffer
	args = append(args[:1:1], append([]string{a.store}, append(args[1:], "--json", "--no-cache")...)...)
	code = Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &out, Err: &errs, Dir: a.dir,
		Env:      func(k string) string { return map[string]string{"TZ": "UTC"}[k] },
		Now:      func() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) },
		Terminal: func(io.Writer) (int, bool) { return 0, false },
		Exit:     func(code int) { panic(fmt.Sprintf("exit %d", code)) },
	})
	d := json.NewDecoder(&out)
	for {
		var line map[string]any
		err := d.Decode(&line)
		if err == io.EOF {
			break
		}
		if err != nil {
			a.t.Fatalf("%q prints no JSON: %v", args, err)
		}
		lines = append(lines, line)
	}
	if code > 1 {
		a.t.Fatalf("%q exits %d: %s", args, code, errs.String())
	}
	return lines, code
}

func (a *agreeing) one(args ...string) map[string]any {
	a.t.Helper()
	lines, _ := a.ask(args...)
	if len(lines) != 1 {
		a.t.Fatalf("%q answers %d lines", args, len(lines))
	}
	return lines[0]
}

func (a *agreeing) same(what string, x, y any) {
	a.t.Helper()
	if diff := gocmp.Diff(x, y); diff != "" {
		a.t.Fatalf("%s: two answers:\n%s", what, diff)
	}
}

func at(v any, path ...string) any {
	for _, k := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// oddHistory is a few streams with all that makes stores hard: positions against
// versions, clocks that run backwards, gaps, and payloads that can't be read.
func oddHistory(r *rand.Rand) []replay.Event {
	n := 1 + r.IntN(30)
	positions := r.Perm(n)
	if r.IntN(2) == 0 {
		slices.Sort(positions)
	}
	versions := map[int]replay.Version{}
	unread := r.IntN(3) == 0
	var all []replay.Event
	for i := range n {
		k := r.IntN(3)
		versions[k] += replay.Version(1 + min(r.IntN(10)/9, int(versions[k])))
		e := replay.Event{
			Stream: replay.StreamID(fmt.Sprint("s-", k)), Category: "s", Version: versions[k],
			Position: replay.Position(positions[i] + 1), ID: fmt.Sprint("id-", i), Type: "Set", Revision: 1,
			Time: time.Date(2026, 1, 1, 0, 0, i-r.IntN(10)/9*r.IntN(8), 0, time.UTC),
			Data: fmt.Appendf(nil, `{"v":%d,"k%d":%d}`, r.IntN(3), r.IntN(3), i),
		}
		// Where not one payload of a stream can be read, its state is no answer at all.
		if unread && versions[k] > 2 && r.IntN(6) == 0 {
			e.Data = []byte(`"no object"`)
		}
		all = append(all, e)
	}
	return all
}

// writeOdd writes a history as one of the stores that can hold it.
func writeOdd(t *testing.T, path string, events []replay.Event) {
	if strings.HasSuffix(path, ".ndjson") {
		var b bytes.Buffer
		for _, e := range events {
			fmt.Fprintf(&b, `{"stream":%q,"category":"s","version":%d,"position":%d,"id":%q,"type":"Set","revision":1,"time":%q,"data":%s}`+"\n",
				e.Stream, e.Version, e.Position, e.ID, e.Time.Format(time.RFC3339), e.Data)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := sqlitefile.WriteNative(context.Background(), path, slices.Values(events)); err != nil {
		t.Fatal(err)
	}
}

// TestVerbsAgree asks the same of a store by every verb that can say it: about
// one stream and about all, at the head, at a position and at a time. State,
// order, findings, what was not read and exit codes must be one answer.
func TestVerbsAgree(t *testing.T) {
	t.Parallel()
	seed := testmain.Seed(t)
	for i := range 24 {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		events := oddHistory(r)
		name := []string{"odd.ndjson", "odd.db"}[i%2]
		t.Run(fmt.Sprintf("seed %d.%d", seed, i), func(t *testing.T) {
			t.Parallel()
			a := &agreeing{t: t, dir: t.TempDir(), store: name}
			if err := os.WriteFile(filepath.Join(a.dir, "asof.toml"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			writeOdd(t, filepath.Join(a.dir, name), events)
			a.heads(events)
			a.points(r, events)
		})
	}
}

func streamsOf(events []replay.Event) []string {
	var ids []string
	for _, e := range events {
		if !slices.Contains(ids, string(e.Stream)) {
			ids = append(ids, string(e.Stream))
		}
	}
	slices.Sort(ids)
	return ids
}

// heads asks about the whole history.
func (a *agreeing) heads(events []replay.Event) {
	const bad = "state.v === 1"
	check, code := a.ask("check", "--bad", "x="+bad)
	inv := at(check[0], "invariants").([]any)[0]
	all := a.one("bisect", "--all", "--bad", bad)
	a.same("check and bisect --all", at(inv, "violations"), at(all["invariants"].([]any)[0], "violations"))
	violations, unknown := byStream(at(inv, "violations")), byStream(at(inv, "unknown"))
	if want := len(violations)+len(unknown) > 0; want != (code == 1) {
		a.t.Fatalf("check exits %d with %d violations and %d streams not known", code, len(violations), len(unknown))
	}
	patches, _ := a.ask("log", "--all", "-p")
	diffs := byStream(a.one("diff", "--all", "start", "head", "--limit", "0")["largest"])
	for _, id := range streamsOf(events) {
		replayed := a.one("replay", id)
		blamed, diffed := a.one("blame", id), a.one("diff", id+"@start..head")
		bisected := a.one("bisect", id, "--bad", bad)
		for what, other := range map[string]map[string]any{"blame": blamed, "diff": diffed, "bisect": bisected} {
			a.same(id+": account of replay and "+what, replayed["account"], other["account"])
		}
		unread, _ := at(unknown[id], "unread").(float64)
		a.same(id+": unread in replay and check", at(replayed, "account", "unread"), unread)
		a.bisected(id, bisected, violations[id], unread)
		logged, _ := a.ask("log", id, "-p")
		var own []any
		for _, line := range patches {
			if line["stream"] == id {
				own = append(own, []any{line["version"], line["changes"]})
			}
		}
		var alone []any
		for _, line := range logged {
			alone = append(alone, []any{line["version"], line["changes"]})
		}
		a.same(id+": log and log --all", alone, own)
		stat := a.one("diff", id+"@start..head", "--stat")["stat"].(map[string]any)
		a.same(id+": diff and diff --all", sum(stat), sum(at(diffs[id], "stat").(map[string]any)))
	}
}

// bisected holds what bisect says of a stream to what check found in it.
func (a *agreeing) bisected(id string, b map[string]any, violation any, unread float64) {
	a.t.Helper()
	found := b["verdict"] == "found" // an invariant can also be violated from the first event on
	if found != (violation != nil && at(violation, "from_start") == false) {
		a.t.Fatalf("%s: bisect finds %v, check finds %v", id, b["verdict"], violation)
	}
	if b["verdict"] == "never_bad" && unread > 0 {
		a.t.Fatalf("%s is never bad, and %v payloads were not read", id, unread)
	}
	if found {
		a.same(id+": culprit", at(b, "culprit", "version"), at(violation, "culprit", "version"))
		a.same(id+": bad at the end", b["to_bad"], at(violation, "recovered") == false)
		a.same(id+": the cause is looked for", at(violation, "cause_sought"), true)
		a.same(id+": cause", b["cause"], at(violation, "cause"))
	}
}

// points asks about moments.
func (a *agreeing) points(r *rand.Rand, events []replay.Event) {
	const bad = "state.v === 1"
	for _, point := range []string{
		fmt.Sprint("pos:", 1+r.IntN(len(events))),
		time.Date(2026, 1, 1, 0, 0, r.IntN(len(events)), 0, time.UTC).Format(time.RFC3339),
	} {
		happened := false
		for _, id := range streamsOf(events) {
			happened = happened || at(a.one("replay", id, "--at", point), "moment", "version") != nil
		}
		if !happened {
			continue // check refuses it
		}
		lines, _ := a.ask("check", "--bad", "x="+bad, "--at", point)
		violations := byStream(at(lines[0]["invariants"].([]any)[0], "violations"))
		for _, id := range streamsOf(events) {
			a.bisected(id+" at "+point, a.one("bisect", id, "--bad", bad, "--to", point), violations[id], 0)
		}
	}
}

func byStream(list any) map[string]any {
	out := map[string]any{}
	for _, one := range list.([]any) {
		out[at(one, "stream").(string)] = one
	}
	return out
}

func sum(stat map[string]any) float64 {
	return stat["added"].(float64) + stat["removed"].(float64) + stat["replaced"].(float64)
}

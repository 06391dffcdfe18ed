//go:build unix

package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"text/tabwriter"
	"time"

	"asof/fixtures"
)

//go:embed peers
var peers embed.FS

// A kase is one thing that is measured.
type kase struct {
	name   string
	group  string // cases of one group are compared with its first asof case
	events int    // that it is about; 0: a time for each event says nothing
	env    []string
	args   []string
	before func() error // not measured
	answer string       // answers of the same name are the same JSON

	took []time.Duration
	peak int64 // bytes
	out  []byte
}

func (b *bench) cases() []*kase {
	one, many := b.store("one"), b.store("many")
	js := b.peer("cart.js")
	cache := filepath.Join(b.dir, "cache")
	half := fixtures.BenchStream + "@" + strconv.Itoa(b.events/2)
	cold := []string{"--no-cache", "--json"}
	warm := []string{"--cache-dir", cache, "--json"}
	asof := func(more []string, args ...string) []string {
		return append(append([]string{b.asof}, args...), more...)
	}
	bad := []string{"--bad", "state.n < 0"}
	cs := []*kase{
		{name: "asof replay, merge", group: "merge", events: b.events, args: asof(cold, "replay", one, fixtures.BenchStream), answer: "merge"},
		{name: "asof replay, JavaScript", group: "JavaScript", events: b.events, args: asof(cold, "replay", one, fixtures.BenchStream, "--fold", js), answer: "JavaScript"},
		{name: "asof bisect --bad, JavaScript", group: "JavaScript", events: b.events, args: asof(append(slices.Clone(cold), bad...), "bisect", one, fixtures.BenchStream, "--fold", js)},
		{name: "asof replay at half, second look", group: "second look", args: asof(warm, "replay", one, half), before: b.warm(asof(warm, "replay", one, fixtures.BenchStream))},
		{name: "asof replay at half, first look", group: "second look", args: asof(cold, "replay", one, half)},
		{name: "asof check, one core", group: "check", events: b.events, env: []string{"GOMAXPROCS=1"}, args: asof(cold, "check", many, "--good", "small=true")},
		{name: "asof check", group: "check", events: b.events, args: asof(cold, "check", many, "--good", "small=true")},
		{name: "asof --version", group: "start-up", args: []string{b.asof, "--version"}},
	}
	return append(cs, b.peerCases(one, js)...)
}

// warm fills the cache, once.
func (b *bench) warm(args []string) func() error {
	done := false
	return func() error {
		if done {
			return nil
		}
		done = true
		return output(exec.Command(args[0], args[1:]...))
	}
}

// peerCases are those that are installed.
func (b *bench) peerCases(one, js string) []*kase {
	var cs []*kase
	stream := fixtures.BenchStream
	if cc, err := exec.LookPath("cc"); err == nil {
		floor := filepath.Join(b.dir, "floor")
		if output(exec.Command(cc, "-O2", "-o", floor, b.peer("floor.c"), "-lsqlite3")) == nil {
			cs = append(cs, &kase{name: "C, stepping the rows (the floor)", group: "merge", events: b.events, args: []string{floor, one, stream}})
		}
	}
	if has("python3") {
		cs = append(cs, &kase{name: "Python: sqlite3, json, dict", group: "merge", events: b.events, args: []string{"python3", b.peer("merge.py"), one, stream}, answer: "merge"})
	}
	if has("sqlite3") && has("jq") {
		n := max(1, b.events/50) // the whole would take minutes
		sql := fmt.Sprintf("SELECT data FROM asof_events WHERE stream = '%s' ORDER BY version LIMIT %d", stream, n)
		cs = append(cs, &kase{
			name: "sqlite3 | jq, of 1 in 50 events", group: "merge", events: n,
			args: []string{"sh", "-c", `sqlite3 -readonly "$1" "$2" | jq -cn 'reduce inputs as $e ({}; . * $e)'`, "sh", one, sql},
		})
	}
	if has("node") && exec.Command("node", "-e", "require('better-sqlite3')").Run() == nil {
		cs = append(cs, &kase{name: "Node: better-sqlite3, the same handlers", group: "JavaScript", events: b.events, args: []string{"node", b.peer("node.cjs"), one, stream, js}, answer: "JavaScript"})
	}
	return cs
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// peer writes a peer's source to the folder and returns its path.
func (b *bench) peer(name string) string {
	text, err := peers.ReadFile("peers/" + name)
	if err == nil {
		err = os.WriteFile(filepath.Join(b.dir, name), text, 0o644)
	}
	if err != nil {
		panic(err) // it is embedded, and the folder is ours
	}
	return filepath.Join(b.dir, name)
}

func (k *kase) measure() error {
	if k.before != nil {
		if err := k.before(); err != nil {
			return err
		}
	}
	c := exec.Command(k.args[0], k.args[1:]...)
	c.Env = append(os.Environ(), k.env...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	start := time.Now()
	err := c.Run()
	k.took = append(k.took, time.Since(start))
	if err != nil {
		return fmt.Errorf("%w\n%s", err, errs.Bytes())
	}
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak := int64(u.Maxrss)
		if runtime.GOOS != "darwin" {
			peak *= 1024
		}
		k.peak = max(k.peak, peak)
	}
	k.out = out.Bytes()
	return nil
}

func (k *kase) median() time.Duration {
	all := slices.Sorted(slices.Values(k.took))
	return all[len(all)/2]
}

// report prints a table in Markdown. A ratio is to asof's first case of the group:
// 2 is twice as long.
func report(w io.Writer, cases []*kase) {
	base := map[string]*kase{}
	for _, c := range cases {
		if base[c.group] == nil {
			base[c.group] = c
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', tabwriter.Debug)
	fmt.Fprintln(t, "\t median\t from – to\t µs an event\t ratio\t peak memory\t")
	fmt.Fprintln(t, "---\t---:\t---:\t---:\t---:\t---:\t")
	for _, c := range cases {
		each, ratio := "", ""
		m, first := c.median(), base[c.group]
		if c.events > 0 {
			each = fmt.Sprintf("%.2f", float64(m.Microseconds())/float64(c.events))
		}
		if first != c {
			r := m.Seconds() / first.median().Seconds()
			if c.events > 0 && first.events > 0 {
				r *= float64(first.events) / float64(c.events)
			}
			ratio = fmt.Sprintf("%.2f", r)
		}
		fmt.Fprintf(t, "%s\t %s\t %s – %s\t %s\t %s\t %d MB\t\n", c.name, shown(m), shown(slices.Min(c.took)), shown(slices.Max(c.took)), each, ratio, c.peak/1e6)
	}
	_ = t.Flush()
}

func shown(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// sameAnswers compares the states that asof and its peers came to.
func sameAnswers(cases []*kase) error {
	want := map[string]any{}
	for _, c := range cases {
		if c.answer == "" {
			continue
		}
		var v any
		if err := json.Unmarshal(c.out, &v); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if o, ok := v.(map[string]any); ok && o["moment"] != nil { // asof's own
			v = o["state"]
		}
		if first, ok := want[c.answer]; !ok {
			want[c.answer] = v
		} else if !reflect.DeepEqual(first, v) {
			return fmt.Errorf("%s: another answer than asof's", c.name)
		}
	}
	return nil
}

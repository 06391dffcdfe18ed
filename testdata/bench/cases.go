//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"asof/fixtures"
	"asof/fixtures/demo"
)

// The projections: one finds items in an array, the other has them by key.
const (
	inArray = "cart.js"
	bySKU   = "bysku.js"
)

// cases returns all cases, each next to those it is compared with.
func (b *bench) cases() []*kase {
	one := b.store("one")
	cs := b.mergeCases(one)
	cs = append(cs, b.mergePeers(one)...)
	for _, script := range []string{inArray, bySKU} {
		cs = append(cs, b.scriptCases(one, script)...)
		cs = append(cs, b.scriptPeers(one, script)...)
	}
	cs = append(cs, b.moneyCases(one)...)
	cs = append(cs, b.textCases()...)
	cs = append(cs, b.libraryCases()...)
	cs = append(cs, b.secondLooks(one)...)
	cs = append(cs, b.bisectRun(one)...)
	cs = append(cs, b.checkCases(b.store("many"))...)
	cs = append(cs, b.queryCases(b.store("many"))...)
	cs = append(cs, b.listCases(b.store("many"))...)
	cs = append(cs, b.rowCases()...)
	cs = append(cs, b.screenCases()...)
	return append(cs, b.startCases()...)
}

// rowCases ask a history of rows what the native store is asked: of a row with all versions,
// of one of many rows, and of all of them.
func (b *bench) rowCases() []*kase {
	const row = "shop_cart/"
	var cs []*kase
	for _, q := range []struct{ name, verb, store string }{
		{"asof replay", "replay", "one"}, {"asof blame", "blame", "one"}, {"asof replay of one of many", "replay", "many"},
	} {
		group := "rows, " + q.name
		cs = append(cs, b.inGroup(group, 0, []*kase{
			{name: q.name + ", native", args: b.cold(q.verb, b.store(q.store), fixtures.BenchStream)},
			{name: q.name + ", rows of PaperTrail", args: b.cold(q.verb, b.store("rows-"+q.store), row+fixtures.BenchStream)},
			{name: q.name + ", rows of simple-history", args: b.cold(q.verb, b.store("simple-"+q.store), row+fixtures.BenchStream)},
		})...)
	}
	good := []string{"--good", "state.n !== -1"}
	return append(cs, b.inGroup("rows, check", b.events, []*kase{
		{name: "asof check, native", args: b.cold(append([]string{"check", b.store("many")}, good...)...)},
		{name: "asof check, rows of PaperTrail", args: b.cold(append([]string{"check", b.store("rows-many")}, good...)...)},
		{name: "asof check, rows of simple-history", args: b.cold(append([]string{"check", b.store("simple-many")}, good...)...)},
	})...)
}

// cold returns a command line of asof without its cache.
func (b *bench) cold(args ...string) []string {
	return append(append([]string{b.asof}, args...), "--no-cache", "--json")
}

// warm returns a command line of asof with a cache folder.
func (b *bench) warm(args ...string) []string {
	return append(append([]string{b.asof}, args...), "--cache-dir", filepath.Join(b.dir, "cache"), "--json")
}

// first returns a function that runs a command once, before the first run of a case.
func first(args []string) func() error {
	done := false
	return func() error {
		if done {
			return nil
		}
		done = true
		return output(exec.Command(args[0], args[1:]...))
	}
}

func (b *bench) inGroup(group string, events int, cs []*kase) []*kase {
	for _, c := range cs {
		c.group, c.events = group, events
	}
	return cs
}

func (b *bench) mergeCases(store string) []*kase {
	replay := b.cold("replay", store, fixtures.BenchStream)
	return b.inGroup("merge", b.events, []*kase{
		{name: "asof replay, merge", args: replay, answer: "merge"},
		b.caching("merge", store),
		b.bisect("merge, never bad", "state.qty < 0", store),
		b.bisect("merge, bad from 7/10 on", b.badFrom("event.version"), store),
	})
}

func (b *bench) scriptCases(store, script string) []*kase {
	name, fold := "JavaScript", b.peer(script)
	if script == bySKU {
		name = "JavaScript by key"
	}
	replay := &kase{name: "asof replay, " + name, args: b.cold("replay", store, fixtures.BenchStream, "--fold", fold), answer: script}
	cs := []*kase{replay}
	if script == inArray {
		cs = append(cs,
			b.caching(script, store, "--fold", fold),
			b.bisect(name+", never bad", "state.n < 0", store, "--fold", fold),
			b.bisect(name+", bad from 7/10 on", b.badFrom("state.n"), store, "--fold", fold),
			&kase{name: "asof why, " + name, args: b.cold("why", store, fixtures.BenchStream, "/n", "--depth", "1", "--fold", fold)})
	}
	return b.inGroup(script, b.events, cs)
}

// moneyCases fold a total with Decimals.
func (b *bench) moneyCases(store string) []*kase {
	cs := []*kase{{name: "asof replay, JavaScript with Decimals", args: b.cold("replay", store, fixtures.BenchStream, "--fold", b.peer("money.js")), answer: "money"}, {name: "the same handlers without Decimals", args: b.cold("replay", store, fixtures.BenchStream, "--fold", b.peer("numbers.js"))}}
	if b.has("Python") {
		cs = append(cs, &kase{name: "Python: sqlite3, json, decimal, the same fold", args: []string{"python3", b.peer("money.py"), store, fixtures.BenchStream}, answer: "money"})
	}
	return b.inGroup("money", b.events, cs)
}

// caching is a replay that also writes states to a cache, which is empty before each
// run.
func (b *bench) caching(answer, store string, more ...string) *kase {
	dir := filepath.Join(b.dir, "cache-new")
	args := append([]string{b.asof, "replay", store, fixtures.BenchStream, "--cache-dir", dir, "--json"}, more...)
	return &kase{
		name: "the same, caching states for later", args: args, answer: answer,
		before: func() error { return os.RemoveAll(dir) },
	}
}

func (b *bench) bisect(name, bad, store string, more ...string) *kase {
	args := append([]string{"bisect", store, fixtures.BenchStream, "--bad", bad}, more...)
	return &kase{name: "asof bisect --bad, " + name, args: b.cold(args...)}
}

// badFrom returns a predicate that holds from seven tenths of the stream on. count is an
// expression for the number of events.
func (b *bench) badFrom(count string) string {
	return fmt.Sprintf("%s >= %d", count, b.events*7/10)
}

// secondLooks are questions about a stream that was replayed before.
func (b *bench) secondLooks(store string) []*kase {
	at := func(part float64) string {
		return fixtures.BenchStream + "@" + strconv.Itoa(max(1, int(part*float64(b.events))))
	}
	looked := first(b.warm("replay", store, fixtures.BenchStream))
	cs := []*kase{
		{name: "asof replay at 1/2, second look", args: b.warm("replay", store, at(0.5)), before: looked, answer: "half"},
		{name: "the same, first look", args: b.cold("replay", store, at(0.5)), answer: "half"},
	}
	for _, v := range []struct {
		name string
		part float64
	}{{"1/100", 0.01}, {"1/3", 1.0 / 3}, {"4/5", 0.8}, {"the head", 1}} {
		cs = append(cs, &kase{name: "asof show at " + v.name + ", second look", args: b.warm("show", store, at(v.part)), before: looked})
	}
	for _, q := range [][]string{{"why", "/n", "--depth", "1"}, {"why", "/items/7/sku"}, {"blame"}, {"bisect", "--bad", "!state.items"}} {
		args := b.warm(append([]string{q[0], store, fixtures.BenchStream, "--fold", b.peer(inArray)}, q[1:]...)...)
		cs = append(cs, &kase{
			name: "asof " + strings.Join(q[:min(2, len(q))], " ") + " at the head, JavaScript, second look", args: args,
			before: first(b.warm("replay", store, fixtures.BenchStream, "--fold", b.peer(inArray))),
		})
	}
	return b.inGroup("second look", 0, cs)
}

// bisectRun is a search with a command over cached states, and the same number of runs
// of the command alone. The difference is asof's share.
func (b *bench) bisectRun(store string) []*kase {
	fold := b.peer(inArray)
	test := fmt.Sprintf(`n=$(sed 's/.*"n":\([0-9]*\).*/\1/' "$ASOF_STATE"); test "$n" -lt %d`, b.events*7/10)
	search := &kase{
		name:   "asof bisect --run, over cached states",
		args:   b.warm("bisect", store, fixtures.BenchStream, "--fold", fold, "--run", test),
		before: first(b.warm("replay", store, fixtures.BenchStream, "--fold", fold)),
		keep:   true,
	}
	alone := &kase{name: "its commands alone"}
	alone.before = func() error {
		var found struct{ Tests int }
		if err := json.Unmarshal(search.out, &found); err != nil {
			return err
		}
		st, err := exec.Command(b.asof, b.warm("replay", store, fixtures.BenchStream, "--fold", fold)[1:]...).Output()
		if err != nil {
			return err
		}
		path := filepath.Join(b.dir, "state.json")
		alone.env = []string{"ASOF_STATE=" + path}
		alone.args = []string{"sh", "-c", `for i in $(seq "$1"); do sh -c "$2" <"$ASOF_STATE"; done; :`, "sh", strconv.Itoa(found.Tests), test}
		return os.WriteFile(path, st, 0o644)
	}
	return b.inGroup("bisect --run", 0, []*kase{search, alone})
}

func (b *bench) checkCases(store string) []*kase {
	args := b.cold("check", store, "--good", "small=true")
	some := b.cold("bisect", store, "--all", "--bad", `event && event.stream.endsWith("77") && event.version == 50`)
	return b.inGroup("check", b.events, []*kase{
		{name: "asof check, many streams, two cores", env: []string{"GOMAXPROCS=2"}, args: args, answer: "check"},
		{name: "the same on one core", env: []string{"GOMAXPROCS=1"}, args: args, answer: "check"},
		{name: "asof bisect --all, one stream in a hundred bad", env: []string{"GOMAXPROCS=2"}, args: some},
		{name: "the same with --explain", env: []string{"GOMAXPROCS=2"}, args: append(some[:len(some):len(some)], "--explain")},
		{name: "asof check --explain, one stream in a hundred bad", env: []string{"GOMAXPROCS=2"}, args: b.cold("check", store, "--good", `!event || !event.stream.endsWith("77") || event.version < 50`, "--explain"), exit: 1},
		{name: "asof mine", env: []string{"GOMAXPROCS=2"}, args: b.cold("mine", store)},
	})
}

// screenCases are those of the full screen: the first one of a store, and a step in a
// stream after it was folded.
func (b *bench) screenCases() []*kase {
	browse := func(args ...string) []string { return append([]string{b.asof, "browse", "--no-cache"}, args...) }
	one, many := b.store("one"), b.store("many")
	return b.inGroup("browse", 0, []*kase{
		{name: "asof browse, first screen, one stream", args: browse(one), screen: &screen{shows: fixtures.BenchStream}},
		{name: "asof browse, first screen, many streams", args: browse(many), screen: &screen{shows: "cart-1"}},
		{name: "asof browse, a step back from the head", args: browse(one, fixtures.BenchStream), screen: &screen{shows: "▾ state", step: "\x1b[D"}},
		{name: "asof browse, a step back from the head, NDJSON", args: browse(b.store("lines"), fixtures.BenchStream), screen: &screen{shows: "▾ state", step: "\x1b[D"}},
	})
}

// listCases list the streams of a store, and of the same events in a table without an index,
// and export all events.
func (b *bench) listCases(store string) []*kase {
	table := []string{"--table", "ev", "--map", "stream=stream,version=version,position=rowid,time=time,type=type,data=data"}
	streams := []*kase{
		{name: "asof streams", args: b.cold("streams", store)},
		{name: "asof streams, a table without an index", args: b.cold(append([]string{"streams", b.store("plain")}, table...)...)},
	}
	export := []*kase{{name: "asof log --all --json", args: b.cold("log", store, "--all")}}
	if b.has("sqlite3") {
		sql := func(text string) []string { return []string{"sqlite3", "-readonly", "-json", store, text} }
		streams = append(streams, &kase{
			name: "sqlite3 -json: GROUP BY",
			args: sql("SELECT stream, category, count(*), min(version), max(version), min(time), max(time) FROM asof_events GROUP BY stream"),
		})
		export = append(export, &kase{name: "sqlite3 -json: every column", args: sql("SELECT * FROM asof_events ORDER BY position")})
	}
	return append(b.inGroup("streams", b.events, streams), b.inGroup("export", b.events, export)...)
}

// queryCases ask in SQL about all states, which should cost at most 1.2 times a check of one
// rule, and about one stream, which should cost a replay of it once the columns are cached.
func (b *bench) queryCases(store string) []*kase {
	all := b.cold("query", store, "SELECT count(*), sum(qty), max(version) FROM state")
	star := b.warm("query", store, "SELECT * FROM state WHERE stream = '"+fixtures.BenchStream+"'")
	return append(
		b.inGroup("query, all states", b.events, []*kase{
			{name: "asof check of one rule", args: b.cold("check", store, "--good", "small=true")},
			{name: "asof query of all states", args: all},
		}),
		b.inGroup("query, one stream", 0, []*kase{
			{name: "asof replay of one stream of many", args: b.cold("replay", store, fixtures.BenchStream)},
			{name: "asof query of one column of it", args: b.cold("query", store, "SELECT qty FROM state WHERE stream = '"+fixtures.BenchStream+"'")},
			{name: "asof query of all columns of it, cached", args: star, before: first(star)},
		})...)
}

func (b *bench) startCases() []*kase {
	folder := filepath.Join(b.dir, "demo")
	written := func() error {
		if _, err := os.Stat(folder); err == nil {
			return nil
		}
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		c := exec.Command(b.asof, "demo")
		c.Dir = folder
		return output(c)
	}
	return b.inGroup("start-up", 0, []*kase{
		{name: "asof --version", args: []string{b.asof, "--version"}},
		{name: "asof info, of the demo's store", args: []string{b.asof, "info", filepath.Join(folder, demo.Store)}, before: written},
	})
}

// only returns the cases whose name matches, and those they are compared with.
func (b *bench) only(all []*kase) []*kase {
	groups := map[string]bool{}
	var cs []*kase
	for _, c := range all {
		base := !groups[c.group]
		groups[c.group] = true
		wanted := slices.ContainsFunc(all, func(o *kase) bool { return o.group == c.group && b.pattern.MatchString(o.name) })
		if b.pattern.MatchString(c.name) || base && wanted {
			cs = append(cs, c)
		}
	}
	return cs
}

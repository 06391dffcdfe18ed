//go:build unix

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"asof/fixtures"
	"asof/fixtures/write"
)

// needs has a command for each requirement of a peer. The command prints the version
// and fails if the requirement is not installed.
var needs = map[string][]string{
	"C with SQLite":        {"sh", "-c", `printf '#include <sqlite3.h>\nSQLITE_VERSION\n' | cc -E -P - | tail -1`},
	"Python":               {"python3", "-c", "import platform; print(platform.python_version())"},
	"Python eventsourcing": {"python3", "-c", "import eventsourcing.sqlite, importlib.metadata as m; print(m.version('eventsourcing'))"},
	"sqlite3":              {"sqlite3", "--version"},
	"jq":                   {"jq", "--version"},
	"Node":                 {"node", "--version"},
	"better-sqlite3":       {"node", "-p", "new (require('better-sqlite3'))(':memory:'); require('better-sqlite3/package.json').version"},
	"emmett-sqlite":        {"node", "-p", "require('@event-driven-io/emmett-sqlite'); JSON.parse(fs.readFileSync(require.resolve('@event-driven-io/emmett-sqlite').replace(/dist.*/, 'package.json'))).version"},
}

// has reports whether all the named requirements are installed. It records the
// versions for the report.
func (b *bench) has(names ...string) bool {
	all := true
	for _, name := range names {
		version, ok := b.versions[name]
		if !ok {
			out, err := exec.Command(needs[name][0], needs[name][1:]...).Output()
			if err == nil {
				version, _, _ = strings.Cut(strings.TrimSpace(string(out)), " ")
			}
			b.versions[name] = version
		}
		all = all && version != ""
	}
	return all
}

// mergePeers fold the same events by merge as mergeCases.
func (b *bench) mergePeers(store string) []*kase {
	var cs []*kase
	if b.has("C with SQLite") {
		floor := filepath.Join(b.dir, "floor")
		if err := output(exec.Command("cc", "-O2", "-o", floor, b.peer("floor.c"), "-lsqlite3")); err == nil {
			cs = append(cs, &kase{name: "C, stepping the rows (the floor)", args: []string{floor, store, fixtures.BenchStream}})
		} else {
			b.versions["C with SQLite"] = "" // the header exists, but not the library
		}
	}
	if b.has("Python") {
		cs = append(cs, &kase{name: "Python: sqlite3, json, dict", args: []string{"python3", b.peer("merge.py"), store, fixtures.BenchStream}, answer: "merge"})
	}
	if b.has("sqlite3", "jq") {
		cs = append(cs, &kase{name: "sqlite3 | jq", args: jq(store, "data", "reduce inputs as $e ({}; . * $e)"), answer: "merge"})
	}
	return b.inGroup("merge", b.events, cs)
}

// jq returns a command that pipes an SQL expression of each event into a jq program.
func jq(store, expression, program string) []string {
	sql := fmt.Sprintf("SELECT %s FROM asof_events WHERE stream = '%s' ORDER BY version", expression, fixtures.BenchStream)
	return []string{"sh", "-c", `sqlite3 -readonly "$1" "$2" | jq -cn "$3"`, "sh", store, sql, program}
}

// scriptPeers run the handlers of a script, or equivalent ones.
func (b *bench) scriptPeers(store, script string) []*kase {
	var cs []*kase
	if b.has("Node", "better-sqlite3") {
		cs = append(cs, &kase{
			name: "Node: better-sqlite3, the same handlers",
			args: []string{"node", b.peer("node.cjs"), store, fixtures.BenchStream, b.peer(script)}, answer: script,
		})
	}
	if script == bySKU && b.has("sqlite3", "jq") {
		const event = `'{"type":"' || type || '","data":' || data || '}'`
		cs = append(cs, &kase{name: "sqlite3 | jq, the same fold", args: jq(store, event, b.text("bysku.jq")), answer: script})
	}
	return b.inGroup(script, b.events, cs)
}

// libraryCases load an aggregate from a library's own store, with asof and with the
// library.
func (b *bench) libraryCases() []*kase {
	var cs []*kase
	n := b.libraryEvents()
	fold := b.peer(bySKU)
	if store, id := b.store("eventsourcing"), write.PythonID(fixtures.BenchStream); b.has("Python", "Python eventsourcing") {
		cs = append(cs, b.inGroup("eventsourcing", n, []*kase{
			{name: "asof replay, JavaScript, a store of eventsourcing", args: b.cold("replay", store, id, "--fold", fold), answer: "library"},
			{name: "Python eventsourcing: repository.get", args: []string{"python3", b.peer("repository.py"), store, id}, answer: "library"},
		})...)
	}
	if store := b.store("emmett"); b.has("Node", "emmett-sqlite") {
		cs = append(cs, b.inGroup("emmett", n, []*kase{
			{name: "asof replay, JavaScript, a store of Emmett", args: b.cold("replay", store, fixtures.BenchStream, "--fold", fold), answer: "library"},
			{name: "Emmett: aggregateStream, the same handlers", args: []string{"node", b.peer("emmett.cjs"), store, fixtures.BenchStream, fold}, answer: "library"},
		})...)
	}
	return cs
}

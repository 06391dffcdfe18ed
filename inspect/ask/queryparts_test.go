package ask_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/fixtures/sqlitefile"
	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

// TestConditionsOnPartitions holds the tables of a projection over many streams, with
// conditions, to the same tables filtered by SQLite alone. The events of a partition are of
// several streams and categories.
func TestConditionsOnPartitions(t *testing.T) {
	dir, project := t.TempDir(), ""
	for name, text := range map[string]string{
		"parts": `fromAll().partitionBy(e => e.data.p).when({ $init: () => ({ n: 0 }), $any: (s, e) => { s.n++; s[e.type] = e.data.q } })`,
		"whole": `fromAll().when({ $init: () => ({ n: 0 }), $any: (s, e) => { s.n++; s[e.type] = e.data.q } })`,
	} {
		project += fmt.Sprintf("[[projection]]\nname = %q\nfold = \"%s.js\"\n", name, name)
		if err := os.WriteFile(filepath.Join(dir, name+".js"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "asof.toml"), []byte(project), 0o600); err != nil {
		t.Fatal(err)
	}
	columns := map[string]string{
		"":         "stream, category, version, position, time, state",
		"_history": "stream, category, version, position, time, type, state, changed, since_position, until_position, until_time",
		"_changes": `stream, category, version, position, time, type, op, path, "from", "to"`,
	}
	stores := 0
	rapid.Check(t, func(t *rapid.T) {
		var events []replay.Event
		versions := map[replay.StreamID]replay.Version{}
		for i := range rapid.IntRange(1, 20).Draw(t, "events") {
			id := replay.StreamID(fmt.Sprint("s-", rapid.IntRange(0, 3).Draw(t, "stream")))
			versions[id]++
			part := rapid.SampledFrom([]string{`"a"`, `"b"`, `"c/d"`, `null`}).Draw(t, "part")
			events = append(events, replay.Event{
				Stream: id, Category: "c" + string(id[2:]), Version: versions[id], Position: replay.Position(2 * (i + 1)), ID: fmt.Sprint("id-", i), Type: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "type"),
				Time: replay.Event{}.Time.AddDate(2025, 0, i/2), Data: fmt.Appendf(nil, `{"p":%s,"q":%d}`, part, rapid.IntRange(0, 1).Draw(t, "q")),
			})
		}
		stores++
		store := fmt.Sprintf("shop-%d.db", stores)
		if err := sqlitefile.WriteNative(context.Background(), filepath.Join(dir, store), slices.Values(events)); err != nil {
			t.Fatal(err)
		}
		w := workspace.New(workspace.Host{Dir: dir, Getenv: func(string) string { return "" }}, workspace.Options{NoCache: true})
		defer w.Close()
		rows := func(sql string) string {
			var all []string
			q := ask.Query{SQL: sql}
			q.Store = store
			for row, err := range q.Ask(context.Background(), w.Begin(func(replay.Notice) {})) {
				if err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
				if row.Values != nil {
					all = append(all, fmt.Sprint(row.Values...))
				}
			}
			return strings.Join(all, "\n")
		}
		kind := rapid.SampledFrom([]string{"", "_history", "_changes"}).Draw(t, "kind")
		table := rapid.SampledFrom([]string{"parts", "whole"}).Draw(t, "projection") + kind
		e := rapid.SampledFrom(events).Draw(t, "event")
		of := []string{
			fmt.Sprintf("category = '%s'", e.Category), fmt.Sprintf("position >= %d", e.Position), fmt.Sprintf("version = %d", e.Version),
			"stream = 'a'", "stream = 'c/d'", "stream = 'whole'", fmt.Sprintf("time < '%s'", e.Time.Format("2006-01-02")),
		}
		if kind != "" {
			of = append(of, "type = 'A'")
		}
		where := rapid.SampledFrom(of).Draw(t, "one") + rapid.SampledFrom([]string{" AND ", " OR "}).Draw(t, "and") + rapid.SampledFrom(of).Draw(t, "other")
		list := columns[kind]
		got := rows(fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s", list, table, where, list))
		want := rows(fmt.Sprintf("SELECT %s FROM (SELECT * FROM %s LIMIT -1 OFFSET 0) WHERE %s ORDER BY %s", list, table, where, list))
		if got != want {
			t.Fatalf("%s WHERE %s:\n%s\nwithout the condition in the table:\n%s", table, where, got, want)
		}
	})
}

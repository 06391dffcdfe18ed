package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/testdb"
)

// TestQueriesUseIndexes checks that the important queries use an index and no sorting.
func TestQueriesUseIndexes(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, ddl string }{
		{"asof_events", strings.Split(testdb.NativeDDL, "PRAGMA")[0]},
		{"stored_events", testdb.PythonDDL},
		{"emt_messages", testdb.EmmettDDL},
		{"stored_events", testdb.PythonDDL + " WITHOUT ROWID"},
	} {
		path := filepath.Join(dir, fmt.Sprintf("%d.db", len(c.ddl)))
		testdb.Build(t, path, nil, c.ddl)
		r := mustOpen(t, path, store.Options{})
		queries := map[string]replay.Query{
			"one stream":   {Streams: []replay.StreamID{"a"}},
			"backwards":    {Streams: []replay.StreamID{"a"}, Reverse: true, Limit: 1},
			"two streams":  {Streams: []replay.StreamID{"a", "b"}, Order: replay.ByStream},
			"version span": {Streams: []replay.StreamID{"a"}, Versions: replay.Between[replay.Version](3, 9)},
			"by stream":    {Order: replay.ByStream},
		}
		if r.Info().Has("positions") {
			queries["all"] = replay.Query{}
			queries["from a position"] = replay.Query{Positions: replay.From[replay.Position](100)}
		}
		for name, q := range queries {
			got, err := r.PlanEvents(q)
			if err != nil {
				t.Fatal(err)
			}
			seeks := q.Streams != nil || name == "from a position"
			if strings.Contains(got, "TEMP B-TREE") || seeks && !strings.Contains(got, "SEARCH") {
				t.Errorf("%s %s: %s", c.name, name, got)
			}
		}
		if c.name == "asof_events" { // the others have no index on ids
			for _, id := range []string{"cause-1", "5", "55b6", "55b67d5e-0b58-57fe-a12a-dde8b83fd772"} {
				for _, order := range []replay.Order{replay.ByPosition, replay.ByStream} {
					got, err := r.PlanEvents(replay.Query{IDPrefix: id, Order: order})
					if err != nil {
						t.Fatal(err)
					}
					if strings.Contains(got, "SCAN") || !strings.Contains(got, "(id>? AND id<?)") {
						t.Errorf("%s id %s: %s", c.name, id, got)
					}
				}
			}
		}
		for name, q := range map[string]replay.StreamQuery{"all": {}, "prefix": {Prefix: "cart-1"}, "ids": {IDs: []replay.StreamID{"a"}, IDsOnly: true}} {
			got, err := r.PlanStreams(q)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(got, "TEMP B-TREE") || q.Prefix+fmt.Sprint(q.IDs) != "[]" && !strings.Contains(got, "SEARCH") {
				t.Errorf("%s streams %s: %s", c.name, name, got)
			}
		}
	}
}

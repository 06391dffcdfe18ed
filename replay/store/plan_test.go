package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
)

// plan says how SQLite would run a statement.
func plan(t *testing.T, r *sqliteReader, st *statement) string {
	t.Helper()
	var out []string
	p := &probe{conn: r.file.conn}
	stmt, _, err := p.conn.PrepareTransient("EXPLAIN QUERY PLAN " + st.sql)
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Finalize() //nolint:errcheck
	bind(stmt, st.args)
	for {
		more, err := stmt.Step()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return strings.Join(out, "; ")
		}
		out = append(out, stmt.ColumnText(3))
	}
}

// The questions that matter are answered through an index, without sorting.
func TestQueriesUseIndexes(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, ddl string }{
		{"asof_events", strings.Split(nativeDDL, "PRAGMA")[0]},
		{"stored_events", pyDDL},
		{"emt_messages", emmettDDL},
		{"stored_events", pyDDL + " WITHOUT ROWID"},
	} {
		path := filepath.Join(dir, fmt.Sprintf("%d.db", len(c.ddl)))
		buildDB(t, path, nil, c.ddl)
		r := mustOpen(t, path, Options{}).(*sqliteReader)
		queries := map[string]replay.Query{
			"one stream":   {Streams: []replay.StreamID{"a"}},
			"backwards":    {Streams: []replay.StreamID{"a"}, Reverse: true, Limit: 1},
			"two streams":  {Streams: []replay.StreamID{"a", "b"}, Order: replay.ByStream},
			"version span": {Streams: []replay.StreamID{"a"}, Versions: replay.Between[replay.Version](3, 9)},
			"by stream":    {Order: replay.ByStream},
		}
		if r.layout.has(colPosition) {
			queries["all"] = replay.Query{}
			queries["from a position"] = replay.Query{Positions: replay.From[replay.Position](100)}
		}
		for name, q := range queries {
			st, err := r.layout.selectEvents(r.flavour, q)
			if err != nil {
				t.Fatal(err)
			}
			got := plan(t, r, st)
			seeks := q.Streams != nil || name == "from a position"
			if strings.Contains(got, "TEMP B-TREE") || seeks && !strings.Contains(got, "SEARCH") {
				t.Errorf("%s %s: %s", c.name, name, got)
			}
		}
		if r.layout.has(colID) && c.name == "asof_events" { // the others have no index of ids
			for _, id := range []string{"cause-1", "5", "55b6", "55b67d5e-0b58-57fe-a12a-dde8b83fd772"} {
				for _, order := range []replay.Order{replay.ByPosition, replay.ByStream} {
					st, err := r.layout.selectEvents(r.flavour, replay.Query{IDPrefix: id, Order: order})
					if err != nil {
						t.Fatal(err)
					}
					if got := plan(t, r, st); strings.Contains(got, "SCAN") || !strings.Contains(got, "(id>? AND id<?)") {
						t.Errorf("%s id %s: %s", c.name, id, got)
					}
				}
			}
		}
		for name, q := range map[string]replay.StreamQuery{"all": {}, "prefix": {Prefix: "cart-1"}, "ids": {IDs: []replay.StreamID{"a"}, IDsOnly: true}} {
			got := plan(t, r, r.layout.selectStreams(r.flavour, q))
			if strings.Contains(got, "TEMP B-TREE") || q.Prefix+fmt.Sprint(q.IDs) != "[]" && !strings.Contains(got, "SEARCH") {
				t.Errorf("%s streams %s: %s", c.name, name, got)
			}
		}
	}
}

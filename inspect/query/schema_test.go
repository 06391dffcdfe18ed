package query_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/store/storetest"
)

// TestTablesOfAStoreWithoutPositions lists all tables, and says which cannot be queried.
func TestTablesOfAStoreWithoutPositions(t *testing.T) {
	events := slices.Clone(carts)
	for i := range events {
		events[i].Position = replay.NoPosition
	}
	r := storetest.Memory(events)
	db := openDB(t, events, "", func(s *query.Source) {
		s.Projections = append(s.Projections, query.Projection{
			Name: "all", Many: func(context.Context, string) (replay.Subject, replay.Moment, error) {
				return replay.Subject{}, replay.Moment{}, &replay.UnsupportedError{Dialect: "memory", Lacks: "positions"}
			},
		})
		s.Reader, s.Store.Reader = r, r
	})
	defer db.Close()
	schema, err := db.Schema()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range schema.Tables {
		lacks := strings.HasPrefix(one.Name, "all")
		if says := strings.Contains(one.About, "cannot be queried: a store of dialect memory has no positions"); says != lacks || (one.Row == nil) != lacks || len(one.Columns) < 7 {
			t.Errorf("%s: %s %v %v", one.Name, one.About, one.Columns, one.Row)
		}
	}
	if len(schema.Tables) != 8 {
		t.Errorf("%d tables", len(schema.Tables))
	}
}

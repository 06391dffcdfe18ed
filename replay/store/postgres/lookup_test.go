package postgres_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/postgres"
	"asof/replay/store/testdb"
)

// TestLookUps checks that looking up a stream uses the indexes of each library.
func TestLookUps(t *testing.T) {
	var history []replay.Event
	for i := range 30 {
		history = append(history, replay.Event{
			Stream: replay.StreamID(fmt.Sprintf("cart-%d", i%3)), Category: "cart", Version: replay.Version(i/3 + 1),
			Position: replay.Position(i + 1), ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), Type: "Added", Revision: 1,
			Time: time.Date(2026, 3, 1, 9, i, 0, 0, time.UTC), Data: fmt.Appendf(nil, `{"n":%d}`, i),
			Meta: replay.Meta{Raw: []byte(`{}`)},
		})
	}
	ctx := context.Background()
	all := write.PgDialects()
	for _, d := range all {
		if d.Name == "commanded" || d.Name == "rails-event-store-postgres" {
			d.Variant, d.Context = d.Variant+" linked", "linked"
			all = append(all, d)
		}
	}
	for _, d := range all {
		if d.Name == "prooph" && d.Variant == "single stream" { // its only index begins with the type of the aggregate
			continue
		}
		t.Run(d.Name+" "+d.Variant, func(t *testing.T) {
			db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
			if err := d.Write(ctx, db.Run, slices.Values(history)); err != nil {
				t.Fatal(err)
			}
			db.Must("ANALYZE")
			r, err := store.Open(ctx, db.DSN, store.Options{Context: d.Context})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for s, err := range r.Streams(ctx, replay.StreamQuery{Limit: 1}) {
				if err != nil {
					t.Fatal(err)
				}
				sql, plan, err := postgres.LookUp(ctx, r, s.ID)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(plan, "Seq Scan") && !strings.Contains(plan, "Index Cond") {
					t.Errorf("a stream is looked up by scanning:\n%s\n%s", sql, plan)
				}
			}
		})
	}
}

package postgres_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/postgres"
	"asof/replay/store/testdb"
)

// The unique index of a table speaks for events that are read with a table next to it, if
// that has one row for each, and for no others.
func TestUniquesWithJoin(t *testing.T) {
	ctx := context.Background()
	history := []replay.Event{{
		Stream: "cart-1", Category: "cart", Version: 1, Position: 1, ID: "00000000-0000-4000-8000-000000000000", Type: "Added", Revision: 1,
		Time: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Data: []byte(`{}`), Meta: replay.Meta{Raw: []byte(`{}`)},
	}}
	all := write.PgDialects()
	d := all[slices.IndexFunc(all, func(d write.PgDialect) bool { return d.Name == "marten" && d.Variant == "text" })]
	for _, tt := range []struct {
		name, drop string
		keyed      bool
	}{
		{"as the library creates them", "", true},
		{"streams that may occur twice", "ALTER TABLE docs.mt_events DROP CONSTRAINT fkey_mt_events_stream_id; ALTER TABLE docs.mt_streams DROP CONSTRAINT pkey_mt_streams_id", false},
		{"versions that may occur twice", "DROP INDEX docs.pk_mt_events_stream_and_version", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
			if err := d.Write(ctx, db.Run, slices.Values(history)); err != nil {
				t.Fatal(err)
			}
			if tt.drop != "" {
				db.Must(tt.drop)
			}
			r, err := store.Open(ctx, db.DSN, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			uniques, err := postgres.Uniques(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			keyed := slices.ContainsFunc(uniques, func(u []string) bool { return slices.Equal(u, []string{"stream_id", "version"}) })
			if keyed != tt.keyed {
				t.Errorf("unique: %v, want %v", uniques, tt.keyed)
			}
		})
	}
}

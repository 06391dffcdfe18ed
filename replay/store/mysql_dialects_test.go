package store

import (
	"context"
	"slices"
	"testing"

	"asof/fixtures/write"
	"asof/replay"
)

// TestMyDialectsConform runs the suite on every layout, in tables created with the library's
// own DDL.
func TestMyDialectsConform(t *testing.T) {
	for _, d := range write.MyDialects() {
		t.Run(d.Name+" "+d.Variant, func(t *testing.T) {
			db := newMyDatabase(t)
			all := pgHistory(60)
			if err := d.Write(context.Background(), db.Run, slices.Values(all)); err != nil {
				t.Fatal(err)
			}
			want := d.Shown(slices.Values(all))
			r := db.open(Options{Context: d.Context})
			if got := r.Info().Dialect; got != d.Name {
				t.Fatalf("detected as %s", got)
			}
			db.conforms(t, want, Options{Context: d.Context})
		})
	}
}

// TestMyIDsOfTwoTypes names streams by type and id if an id is of more than one type.
func TestMyIDsOfTwoTypes(t *testing.T) {
	db := newMyDatabase(t)
	for _, d := range write.MyDialects() {
		if d.Name == "cqrs-es" {
			if err := d.Write(context.Background(), db.Run, slices.Values([]replay.Event(nil))); err != nil {
				t.Fatal(err)
			}
		}
	}
	db.Must("INSERT INTO events VALUES ('Cart', 'x', 1, 'A', '1.0', '{}', '{}'), ('Order', 'x', 1, 'A', '1.0', '{}', '{}'), ('Order', 'x/y', 1, 'A', '1.0', '{}', '{}'), ('Order', 'x', 2, 'A', '1.0', '{}', '{}')")
	r := db.open(Options{})
	all := slicesOf(events(t, r, replay.Query{Order: replay.ByStream}))
	var got []string
	for _, e := range all {
		got = append(got, string(e.Stream))
	}
	if want := []string{"Cart/x", "Order/x", "Order/x", "Order/x/y"}; !slices.Equal(got, want) {
		t.Fatalf("%q", got)
	}
	db.conforms(t, all, Options{})
}

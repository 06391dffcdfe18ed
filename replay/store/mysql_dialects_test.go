package store

import (
	"context"
	"slices"
	"testing"

	"asof/fixtures/write"
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

package postgres_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/postgres"
	"asof/replay/store/testdb"
)

// TestLookUps checks that looking up a stream uses the indexes of each library, and that
// streams are the same when they are listed by one statement as when their ends are looked
// up.
func TestLookUps(t *testing.T) {
	var history []replay.Event
	versions := map[replay.StreamID]replay.Version{}
	for i := range 30 {
		id := replay.StreamID(fmt.Sprintf("cart-%d", i*i%13))
		versions[id]++
		history = append(history, replay.Event{
			Stream: id, Category: "cart", Version: versions[id],
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
			sameByJoin(t, r)
			if d.Name == "prooph" && d.Variant == "single stream" { // its only index begins with the type of the aggregate
				return
			}
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

// sameByJoin compares the streams listed by one statement with the streams whose ends are
// looked up.
func sameByJoin(t *testing.T, r replay.Reader) {
	t.Helper()
	for i := range 12 {
		q := streamQueries.Example(i)
		got := listed(t, r, q)
		restore := postgres.SetJoins(false)
		want := listed(t, r, q)
		restore()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%+v: %s", q, diff)
		}
	}
}

var streamQueries = rapid.Custom(func(t *rapid.T) replay.StreamQuery {
	q := replay.StreamQuery{
		IDsOnly: rapid.Bool().Draw(t, "ids only"),
		Prefix:  rapid.SampledFrom([]string{"", "c", "cart-1", "zz"}).Draw(t, "prefix"),
		Limit:   rapid.IntRange(0, 4).Draw(t, "limit"),
		Reverse: rapid.Bool().Draw(t, "reverse"),
		After:   rapid.SampledFrom([]replay.StreamID{"", "", "cart-10", "c\x00", "zz"}).Draw(t, "after"),
	}
	if rapid.Bool().Draw(t, "by category") {
		q.Categories = rapid.SliceOfN(rapid.SampledFrom([]string{"cart", "nobody"}), 0, 2).Draw(t, "categories")
	}
	return q
})

func listed(t testing.TB, r replay.Reader, q replay.StreamQuery) []replay.Stream {
	t.Helper()
	var out []replay.Stream
	for s, err := range r.Streams(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

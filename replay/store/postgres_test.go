package store

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store/storetest"
	"asof/replay/store/testdb"
)

// A pgDatabase is a database for one test.
type pgDatabase struct{ *testdb.Postgres }

// newPgDatabase creates a database on the server in ASOF_TEST_POSTGRES, which
// .ci/postgres.sh starts.
func newPgDatabase(t testing.TB) *pgDatabase {
	t.Helper()
	return &pgDatabase{testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))}
}

func (db *pgDatabase) open(o Options) replay.Reader {
	db.Helper()
	r, err := Open(context.Background(), db.DSN, o)
	if err != nil {
		db.Fatal(err)
	}
	db.Cleanup(func() { r.Close() })
	return r
}

// pgHistory is the history with times in whole microseconds and names that every library
// accepts.
func pgHistory(n int) []replay.Event {
	out := history(n)
	for i := range out {
		e := &out[i]
		e.Time = e.Time.Add(time.Duration(i%7) * time.Millisecond)
		if i%5 == 0 {
			e.Meta.Causation = ""
		}
	}
	return out
}

// TestPgDialectsConform runs the suite on every layout, in tables created with the library's
// own DDL. Layouts run in turn, because a server accepts few connections; the checks of
// each layout run in parallel.
func TestPgDialectsConform(t *testing.T) {
	for _, d := range write.PgDialects() {
		t.Run(d.Name+" "+d.Variant, func(t *testing.T) {
			db := newPgDatabase(t)
			all := pgHistory(60)
			if err := d.Write(context.Background(), db.Run, slices.Values(all)); err != nil {
				t.Fatal(err)
			}
			db.Must("ANALYZE")
			want := d.Shown(slices.Values(all))
			r := db.open(Options{Context: d.Context})
			if got := r.Info().Dialect; got != d.Name {
				t.Fatalf("detected as %s", got)
			}
			questions := storetest.Sample
			if d.Name == "message-db" {
				questions = 0
			}
			storetest.Run(t, storetest.Config{
				Name: "conformance", Want: want, Sample: questions,
				Open: func(ctx context.Context, _ string) (replay.Reader, error) {
					return Open(ctx, db.DSN, Options{Context: d.Context})
				},
			})
		})
	}
}

func readPg(t testing.TB, r replay.Reader, q replay.Query) []*replay.Event {
	t.Helper()
	var out []*replay.Event
	for e, err := range r.Events(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e.Clone())
	}
	return out
}

func summaryText(t testing.TB, r replay.Reader) string {
	t.Helper()
	s, err := r.Summary(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(s.LeftOut, "; ")
}

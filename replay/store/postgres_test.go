package store

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store/storetest"
)

var pgDatabases atomic.Int64

// A pgDatabase is one that a test has for itself.
type pgDatabase struct {
	t    testing.TB
	dsn  string
	conn *pgconn.PgConn
}

// newPgDatabase makes a database on the server that ASOF_TEST_POSTGRES names, as
// .ci/postgres.sh starts it. Its text does not compare byte by byte, as that of
// most databases does not.
func newPgDatabase(t testing.TB) *pgDatabase {
	t.Helper()
	server := os.Getenv("ASOF_TEST_POSTGRES")
	if server == "" {
		t.Skip("no PostgreSQL: run .ci/postgres.sh go test")
	}
	ctx := context.Background()
	admin, err := pgconn.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close(ctx) })
	name := fmt.Sprintf("asof_%d_%d", os.Getpid(), pgDatabases.Add(1))
	_, err = admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'").ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)").ReadAll() })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	db := &pgDatabase{t: t, dsn: u.String()}
	if db.conn, err = pgconn.Connect(ctx, db.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.conn.Close(ctx) })
	return db
}

// run is a [write.Postgres].
func (db *pgDatabase) run(ctx context.Context, sql string, args ...any) error {
	if len(args) == 0 {
		_, err := db.conn.Exec(ctx, sql).ReadAll()
		return err
	}
	params := make([][]byte, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case nil:
		case bool:
			params[i] = []byte(fmt.Sprint(v))
		case []byte:
			params[i] = fmt.Appendf(nil, `\x%x`, v)
		default:
			params[i] = fmt.Append(nil, v)
		}
	}
	_, err := db.conn.ExecParams(ctx, sql, params, nil, nil, nil).Close()
	return err
}

func (db *pgDatabase) must(sql string, args ...any) {
	db.t.Helper()
	if err := db.run(context.Background(), sql, args...); err != nil {
		db.t.Fatalf("%s: %v", sql, err)
	}
}

func (db *pgDatabase) open(o Options) *pgReader {
	db.t.Helper()
	r, err := Open(context.Background(), db.dsn, o)
	if err != nil {
		db.t.Fatal(err)
	}
	db.t.Cleanup(func() { r.Close() })
	return r.(*pgReader)
}

// pgHistory is the history with whole microseconds and names that every library
// takes.
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

// TestPgDialectsConform holds every layout to the suite, on tables made with the
// library's own DDL. One follows the other, since a server takes few connections; the
// checks of one run in parallel.
func TestPgDialectsConform(t *testing.T) {
	for _, d := range write.PgDialects() {
		t.Run(d.Name+" "+d.Variant, func(t *testing.T) {
			db := newPgDatabase(t)
			all := pgHistory(60)
			if err := d.Write(context.Background(), db.run, slices.Values(all)); err != nil {
				t.Fatal(err)
			}
			db.must("ANALYZE")
			want := d.Shown(slices.Values(all))
			r := db.open(Options{Context: d.Context})
			if got := r.Info().Dialect; got != d.Name {
				t.Fatalf("it is taken for %s", got)
			}
			if d.Name != "prooph" || d.Variant != "single stream" { // its only index begins with the type of the aggregate
				pgLookUp(t, r)
			}
			questions := storetest.Sample
			if d.Name == "message-db" {
				questions = 0
			}
			storetest.Run(t, storetest.Config{
				Name: "conformance", Want: want, Sample: questions,
				Open: func(ctx context.Context, _ string) (replay.Reader, error) {
					return Open(ctx, db.dsn, Options{Context: d.Context})
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

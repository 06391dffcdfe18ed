package postgres

import (
	"context"
	"os"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/place"
	"asof/replay/store/source"
	"asof/replay/store/testdb"
)

// logOf maps the table log, whose columns are named like the fields.
func logOf(fields ...string) source.Options {
	o := source.Options{Table: "log", Map: map[string]string{}}
	for _, f := range fields {
		o.Map[f] = f
	}
	return o
}

func opened(t *testing.T, db *testdb.Postgres, o source.Options) *reader {
	t.Helper()
	r, err := open(context.Background(), place.Parse(db.DSN), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r.(*reader)
}

// TestNeverWrites tries to write through the reader's own connection.
func TestNeverWrites(t *testing.T) {
	db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
	db.Must("CREATE TABLE log(stream text, version bigint, PRIMARY KEY(stream, version))")
	db.Must("CREATE SEQUENCE numbers")
	db.Must("INSERT INTO log SELECT 'a', i FROM generate_series(1, 20) AS i")
	r := opened(t, db, logOf("stream", "version"))
	for _, sql := range []string{
		"DELETE FROM log", "CREATE TABLE x(y int)", "SELECT nextval('numbers')",
	} {
		err := r.session.Run(context.Background(), sql, nil, nil)
		if err == nil || !strings.Contains(err.Error(), "read-only transaction") {
			t.Errorf("%s: %v", sql, err)
		}
		r.session.recover()
	}
	n := 0
	for _, err := range r.Events(context.Background(), replay.Query{Order: replay.ByStream}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 20 {
		t.Errorf("afterwards it shows %d events", n)
	}
}

// TestFlatMemory reads rows of very different sizes and checks that memory stays at about one
// batch.
func TestFlatMemory(t *testing.T) {
	db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
	db.Must("CREATE TABLE log(stream text, version bigint, data jsonb, PRIMARY KEY(stream, version))")
	db.Must("INSERT INTO log SELECT 'a', i, to_jsonb(repeat('x', CASE WHEN i > 20000 THEN 20000 ELSE 10 END)) FROM generate_series(1, 21000) AS i")
	r := opened(t, db, logOf("stream", "version", "data"))
	c, err := r.Open(context.Background(), replay.Query{Order: replay.ByStream})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n, most := 0, 0
	for {
		e, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			break
		}
		if n++; e.Version != replay.Version(n) {
			t.Fatalf("event %d is %d", n, e.Version)
		}
		// After the first large rows, batches are small again.
		if n > 20000+mostRows {
			most = max(most, len(c.Rows.(*cursor).batch.bytes))
		}
	}
	if n != 21000 {
		t.Errorf("%d events", n)
	}
	if limit := mostRows * 20100; cap(c.Rows.(*cursor).batch.bytes) > limit {
		t.Errorf("a batch took %d bytes", cap(c.Rows.(*cursor).batch.bytes))
	}
	if most > 2*batchBytes {
		t.Errorf("batches of large rows take %d bytes", most)
	}
}

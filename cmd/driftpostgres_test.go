package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestDriftPostgres compares a history with a read model in PostgreSQL, whose types write
// values in their own way, and leaves the database as it is.
func TestDriftPostgres(t *testing.T) {
	dsn := postgresShop(t, "marten", "text")
	dir := t.TempDir()
	events := `{"position":1,"stream":"a-1","version":1,"type":"A","data":{"total":10.5,"items":[{"s":"x","q":1}],"at":"2026-01-01T10:00:00Z","flag":true,"n":"7","due":-1234.5}}
{"position":2,"stream":"a-10","version":1,"type":"A","data":{"total":1.000,"flag":false}}
{"position":3,"stream":"A-2","version":1,"type":"A","data":{"total":2,"items":{},"n":1}}
{"position":4,"stream":"A-2","version":2,"type":"B","data":{"total":3}}
`
	if err := os.WriteFile(filepath.Join(dir, "ev.ndjson"), []byte(events), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(t.Context()) })
	if _, err := db.Exec(t.Context(), `
CREATE TABLE "Carts"(id varchar(40), total numeric(10,2), items jsonb, at timestamptz, flag boolean, n int, due money);
INSERT INTO "Carts" VALUES('a-1', 10.50, '[{"q": 1.0, "s": "x"}]', '2026-01-01 12:00:00+02', true, 7, -1234.5), ('a-10', 1, null, null, false, null, null), ('A-2', 2, '{}', null, null, 1, null);
CREATE TABLE reached(pos bigint); INSERT INTO reached VALUES(3)`).ReadAll(); err != nil {
		t.Fatal(err)
	}
	args := []string{"drift", "ev.ndjson", "--fold", "merge", "--against", dsn, "--table", "public.Carts", "--key", "id", "--map", "total=/total,items=/items,at=/at,flag=/flag,n=/n,due=/due"}
	for _, test := range []struct {
		flags []string
		code  int
		want  string
	}{
		{[]string{"--checkpoint", "SELECT pos FROM reached"}, exitOK, "3 of 3 compared rows identical"},
		{nil, exitFindings, "total  2.00 should be 3  set by A-2@2 B"},
		{[]string{"--checkpoint", "DELETE FROM reached RETURNING pos"}, exitStore, "invalid"},
		{[]string{"--checkpoint", "SELECT pos FROM reached) AS reached FROM reached; DELETE FROM reached; SELECT (1"}, exitStore, "a single statement"},
	} {
		out, code := runHere(dir, append(args, test.flags...))
		if code != test.code || !strings.Contains(out, test.want) {
			t.Errorf("%v: exit code %d, want %d with %q:\n%s", test.flags, code, test.code, test.want, out)
		}
	}
	rows, err := db.Exec(t.Context(), `SELECT count(*) FROM reached`).ReadAll()
	if err != nil || string(rows[0].Rows[0][0]) != "1" {
		t.Errorf("the read model has changed: %v, %v", rows, err)
	}
}

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay/store/testdb"
)

// TestDriftMySQL compares a history with a read model in MariaDB, whose keys it takes for
// the same in upper and lower case.
func TestDriftMySQL(t *testing.T) {
	db := testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))
	dir := t.TempDir()
	events := `{"position":1,"stream":"a-1","version":1,"type":"A","data":{"total":10.5,"items":[{"s":"x","q":1}],"at":"2026-01-01T10:00:00Z","flag":true,"n":"7"}}
{"position":2,"stream":"A-1","version":1,"type":"A","data":{"total":1.000,"flag":false}}
{"position":3,"stream":"Ä","version":1,"type":"A","data":{"total":2,"items":{},"n":1}}
{"position":4,"stream":"Ä","version":2,"type":"B","data":{"total":3}}
`
	if err := os.WriteFile(filepath.Join(dir, "ev.ndjson"), []byte(events), 0o600); err != nil {
		t.Fatal(err)
	}
	db.Must("CREATE TABLE `Carts`(id varchar(40), total decimal(10,2), items json, at datetime(3), flag boolean, n int)")
	db.Must(`INSERT INTO Carts VALUES('a-1', 10.50, '[{"q": 1.0, "s": "x"}]', '2026-01-01 10:00:00', true, 7), ('A-1', 1, null, null, false, null), ('Ä', 2, '{}', null, null, 1)`)
	db.Must("CREATE TABLE reached(pos bigint)")
	db.Must("INSERT INTO reached VALUES(3)")
	args := []string{"drift", "ev.ndjson", "--fold", "merge", "--against", db.DSN, "--table", "Carts", "--key", "id", "--map", "total=/total,items=/items,at=/at,flag=/flag,n=/n"}
	for _, test := range []struct {
		flags []string
		code  int
		want  string
	}{
		{[]string{"--checkpoint", "SELECT pos FROM reached"}, exitOK, "3 of 3 compared rows identical"},
		{nil, exitFindings, "total  2.00 should be 3  set by Ä@2 B"},
		{[]string{"--checkpoint", "SELECT pos FROM reached) AS reached FROM reached; DELETE FROM reached; SELECT (1"}, exitStore, ""},
	} {
		out, code := runHere(dir, append(args, test.flags...))
		if code != test.code || !strings.Contains(out, test.want) {
			t.Errorf("%v: exit code %d, want %d with %q:\n%s", test.flags, code, test.code, test.want, out)
		}
	}
}

// cqrsTables are the tables of cqrs-es with a right snapshot and a wrong one.
var cqrsTables = []string{
	"CREATE TABLE events(aggregate_type varchar(40), aggregate_id varchar(40), sequence bigint, event_type varchar(40), event_version varchar(40), payload json, metadata json, PRIMARY KEY(aggregate_type, aggregate_id, sequence))",
	"CREATE TABLE snapshots(aggregate_type varchar(40), aggregate_id varchar(40), last_sequence bigint, current_snapshot bigint, payload json, PRIMARY KEY(aggregate_type, aggregate_id, last_sequence))",
	`INSERT INTO events VALUES('account', 'a', 1, 'Set', '1.0', '{"Set":{"total":1.50}}', '{}'), ('account', 'a', 2, 'Set', '1.0', '{"Set":{"total":2}}', '{}'), ('account', 'b', 1, 'Set', '1.0', '{"Set":{"total":7}}', '{}')`,
	`INSERT INTO snapshots VALUES('account', 'a', 1, 1, '{"total":1.5}'), ('account', 'b', 1, 1, '{"total":8}')`,
}

const cqrsWrong = "/total  8 should be 7  set by account/b@1 Set"

// TestSnapshotsOfServers compares snapshots in the transaction that reads the events, and
// asks a store without positions in SQL.
func TestSnapshotsOfServers(t *testing.T) {
	check := func(t *testing.T, dsn string) {
		out, code := runHere(t.TempDir(), []string{"drift", dsn, "--snapshots"})
		if code != exitFindings || !strings.Contains(out, "1 of 2 compared snapshots identical") || !strings.Contains(out, cqrsWrong) {
			t.Errorf("exit code %d:\n%s", code, out)
		}
		for sql, want := range map[string]string{
			"SELECT stream, version, total FROM state":                                                        "account/a,2,2\naccount/b,1,7\n",
			"SELECT stream, version, total, changed FROM state_history ORDER BY stream, version":              "account/a,1,1.5,1\naccount/a,2,2,1\naccount/b,1,7,1\n",
			"SELECT s.stream, s.events, e.id FROM streams s JOIN events e USING (stream) WHERE e.version = 2": "account/a,2,\n",
			"SELECT count(*) FROM events('start')":                                                            "0\n",
		} {
			if out, code := runHere(t.TempDir(), []string{"query", dsn, sql, "-o", "csv"}); code != exitOK || !strings.Contains(out, "\n"+want) {
				t.Errorf("%s: exit code %d:\n%s", sql, code, out)
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "cqrs.db")
		testdb.Build(t, path, nil, cqrsTables...)
		check(t, path)
	})
	t.Run("mysql", func(t *testing.T) {
		db := testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))
		for _, sql := range cqrsTables {
			db.Must(sql)
		}
		check(t, db.DSN)
	})
	t.Run("postgres", func(t *testing.T) {
		db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
		for _, sql := range cqrsTables {
			db.Must(sql)
		}
		check(t, db.DSN)
	})
}

package sqlitefile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"asof/inspect/materialize"
	"asof/inspect/materialize/sqlitefile"
	"asof/replay"
)

func events(n int) (out []replay.Event) {
	for i := range n {
		out = append(out, replay.Event{
			Stream: replay.StreamID(fmt.Sprint("s", i)), Version: 1, Position: replay.Position(i + 1), Type: "A", Data: []byte(fmt.Sprintf(`{"total":%d}`, i)),
		})
	}
	return out
}

func exec(t *testing.T, path, sql string) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.ExecuteScript(conn, sql, nil); err != nil {
		t.Fatal(err)
	}
}

func textIn(t *testing.T, path, sql string) (got string) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		got = s.ColumnText(0)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestOthersStay builds a table again in a file that has more: what is not the table's own
// stays, and so do its indexes while it has the same columns.
func TestOthersStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "read.sqlite")
	keep(t, path, events(3))
	exec(t, path, "CREATE TABLE mine(x); INSERT INTO mine VALUES('kept'); CREATE INDEX by_total ON cart(total); CREATE VIEW dear AS SELECT * FROM cart WHERE total > 1")
	r := keep(t, path, events(5), func(j *materialize.Job) { j.Rebuild = true })
	if r.How != materialize.Rebuilt || r.Rows != 5 {
		t.Errorf("%s: %d rows", r.How, r.Rows)
	}
	for sql, want := range map[string]string{
		"SELECT x FROM mine": "kept", "SELECT count(*) FROM dear": "3", "SELECT name FROM sqlite_schema WHERE type = 'index' AND name = 'by_total'": "by_total",
		"SELECT position FROM asof_checkpoint": "5", "SELECT count(*) FROM asof_streams": "5", "PRAGMA integrity_check": "ok",
	} {
		if got := textIn(t, path, sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
}

// TestRefused aims at files and tables that asof must not write.
func TestRefused(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	exec(t, in("theirs.sqlite"), "CREATE TABLE cart(stream TEXT); CREATE TABLE asof_checkpoint(name TEXT, checkpoint TEXT)")
	keep(t, in("ours.sqlite"), events(3))
	exec(t, in("ours.sqlite"), "DELETE FROM asof_checkpoint")
	keep(t, in("busy.sqlite"), events(3))
	keep(t, in("other.sqlite"), events(3))
	exec(t, in("other.sqlite"), "DROP TABLE cart; CREATE TABLE cart(stream, mine)")
	keep(t, in("view.sqlite"), events(3))
	exec(t, in("view.sqlite"), "DROP TABLE cart; CREATE VIEW cart AS SELECT 1 AS mine")
	for name, text := range map[string]string{"text": "theirs", "empty": "", "busy.sqlite-wal": "frames"} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"theirs.sqlite": "asof did not write it", "text": "asof did not write it", "empty": "asof did not write it",
		"ours.sqlite": "asof did not write cart in it", "busy.sqlite": "open for writing",
		"other.sqlite": "not the one that asof wrote", "view.sqlite": "not the one that asof wrote",
	} {
		before, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		var refused *materialize.RefusedError
		if _, err := tryKeep(t, in(name), events(3)); !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if after, err := os.ReadFile(in(name)); err != nil || string(after) != string(before) {
			t.Errorf("%s has changed: %v", name, err)
		}
	}
	for _, table := range []string{"", "asof_checkpoint", "ASOF_x", "sqlite_x"} {
		if _, err := sqlitefile.Open(in("new.sqlite"), "new.sqlite", table); err == nil {
			t.Errorf("a table may be called %q", table)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 8 {
		t.Errorf("%d files are left: %v, %v", len(left), left, err)
	}
}

// TestChangedMeanwhile changes the file while its next content is written aside.
func TestChangedMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "read.sqlite")
	keep(t, path, events(3))
	_, err := tryKeep(t, path, events(4), func(j *materialize.Job) {
		j.Folded = func() { exec(t, path, "CREATE TABLE IF NOT EXISTS mine(x)") }
	})
	var refused *materialize.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "changed it meanwhile") {
		t.Error(err)
	}
	if got := textIn(t, path, "SELECT count(*) FROM cart"); got != "3" {
		t.Errorf("the table has %s rows", got)
	}
}

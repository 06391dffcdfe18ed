package cmd

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/inspect/ask"
	"asof/replay/store/testdb"
)

// buildDisagreeing writes a database with events of two streams, whose indexes do not know of
// a change.
func buildDisagreeing(t *testing.T, path, change string) {
	t.Helper()
	rows := make([]string, 0, 600)
	for i := range 600 {
		rows = append(rows, fmt.Sprintf(`(%d,'x%d','%c',%d,'A','{"n":%d}','none')`, i+1, i+1, 'a'+i%2, i/2+1, i/2+1))
	}
	const forget = "PRAGMA writable_schema = ON; CREATE TABLE kept AS SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE type = 'index'; DELETE FROM sqlite_schema WHERE type = 'index'; PRAGMA schema_version = 100"
	const recall = "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM kept; PRAGMA schema_version = 200"
	testdb.Build(t, path, nil, "CREATE TABLE e(pos INTEGER PRIMARY KEY, id TEXT, s TEXT, v INTEGER, t TEXT, d TEXT, c TEXT)",
		"CREATE UNIQUE INDEX sv ON e(s, v)", "CREATE UNIQUE INDEX ids ON e(id)", "INSERT INTO e VALUES "+strings.Join(rows, ","))
	testdb.Build(t, path, nil, forget)
	testdb.Build(t, path, nil, change)
	testdb.Build(t, path, nil, recall)
}

// breakFile cuts a database short, or overwrites pages in its second half.
func breakFile(t *testing.T, path string, cut bool) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	half := len(data) / page / 2 * page
	if cut {
		data = data[:half]
	}
	for at := half; at < len(data); at += 2 * page {
		copy(data[at:at+page], bytes.Repeat([]byte{0xff}, page))
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDisagreeingIndexesAreDamage checks that no question of a database whose indexes and
// table disagree, or whose pages are gone or overwritten, ends otherwise than with an answer or as a damaged store: what the store has
// itself listed is not missing.
func TestDisagreeingIndexesAreDamage(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"deleted":  "DELETE FROM e WHERE pos IN (17, 300, 599)",
		"last":     "DELETE FROM e WHERE pos = 600",
		"stream":   "DELETE FROM e WHERE s = 'a' AND v > 5",
		"inserted": `INSERT INTO e VALUES (601,'x601','a',301,'A','{"n":1}','none'), (602,'x602','c',1,'A','{"n":1}','none'), (603,'x603','c',2,'A','{"n":-1}','none')`,
		"renamed":  "UPDATE e SET s = 'b2' WHERE pos = 17",
		"pages":    "", // some are overwritten
		"cut":      "", // the file ends early
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := lostStore{path: filepath.Join(t.TempDir(), "s.db"), project: strings.Replace(lostProject, "state.n > 0", "state.n < 8", 1)}
			buildDisagreeing(t, store.path, cmp.Or(change, "SELECT 1"))
			if change == "" {
				breakFile(t, store.path, name == "cut")
			}
			asked := []string{
				"info D", "log D a", "show D a@9", "replay D id:x17", "replay D id:y17", "blame D a", "why D a /n", "shrink D a --bad state.n>100",
				"bisect D --all --bad state.n>7", "bisect D a --bad state.n>7", "check D --explain",
			}
			for _, v := range ask.All {
				asked = append(asked, wholeVerbs[v.Name]...)
			}
			damaged := false
			for _, line := range asked {
				args, out, errs, code := store.ask(t, line, false)
				is := strings.Contains(errs, "damaged") || strings.Contains(errs, "cut short")
				if damaged = damaged || is; is != (code == exitStore) || code != exitOK && code != exitFindings && code != exitStore && !strings.Contains(line, "y17") {
					t.Errorf("%q: exit %d\n%s%s", args, code, out, errs)
				}
			}
			if !damaged {
				t.Error("no question finds the damage")
			}
		})
	}
}

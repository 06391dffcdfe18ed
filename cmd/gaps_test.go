package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/inspect/ask"
	"asof/replay/store/testdb"
)

const incompleteNote = "2 streams are incomplete, such as a: events are missing before the first one or in between"

// notFolded are the questions of [wholeVerbs] that list what is there, and fold nothing.
var notFolded = []string{
	"init D --print", "streams D", "streams D --limit 1", "streams D --sort events", "streams D --shard 1/2",
	"log D --all", "log D --all --limit 1", "log D --all --shard 1/2", "query D 'SELECT count(*) FROM events'", "trace D a",
	"audit seal D --log new --key a.key",
}

// moreFolds are questions about many streams beside those of [wholeVerbs].
var moreFolds = []string{
	"query D 'SELECT * FROM tally_history'", "query D 'SELECT * FROM tally_changes'", "query D 'SELECT * FROM total'",
	"query D 'SELECT * FROM total_history'", "drift D tally --against read.sqlite --table tally --key stream --map n=/n",
	"materialize D --projection total --to new.sqlite", "materialize D --projection tally --to new/", "replay D proj:total@1",
}

// twice are asked again, of what the first answer kept.
var twice = []string{"check D", "materialize D --projection tally --to new.sqlite", "materialize D --projection total --to new.sqlite", "replay D proj:total"}

// TestAnswersSayWhichStreamsAreIncomplete checks that every answer from folding many streams
// says, in the same words, that events are missing from some of them.
func TestAnswersSayWhichStreamsAreIncomplete(t *testing.T) {
	t.Parallel()
	const create = "CREATE TABLE e(pos INTEGER PRIMARY KEY, id TEXT, s TEXT, v INTEGER, t TEXT, d TEXT, c TEXT)"
	type row struct {
		stream  string
		version int
	}
	rows := []row{{"a", 1}, {"b", 1}, {"c", 3}, {"a", 2}, {"a", 4}, {"b", 2}}
	var inserts, lines []string
	for i, r := range rows {
		inserts = append(inserts, fmt.Sprintf(`(%d,'x%d','%s',%d,'A','{"n":%d}','none')`, i+1, i+1, r.stream, r.version, i+1))
		lines = append(lines, fmt.Sprintf(`{"pos":%d,"id":"x%d","s":"%s","v":%d,"t":"A","d":{"n":%d},"c":"none"}`, i+1, i+1, r.stream, r.version, i+1))
	}
	read := filepath.Join(t.TempDir(), "read.sqlite")
	testdb.Build(t, read, nil, "CREATE TABLE tally(stream TEXT PRIMARY KEY, n INTEGER)", "INSERT INTO tally VALUES ('a',5),('b',6),('c',3)")
	for _, kind := range []string{"sqlite", "file"} {
		t.Run(kind, func(t *testing.T) {
			store := lostStore{path: filepath.Join(t.TempDir(), "s.db"), project: lostProject}
			if kind == "sqlite" {
				testdb.Build(t, store.path, nil, create, "INSERT INTO e VALUES "+strings.Join(inserts, ","))
			} else {
				store.path += ".ndjson"
				store.project = strings.Replace(lostProject, `table = "e"`, "", 1)
				if err := os.WriteFile(store.path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			asked := slices.Clone(moreFolds)
			for _, v := range ask.All {
				asked = append(asked, wholeVerbs[v.Name]...)
			}
			for _, line := range asked {
				if line == "check D --shard 1/2" { // its streams are those of a hash
					continue
				}
				for _, json := range []bool{false, true} {
					store.incomplete(t, strings.ReplaceAll(line, "read.sqlite", read), line, json)
				}
			}
		})
	}
}

// incomplete asks a question, and again of what was kept, and looks for the note.
func (l *lostStore) incomplete(t *testing.T, line, name string, json bool) {
	t.Helper()
	want := 1
	if slices.Contains(notFolded, name) || strings.Contains(name, "--at pos:2") { // then nothing is missing yet
		want = 0
	}
	dir, times := t.TempDir(), 1
	if slices.Contains(twice, name) {
		times = 2
	}
	for range times {
		args, out, errs, code := l.askIn(t, dir, line, json)
		if strings.Count(errs, incompleteNote) != want || code != exitOK && code != exitFindings {
			t.Errorf("%q: exit %d\n%s%s", args, code, out, errs)
		}
	}
}

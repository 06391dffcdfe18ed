package cmd

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/inspect/ask"
	"asof/replay/store/testdb"
)

// wholeVerbs are questions about all of a store, by the name of the verb in [ask.All].
var wholeVerbs = map[string][]string{
	"init":         {"init D --print"},
	"streams":      {"streams D", "streams D --limit 1", "streams D --sort events", "streams D --shard 1/2"},
	"log-all":      {"log D --all", "log D --all --limit 1", "log D --all -p", "log D --all --shard 1/2"},
	"query":        {"query D 'SELECT count(*) FROM events'", "query D 'SELECT * FROM tally' --limit 1"},
	"query-tables": {"query D --tables"},
	"diff-all":     {"diff D --all start head"},
	"trace":        {"trace D a"},
	"mine":         {"mine D"},
	"check":        {"check D", "check D --no-cache", "check D --at pos:2", "check D --shard 1/2", "check D --explain", "check D --since-position 1"},
	"materialize":  {"materialize D --projection tally --to new.sqlite"},
	"drift":        {"drift D --fold s.n=1 --fold s.n=2"},
	"bisect-all":   {"bisect D --all --bad state.n>100"},
	"audit-export": {"audit export D --key a.key --out new"},
	"audit-trail":  {"audit export D -o ndjson", "audit export D -o csv"},
	"audit-seal":   {"audit seal D --log new --key a.key"},

	// Of one timeline, which is a projection over many streams.
	"replay": {"replay D proj:total"}, "diff": {"diff D proj:total@1"}, "blame": {"blame D proj:total"}, "log": {"log D proj:total -p"},
	"bisect": {"bisect D proj:total --bad state.n>100"}, "why": {"why D proj:total /n"}, "whatif": {"whatif D proj:total --drop 1"},
	"report": {"report D proj:total --out new.html"},
}

// notWhole are of one stream, of no store, of rows or of the cache, or read no event.
var notWhole = []string{
	"info", "query-plan", "show", "steps", "effects", "removed", "history", "check-live", "bisect-folds", "bisect-run", "merge-reports", "shrink",
	"kept-check", "kept-bisect-all", "audit-verify", "audit-prove", "audit-sample", "cache-info", "cache-clear", "kept-states",
}

const lostRows = `INSERT INTO e VALUES (1,'x1','a',1,'A','{"n":1}','none'), (2,'x2','b',1,'A','{"n":2}',NULL), (3,'x3',NULL,3,'A','{"n":-1}',NULL), (4,'x4','a',NULL,'A','{"n":-1}',NULL), (5,'x5','a',2,'A','{"n":3}',NULL)`

const lostProject = `[stores.d]
path = "PATH"
table = "e"
map = {position = "pos", id = "id", causation = "c", stream = "s", version = "v", type = "t", data = "d"}

[[projection]]
name = "tally"
streams = "*"
fold = "merge"

[[projection]]
name = "total"
fold = "total.js"

[[invariant]]
name = "n"
projection = "tally"
good = "state.n > 0"
`

// lostStreams are questions about what a store may hold and does not show.
var lostStreams = []string{"log D gone", "replay D gone@1", "blame D gone", "replay D id:gone", "report D gone --out new.html"}

// A lostStore is a store that has lost events.
type lostStore struct {
	env           map[string]string
	path, project string
	said          string // of what is lost, after "left out of every stream: "
	noCausation   bool   // the store has no causation ids, so nothing is traced
	noIDs         bool
}

// ask asks a question about the store, which is D.
func (l *lostStore) ask(t *testing.T, line string, json bool) (args []string, out, errs string, code int) {
	t.Helper()
	return l.askIn(t, t.TempDir(), line, json)
}

// askIn is ask in a folder, which may have what earlier questions left.
func (l *lostStore) askIn(t *testing.T, dir, line string, json bool) (args []string, out, errs string, code int) {
	t.Helper()
	for name, text := range map[string]string{
		"asof.toml": strings.ReplaceAll(l.project, "PATH", l.path),
		"total.js":  "fromAll().when({ $any(s, e) { s.n = (s.n ?? 0) + e.data.n } })",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"TZ": "UTC", "XDG_CACHE_HOME": filepath.Join(dir, "cache"), "HOME": dir}
	maps.Copy(env, l.env)
	if strings.HasPrefix(line, "audit") {
		if _, errs, code := run(t, dir, env, "audit", "keygen", "--out", "a.key"); code != exitOK {
			t.Fatal(errs)
		}
	}
	args = words(line)
	args[slices.Index(args, "D")] = "d"
	if json && !slices.Contains(args, "-o") && !slices.Contains(args, "--print") {
		args = append(args, "--json")
	}
	out, errs, code = run(t, dir, env, args...)
	return args, out, errs, code
}

// check asks every question about all of the store: each answer says once what is lost, and
// none says that all is well.
func (l *lostStore) check(t *testing.T) {
	t.Helper()
	want := "left out of every stream: " + l.said
	for _, v := range ask.All {
		if (wholeVerbs[v.Name] == nil) == !slices.Contains(notWhole, v.Name) {
			t.Errorf("is %s about all of a store?", v.Name)
		}
		if v.Name == "trace" && l.noCausation {
			continue
		}
		for _, line := range wholeVerbs[v.Name] {
			for _, json := range []bool{false, true} {
				args, out, errs, code := l.ask(t, line, json)
				ok := strings.Count(errs, want) == 1 && (code == exitOK || code == exitFindings)
				if v.Name == "check" || v.Name == "bisect-all" { // they say it in the answer
					ok = strings.Count(out, l.said) == 1 && !strings.Contains(errs, want) && code == exitFindings &&
						!strings.Contains(out, "every invariant holds") && !strings.Contains(out, "is ever bad")
				}
				if !ok {
					t.Errorf("%q: exit %d\n%s%s", args, code, out, errs)
				}
			}
		}
	}
	for _, line := range lostStreams {
		if strings.Contains(line, "id:") && l.noIDs {
			continue
		}
		args, out, errs, code := l.ask(t, line, false)
		if !strings.Contains(errs, l.said) || code != exitNotFound {
			t.Errorf("%q: exit %d\n%s%s", args, code, out, errs)
		}
	}
}

// TestAnswersSayWhatIsLost checks that every answer about all of a store says which of its rows
// may be events of any stream and were not read.
func TestAnswersSayWhatIsLost(t *testing.T) {
	t.Parallel()
	const create = "CREATE TABLE e(pos INTEGER PRIMARY KEY, id TEXT, s TEXT, v INTEGER, t TEXT, d TEXT, c TEXT)"
	const said = "2 rows without a stream or a version"
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s.db")
		testdb.Build(t, path, nil, create, lostRows)
		(&lostStore{path: path, project: lostProject, said: said}).check(t)
	})
	t.Run("wal", func(t *testing.T) { // cut short within a commit
		path := filepath.Join(t.TempDir(), "s.db")
		testdb.BuildWAL(t, path, []string{create}, []string{
			`INSERT INTO e VALUES (1,'x1','a',1,'A','{"n":1}','none'), (2,'x2','b',1,'A','{"n":2}',NULL), (5,'x5','a',2,'A','{"n":3}',NULL)`,
			`INSERT INTO e VALUES (6,'x6','a',3,'A','{"n":-1}',NULL)`,
		})
		st, err := os.Stat(path + "-wal")
		if err == nil {
			err = os.Truncate(path+"-wal", st.Size()-1)
		}
		if err != nil {
			t.Fatal(err)
		}
		(&lostStore{path: path, project: lostProject, said: "commits of the -wal that can't be read"}).check(t)
	})
	t.Run("library", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s.db")
		testdb.Build(t, path, nil, "CREATE TABLE stored_events(id INTEGER PRIMARY KEY, aggregate_uuid TEXT, aggregate_version INT, event_class TEXT, event_properties TEXT, meta_data TEXT, created_at TEXT)",
			`INSERT INTO stored_events VALUES (1,'a',1,'A','{"n":1}','{}','2026-01-01'), (2,'b',1,'A','{"n":2}','{}','2026-01-01'), (3,NULL,NULL,'A','{}','{}','2026-01-01'), (4,'a',NULL,'A','{}','{}','2026-01-01'), (5,'a',2,'A','{"n":3}','{}','2026-01-01')`)
		head, rest, _ := strings.Cut(lostProject, "table =")
		_, rest, _ = strings.Cut(rest, "\n\n")
		(&lostStore{path: path, project: head + "\n" + rest, said: "1 event without a version", noCausation: true, noIDs: true}).check(t)
	})
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s.ndjson")
		text := `{"pos":1,"id":"x1","s":"a","v":1,"t":"A","d":{"n":1},"c":"none"}
{"pos":2,"id":"x2","s":"b","v":1,"t":"A","d":{"n":2},"c":"none"}
{"pos":3,"id":"x3","v":3,"t":"A","d":{"n":-1},"c":"none"}
{"pos":4,"id":"x4","s":"a","v":null,"t":"A","d":{"n":-1},"c":"none"}
{"pos":5,"id":"x5","s":"a","v":2,"t":"A","d":{"n":3},"c":"none"}
`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		(&lostStore{path: path, project: strings.Replace(lostProject, `table = "e"`, "", 1), said: said}).check(t)
	})
}

// reader creates a user that may read the table e, and returns the connection string.
func reader(t *testing.T, db *testdb.Postgres) string {
	t.Helper()
	u, err := url.Parse(db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.ReplaceAll(strings.TrimPrefix(u.Path, "/"), "asof", "reader")
	db.Must("CREATE ROLE " + name + " LOGIN PASSWORD 'x'")
	t.Cleanup(func() {
		db.Must("DROP OWNED BY " + name)
		db.Must("DROP ROLE " + name)
	})
	db.Must("GRANT SELECT ON e TO " + name)
	u.User = url.User(name)
	t.Setenv("PGPASSWORD", "x") // pgx reads the environment itself
	return u.String()
}

// TestServersSayWhatIsLost is TestAnswersSayWhatIsLost on servers.
func TestServersSayWhatIsLost(t *testing.T) {
	const create = "CREATE TABLE e(pos integer PRIMARY KEY, id varchar(20), s varchar(20), v integer, t varchar(20), d varchar(200), c varchar(20))"
	const said = "2 rows without a stream or a version"
	ask := func(t *testing.T, dsn, variable string, must func(string, ...any)) {
		must(create)
		must(lostRows)
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		password, _ := u.User.Password()
		u.User = url.User(u.User.Username())
		t.Setenv(variable, password) // pgx reads the environment itself
		(&lostStore{env: map[string]string{variable: password}, path: u.String(), project: lostProject, said: said}).check(t)
	}
	t.Run("postgres", func(t *testing.T) {
		db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
		ask(t, db.DSN, "PGPASSWORD", db.Must)
	})
	t.Run("row-level security", func(t *testing.T) {
		db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
		db.Must(create)
		db.Must(`INSERT INTO e VALUES (1,'x1','a',1,'A','{"n":1}','none'), (2,'x2','b',1,'A','{"n":2}',NULL), (4,'x4','a',2,'A','{"n":3}',NULL), (5,'x5','gone',1,'A','{"n":-1}',NULL)`)
		u := reader(t, db)
		db.Must("ALTER TABLE e ENABLE ROW LEVEL SECURITY")
		db.Must("CREATE POLICY others ON e USING (s <> 'gone')")
		(&lostStore{env: map[string]string{"PGPASSWORD": "x"}, path: u, project: lostProject, said: "rows that row-level security may hide from this user"}).check(t)
	})
	t.Run("mysql", func(t *testing.T) {
		db := testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))
		ask(t, db.DSN, "MYSQL_PWD", db.Must)
	})
}

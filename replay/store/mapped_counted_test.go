package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/testdb"
)

// counted are tables whose versions are counted, and the events of the stream a: VERSION
// PAYLOAD.
var counted = []struct {
	name, rows string // the rows as a query
	mapping    map[string]string
	want       string
}{
	{
		"a column has the name that the count would have",
		"SELECT 'a' AS stream, 7 AS position, 3 AS asof_version, 4 AS asof_version_", nil,
		`1 {"asof_version":3,"asof_version_":4}`,
	},
	{
		"columns have the names that the payload would have",
		"SELECT 'a' AS stream, 7 AS position, 1 AS x, 2 AS e", nil,
		`1 {"x":1,"e":2}`,
	},
	{
		"numbers in JSON",
		`SELECT 'a' AS stream, '{"n":10}' AS data UNION ALL SELECT 'a', '{"n":9}' UNION ALL SELECT 'a', '{"n":9.5}' UNION ALL SELECT 'a', '{"n":-1}'`,
		map[string]string{"version": "#data:/n"},
		`1 {"n":-1}, 2 {"n":9}, 3 {"n":9.5}, 4 {"n":10}`,
	},
	{
		"texts compare byte by byte",
		`SELECT 'a' AS stream, 'b' AS at, 1 AS data UNION ALL SELECT 'a', 'A', 2 UNION ALL SELECT 'a', 'a', 3 UNION ALL SELECT 'a', 'B', 4`,
		map[string]string{"version": "#at"},
		`1 2, 2 4, 3 3, 4 1`,
	},
	{
		"equal times, one way",
		"SELECT 'a' AS stream, '2026-03-01' AS time, 'T' AS type, 1 AS data UNION ALL SELECT 'a', '2026-03-01', 'S', 2 UNION ALL SELECT 'a', '2026-03-01', 'S', 1", nil,
		`1 1, 2 2, 3 1`,
	},
	{
		"equal times, the other way",
		"SELECT 'a' AS stream, '2026-03-01' AS time, 'S' AS type, 2 AS data UNION ALL SELECT 'a', '2026-03-01', 'T', 1 UNION ALL SELECT 'a', '2026-03-01', 'S', 1", nil,
		`1 1, 2 2, 3 1`,
	},
}

// mixedTimes are the times of a stream's events in their order, as a program may write them.
var mixedTimes = []string{
	"2026-03-01T12:00:00+05:00", "2026-03-01T07:30:00Z", "2026-03-01T07:30:00.5Z", "2026-03-01T07:30:00.53Z",
	"2026-03-01 08:00:00", "2026-03-01T10:00:00+01:00", "2026-03-01T04:30:00.25-05:00",
}

// countedByTimes returns rows with these times, in another order, as a query.
func countedByTimes() string {
	var rows []string
	for _, i := range []int{4, 1, 6, 0, 3, 5, 2} {
		rows = append(rows, fmt.Sprintf("SELECT 'a' AS stream, '%s' AS time, %d AS data", mixedTimes[i], i+1))
	}
	return strings.Join(rows, " UNION ALL ")
}

// checkMixedTimes expects that no event is counted by how its time is written: it is counted
// by its time, or every question fails.
func checkMixedTimes(t *testing.T, open func() replay.Reader, sorts bool) {
	for _, q := range []replay.Query{{Order: replay.ByStream}, {Streams: []replay.StreamID{"a"}}, {Streams: []replay.StreamID{"a"}, Limit: 1}} {
		r := open()
		n := 0
		for e, err := range r.Events(t.Context(), q) {
			if err != nil {
				if sorts || !strings.Contains(err.Error(), "not sort by time") {
					t.Error(err)
				}
				n = -1
				break
			}
			if n++; string(e.Data) != fmt.Sprint(e.Version) {
				t.Errorf("%+v: version %d is of %s", q, e.Version, e.Data)
			}
		}
		if sorts != (n > 0) {
			t.Errorf("%+v: %d events", q, n)
		}
		if _, err := r.Summary(t.Context()); sorts != (err == nil) {
			t.Errorf("the summary: %v", err)
		}
	}
}

func TestMixedTimes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "times.db")
	testdb.Build(t, path, nil, "CREATE TABLE e(s TEXT)", "CREATE TABLE times AS "+countedByTimes())
	checkMixedTimes(t, func() replay.Reader {
		return mustOpen(t, path, Options{Query: countedByTimes(), Map: map[string]string{}})
	}, true)
	mapping := map[string]string{"stream": "stream", "version": "#time", "time": "time", "data": "data"}
	checkMixedTimes(t, func() replay.Reader { return mustOpen(t, path, Options{Table: "times", Map: mapping}) }, true)
	var lines strings.Builder
	for i := range mixedTimes {
		n := (i*3 + 2) % len(mixedTimes)
		fmt.Fprintf(&lines, "{\"s\":\"a\",\"at\":%q,\"n\":%d}\n", mixedTimes[n], n+1)
	}
	file := filepath.Join(t.TempDir(), "times.ndjson")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	inFile := map[string]string{"stream": "s", "version": "#time", "time": "at", "data": "n", "type": "'T'"}
	checkMixedTimes(t, func() replay.Reader { return mustOpen(t, file, Options{Map: inFile}) }, true)
}

func TestPgMixedTimes(t *testing.T) {
	db := newPgDatabase(t)
	db.Must("CREATE TABLE e(s text)")
	checkMixedTimes(t, func() replay.Reader { return db.open(Options{Query: countedByTimes()}) }, false)
	own := "SELECT x.stream, x.time::timestamptz AS time, x.data FROM (" + countedByTimes() + ") AS x"
	checkMixedTimes(t, func() replay.Reader { return db.open(Options{Query: own}) }, true)
}

func TestMyMixedTimes(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("CREATE TABLE e(s text)")
	checkMixedTimes(t, func() replay.Reader { return db.open(Options{Query: countedByTimes()}) }, false)
}

func checkCounted(t *testing.T, open func(Options) replay.Reader) {
	for _, c := range counted {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range events(t, open(Options{Query: c.rows, Map: c.mapping}), replay.Query{Streams: []replay.StreamID{"a"}}) {
				got = append(got, fmt.Sprintf("%d %s", e.Version, e.Data))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("%s\nwant %s", s, c.want)
			}
		})
	}
}

// Versions are counted in one order, however the rows are stored.
func TestCountedVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "counted.db")
	testdb.Build(t, path, nil, "CREATE TABLE e(s TEXT)")
	checkCounted(t, func(o Options) replay.Reader { return mustOpen(t, path, o) })
}

func TestPgCountedVersions(t *testing.T) {
	db := newPgDatabase(t)
	db.Must("CREATE TABLE e(s text)")
	checkCounted(t, func(o Options) replay.Reader { return db.open(o) })
}

// A view has no rowid: its rows count the same, whatever the order of the table below.
func TestCountedVersionsOfAView(t *testing.T) {
	var got [2]string
	for i, rows := range []string{"('1','a',0,'one'), ('2','a',0,'two')", "('1','a',0,'two'), ('2','a',0,'one')"} {
		path := filepath.Join(t.TempDir(), "rows.db")
		testdb.Build(t, path, nil, "CREATE TABLE rows(k TEXT PRIMARY KEY, s TEXT, at TEXT, d TEXT)", "INSERT INTO rows VALUES "+rows, "CREATE VIEW v AS SELECT s, at, d FROM rows")
		r := mustOpen(t, path, Options{Table: "v", Map: map[string]string{"stream": "s", "version": "#at", "type": "d"}})
		for _, e := range events(t, r, replay.Query{Streams: []replay.StreamID{"a"}}) {
			got[i] += fmt.Sprintf("%d %s;", e.Version, e.Type)
		}
	}
	if got[0] != got[1] {
		t.Errorf("%s\n%s", got[0], got[1])
	}
}

// composite has streams of a text and a number.
const (
	composite     = "CREATE TABLE e(tenant TEXT, n INTEGER, v INTEGER)"
	compositeRows = "INSERT INTO e VALUES ('a', 1, 1), ('b', 2, 1)"
)

// A stream that the store can't contain is no stream, and does not disturb the others.
func checkCompositeStreams(t *testing.T, r replay.Reader) {
	for _, ids := range [][]replay.StreamID{{"a/1", "b/no", "b/2"}, {"a/1", "b/2", "z/no"}, {"a/no", "a/1", "b/2"}} {
		if all := events(t, r, replay.Query{Streams: ids, Order: replay.ByStream}); len(all) != 2 {
			t.Errorf("%q: %d events, want 2", ids, len(all))
		}
	}
}

var compositeOptions = Options{Table: "e", Map: map[string]string{"stream": "tenant+n", "version": "v", "type": "'T'"}}

func TestCompositeStreamsReject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "composite.db")
	testdb.Build(t, path, nil, composite, compositeRows)
	checkCompositeStreams(t, mustOpen(t, path, compositeOptions))
}

func TestPgStreamsThatACompositeCantBe(t *testing.T) {
	db := newPgDatabase(t)
	db.Must(composite)
	db.Must(compositeRows)
	checkCompositeStreams(t, db.open(compositeOptions))
}

// The settings of a database change neither what SQL says nor how values are written.
func TestPgSettingsChangeNothing(t *testing.T) {
	db := newPgDatabase(t)
	db.Must(`CREATE TABLE e(s text, v int, f float8, i interval)`)
	db.Must(`INSERT INTO e VALUES ('a', 1, 0.1::float8 + 0.2::float8, '1 day')`)
	name := db.DSN[strings.LastIndexByte(db.DSN, '/')+1:]
	name, _, _ = strings.Cut(name, "?")
	for _, set := range []string{"standard_conforming_strings = off", "extra_float_digits = 0", "intervalstyle = 'iso_8601'", "bytea_output = 'escape'", "timezone = 'Asia/Tokyo'"} {
		db.Must("ALTER DATABASE " + name + " SET " + set)
	}
	r := db.open(Options{Table: "e", Map: map[string]string{"stream": `'c\d'+s`, "version": "v", "type": `'T\''x'`, "data": "f+i"}})
	all := readPg(t, r, replay.Query{Streams: []replay.StreamID{`c\d/a`}})
	if len(all) != 1 || all[0].Type != `T\'x` || string(all[0].Data) != `{"f":0.30000000000000004,"i":"1 day"}` {
		t.Errorf("%+v", all)
	}
}

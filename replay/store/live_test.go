package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/fixtures/write"
	"asof/inspect/live"
	"asof/replay"
)

// A liveRow is the state of a row after its last version.
type liveRow struct {
	table, key string
	gone       bool
	columns    map[string]any
}

// liveRows folds events to the last states of rows.
func liveRows(t testing.TB, events []replay.Event) map[replay.StreamID]*liveRow {
	t.Helper()
	rows := map[replay.StreamID]*liveRow{}
	for i := range events {
		e := &events[i]
		r := rows[e.Stream]
		if r == nil {
			key := strings.TrimPrefix(string(e.Stream), e.Category+"/")
			r = &liveRow{table: e.Category, key: strings.NewReplacer("~1", "/", "~0", "~").Replace(key)}
			rows[e.Stream] = r
		}
		if r.gone = e.Type == "delete"; r.gone || e.Type == "insert" {
			r.columns = map[string]any{}
		}
		if r.gone {
			continue
		}
		var columns map[string]any
		d := json.NewDecoder(bytes.NewReader(e.Data))
		d.UseNumber()
		if err := d.Decode(&columns); err != nil {
			t.Fatal(err)
		}
		for name, v := range columns {
			if r.columns[name] = v; name == "data" {
				if text, ok := v.(string); ok {
					r.columns[name] = text
					continue
				}
				b, _ := json.Marshal(v)
				r.columns[name] = json.RawMessage(b)
			}
		}
	}
	return rows
}

// aLive is a database with a history of rows, and with the rows.
type aLive struct {
	testing.TB
	dialect, variant string
	exec             func(sql string, args ...any)
	server           bool // PostgreSQL or MySQL
	tables           map[string]bool
	rows             map[replay.StreamID]*liveRow
	want             map[replay.StreamID]live.Verdict
}

func (l *aLive) table(category string) string {
	switch l.dialect {
	case "paper-trail", "audited", "laravel-auditing", "activitylog":
		category += "s"
	}
	return `"` + category + `"`
}

// make makes the tables and fills them with the last states.
func (l *aLive) make() {
	for _, r := range l.rows {
		name := l.table(r.table)
		if !l.tables[r.table] {
			l.tables[r.table] = true
			data, drop := "text", "DROP TABLE IF EXISTS "+name
			if _, isJSON := r.columns["data"].(json.RawMessage); isJSON && r.columns["data"] != nil {
				data = "json"
			}
			if l.server {
				drop = "SELECT 1"
			}
			l.exec(drop)
			l.exec("CREATE TABLE IF NOT EXISTS " + name + "(id varchar(200) NOT NULL PRIMARY KEY)")
			for column, typ := range map[string]string{"n": "integer", "note": "text", "data": data} {
				if l.server {
					l.exec("ALTER TABLE " + name + " ADD COLUMN IF NOT EXISTS " + column + " " + typ)
				} else {
					l.exec("ALTER TABLE " + name + " ADD COLUMN " + column + " " + typ)
				}
			}
			l.exec("DELETE FROM " + name)
		}
	}
	for _, r := range l.rows {
		if !r.gone {
			l.insert(r, r.key)
		}
	}
}

func (l *aLive) insert(r *liveRow, key string) {
	n, data := r.columns["n"], r.columns["data"]
	if r.gone {
		n, data = 1, "{}"
	}
	if num, ok := n.(json.Number); ok {
		v, _ := num.Int64()
		n = v
	}
	if raw, ok := data.(json.RawMessage); ok {
		data = string(raw)
	}
	l.exec("INSERT INTO "+l.table(r.table)+"(id, n, note, data) VALUES($1, $2, NULL, $3)", key, n, data)
}

// meddle changes rows without the history, and notes what a comparison must find.
func (l *aLive) meddle(rnd *rand.Rand) {
	changed, missing := l.variant != "yaml" && l.variant != "json" && l.variant != "jsonb" || l.dialect != "paper-trail", l.dialect != "reversion"
	for _, id := range slices.Sorted(maps.Keys(l.rows)) {
		r := l.rows[id]
		name := l.table(r.table)
		switch kind := rnd.IntN(5); {
		case kind == 0 && r.gone:
			l.insert(r, r.key)
			l.want[id] = live.Undeleted
		case r.gone:
		case kind == 1:
			l.exec("UPDATE "+name+" SET n = n + 1000 WHERE id = $1", r.key)
			if changed {
				l.want[id] = live.Changed
			}
		case kind == 2:
			l.exec("UPDATE "+name+" SET note = $1 WHERE id = $2", "null", r.key)
			if _, recorded := r.columns["note"]; changed && recorded {
				l.want[id] = live.Changed
			}
		case kind == 3:
			l.exec("DELETE FROM "+name+" WHERE id = $1", r.key)
			if missing {
				l.want[id] = live.Missing
			}
		}
		if rnd.IntN(4) == 0 {
			l.insert(r, r.key+"/~x")
			l.want[replay.StreamID(string(id)+"~1~0x")] = live.Unrecorded
		}
	}
}

// compare compares the rows with the history.
func (l *aLive) compare(r replay.Reader) {
	l.Helper()
	defer r.Close() //nolint:errcheck // only read
	if got := r.Info().Dialect; got != l.dialect {
		l.Fatalf("it is %s", got)
	}
	result, err := live.Run(l.Context(), r, nil)
	if err != nil {
		l.Fatal(err)
	}
	found := map[replay.StreamID]live.Verdict{}
	for _, f := range result.Found {
		found[f.Stream] = f.Verdict
		for _, c := range f.Columns {
			if c.Name != "n" && c.Name != "note" {
				l.Errorf("%s: column %s was %v, is %v", f.Stream, c.Name, c.Recorded, c.Live)
			}
		}
	}
	if !maps.Equal(found, l.want) {
		l.Errorf("found %v, want %v", found, l.want)
	}
	if got := int64(len(l.rows)); result.Streams != got {
		l.Errorf("%d streams of %d", result.Streams, got)
	}
	for _, t := range result.Tables {
		if t.Name == "" {
			l.Errorf("%s has no table: %s", t.Category, t.Reason)
		}
	}
}

// liveDialects are the histories of rows that know their live tables.
var liveDialects = []string{
	"simple-history", "reversion", "paper-trail", "audited", "laravel-auditing", "activitylog", "envers", "audit-trigger", "supa-audit",
	"sqlalchemy-continuum", "django-auditlog", "pghistory",
}

// TestLiveRows changes rows without the history of every library, and expects exactly
// these to be found.
func TestLiveRows(t *testing.T) {
	for _, d := range write.Dialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			if !slices.Contains(liveDialects, d.Name) {
				t.Skip("it has no rows")
			}
			t.Parallel()
			events := history(120)
			path := writtenBy(t, d, events)
			shown := d.Shown(slices.Values(events))
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			l := &aLive{
				TB: t, dialect: d.Name, variant: d.Variant, tables: map[string]bool{}, rows: liveRows(t, shown), want: map[replay.StreamID]live.Verdict{},
				exec: func(text string, args ...any) {
					if _, err := db.Exec(strings.ReplaceAll(text, "$", "?"), args...); err != nil {
						t.Fatalf("%s: %v", text, err)
					}
				},
			}
			l.check(func() replay.Reader {
				testmain.Age(t, path)
				return mustOpen(t, path, Options{Dialect: d.Name, Recorded: true})
			})
		})
	}
}

func (l *aLive) check(open func() replay.Reader) {
	l.make()
	l.compare(open())
	seed := testmain.Seed(l)
	l.meddle(rand.New(rand.NewPCG(seed, 0)))
	l.compare(open())
}

// serverLive is TestLiveRows on a server.
func serverLive(t *testing.T, d write.PgDialect, run write.Postgres, exec func(sql string, args ...any), open func(Options) replay.Reader) {
	t.Helper()
	events := pgHistory(120)
	if err := d.Write(t.Context(), run, slices.Values(events)); err != nil {
		t.Fatal(err)
	}
	l := &aLive{
		TB: t, dialect: d.Name, variant: d.Variant, tables: map[string]bool{}, rows: liveRows(t, d.Shown(slices.Values(events))),
		want: map[replay.StreamID]live.Verdict{}, server: true, exec: exec,
	}
	l.check(func() replay.Reader { return open(Options{Dialect: d.Name, Recorded: true}) })
}

// TestPgLiveRows is TestLiveRows on PostgreSQL.
func TestPgLiveRows(t *testing.T) {
	for _, d := range write.PgDialects() {
		t.Run(d.Name+" "+d.Variant, func(t *testing.T) {
			if !slices.Contains(liveDialects, d.Name) {
				t.Skip("it has no rows, or its live rows are the last versions")
			}
			db := newPgDatabase(t)
			serverLive(t, d, db.Run, db.Must, db.open)
		})
	}
}

// TestMyLiveRows is TestLiveRows on MySQL. One connection reads the history and the rows at
// once there.
func TestMyLiveRows(t *testing.T) {
	params := regexp.MustCompile(`\$\d`)
	for _, d := range write.MyDialects() {
		t.Run(d.Name+" "+d.Variant, func(t *testing.T) {
			if !slices.Contains(liveDialects, d.Name) {
				t.Skip("it has no rows, or its live rows are the last versions")
			}
			db := newMyDatabase(t)
			serverLive(t, write.PgDialect(d), db.Run, func(sql string, args ...any) { db.Must(params.ReplaceAllString(sql, "?"), args...) }, db.open)
		})
	}
}

// TestMyLiveRowsAside compares more rows than are kept in memory while the history is read
// from the same connection.
func TestMyLiveRowsAside(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("SET sql_mode = 'ANSI_QUOTES'")
	db.Must(`CREATE TABLE shop_item(id int PRIMARY KEY, name longtext)`)
	db.Must(`CREATE TABLE shop_historicalitem(id int, name longtext, history_id bigint AUTO_INCREMENT PRIMARY KEY, history_date datetime(6), history_type varchar(1))`)
	const rows = 4000
	db.Must(fmt.Sprintf(`INSERT INTO shop_historicalitem(id, name, history_date, history_type)
		SELECT seq, repeat(concat('x', seq), 200), '2026-03-01 09:00:00', '+' FROM seq_1_to_%d`, rows))
	db.Must("INSERT INTO shop_item SELECT id, name FROM shop_historicalitem")
	db.Must("UPDATE shop_item SET name = 'other' WHERE id % 1000 = 7")
	result, err := live.Run(t.Context(), db.open(Options{Dialect: "simple-history", Recorded: true}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if result.Streams != rows || result.Rows != rows || len(result.Found) != 4 {
		t.Errorf("%d streams, %d rows, found %v", result.Streams, result.Rows, result.Found)
	}
}

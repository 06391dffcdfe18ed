package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/fixtures/write"
	"asof/inspect/live"
	"asof/replay"
)

// rowDialects are the histories of rows in tables.
var rowDialects = append([]string{"temporal-tables", "sqlite-history", "mariadb-system-versioned"}, liveDialects...)

// damagedTables are the tables of a library in one database.
type damagedTables struct {
	*testing.T
	dialect string
	columns [][2]string // TABLE and COLUMN, quoted
	values  []string    // SQL: what is written over some rows
	relates bool        // a row may be several events
	run     func(sql string) error
	damage  func(table, column, value string) (restore func()) // of some rows; nil if the column refuses the value
	open    func() (replay.Reader, error)

	lost   []string // of the last reading
	design bool     // some were left out by design
}

func (x *damagedTables) must(sql string) {
	x.Helper()
	if err := x.run(sql); err != nil {
		x.Fatalf("%s: %v", sql, err)
	}
}

// byDesign are the omissions of rows with a NULL that a library itself writes for events of
// nothing: they are not lost.
var byDesign = regexp.MustCompile(` of no aggregate$| ha(s|ve) no [a-z_]+$| about no object$| in no stream|of an event to no object$| without a key in activity_log$`)

// all reads all events, and counts those that are left out. Those that no library leaves out
// must be lost. tables says which tables are left out.
func (x *damagedTables) all() (all []*replay.Event, left int, tables string, err error) {
	r, err := x.open()
	if err != nil {
		return nil, 0, "", err
	}
	defer r.Close() //nolint:errcheck // only read
	for e, err := range r.Events(x.Context(), replay.Query{Order: replay.ByStream}) {
		if err != nil {
			return nil, 0, "", err
		}
		all = append(all, e.Clone())
	}
	s, err := r.Summary(x.Context())
	if err != nil {
		return nil, 0, "", err
	}
	for _, line := range s.LeftOut {
		n := 0
		if _, err := fmt.Sscan(line, &n); err != nil {
			tables += line
		}
		left += n
	}
	if x.lost, err = r.Lost(x.Context()); err != nil {
		return nil, 0, "", err
	}
	for _, line := range x.lost {
		if !slices.Contains(s.LeftOut, line) {
			x.Errorf("%q is lost, but only %q left out", line, s.LeftOut)
		}
	}
	x.design = slices.ContainsFunc(s.LeftOut, byDesign.MatchString)
	listed := int64(0)
	for s, err := range r.Streams(x.Context(), replay.StreamQuery{}) {
		if err != nil {
			return nil, 0, "", err
		}
		listed += s.Events
	}
	if listed != int64(len(all)) || s.Events != listed {
		x.Errorf("%d events are read, %d listed, %d counted", len(all), listed, s.Events)
	}
	return all, left, tables, nil
}

// accounts checks that damage to a column loses no version without a word: it is read, or
// left out and counted, or an error.
func (x *damagedTables) accounts() {
	whole, none, before, err := x.all()
	if err != nil || len(whole) == 0 {
		x.Fatalf("%d events, %v", len(whole), err)
	}
	tried := 0
	for _, c := range x.columns {
		for _, value := range x.values {
			restore := x.damage(c[0], c[1], value)
			if restore == nil {
				continue
			}
			tried++
			all, left, tables, err := x.all()
			var twice *replay.DuplicateError
			var store *replay.StoreError
			switch {
			case errors.As(err, &twice), errors.As(err, &store):
			case err != nil:
				x.Errorf("%s of %s is %s: %T: %v", c[1], c[0], value, err, err)
			case tables != before:
			case len(all) < len(whole) && left == none, len(whole)-len(all) > left-none && !x.relates:
				x.Errorf("%s of %s is %s: %d events of %d, %d left out", c[1], c[0], value, len(all), len(whole), left)
			case value == "NULL" && len(all) < len(whole) && x.lost == nil && !x.design:
				x.Errorf("%s of %s is NULL: %d events of %d, and none is lost", c[1], c[0], len(all), len(whole))
			}
			for _, e := range all {
				if key, ok := strings.CutPrefix(string(e.Stream), e.Category+"/"); slices.Contains(rowDialects, x.dialect) && (!ok || key == "" && value == "NULL") {
					x.Errorf("%s of %s is %s: stream %q of category %q", c[1], c[0], value, e.Stream, e.Category)
					break
				}
			}
			restore()
		}
	}
	if tried < 4 {
		x.Errorf("only %d columns can be damaged", tried)
	}
}

// changesColumns checks that a column more or less in the tables is one more or less in the
// rows, and changes nothing else.
func (x *damagedTables) changesColumns() {
	before, left, _, err := x.all()
	if err != nil {
		x.Fatal(err)
	}
	for _, c := range x.columns {
		if strings.Trim(c[1], `"`) == "note" {
			x.must("ALTER TABLE " + c[0] + " ADD COLUMN extra integer")
			if x.dialect != "sqlite-history" { // its masks are of the columns by their order
				x.must("ALTER TABLE " + c[0] + " DROP COLUMN note")
			}
		}
	}
	after, still, _, err := x.all()
	if err != nil || len(after) != len(before) || left != still {
		x.Fatalf("%d events of %d, %d left out of %d: %v", len(after), len(before), still, left, err)
	}
	for i, e := range after {
		was, is := columnsOf(before[i]), columnsOf(e)
		if extra, ok := is["extra"]; ok && string(extra) != "null" {
			x.Errorf("%s@%d: extra is %s", e.Stream, e.Version, extra)
		}
		for _, row := range []map[string]json.RawMessage{was, is} {
			delete(row, "extra")
			delete(row, "note")
		}
		if !maps.EqualFunc(was, is, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) || e.Stream != before[i].Stream || e.Type != before[i].Type || e.Version != before[i].Version {
			x.Fatalf("%s@%d is %s, was %s", e.Stream, e.Version, e.Data, before[i].Data)
		}
	}
}

// losesTables checks that a history whose live tables were dropped is read as before, and that
// a comparison says so.
func (x *damagedTables) losesTables() {
	before, _, _, err := x.all()
	if err != nil {
		x.Fatal(err)
	}
	r, err := x.open()
	if err != nil {
		x.Fatal(err)
	}
	s, err := r.Summary(x.Context())
	if err != nil {
		x.Fatal(err)
	}
	r.Close()
	dropped := 0
	for _, l := range s.Live {
		if l.Name != "" && !slices.Contains([]string{"temporal-tables", "mariadb-system-versioned"}, x.dialect) {
			x.must(`DROP TABLE "` + l.Name + `"`)
			dropped++
		}
	}
	if dropped == 0 {
		return
	}
	after, _, _, err := x.all()
	if err != nil || len(after) != len(before) {
		x.Fatalf("%d events of %d without the live tables: %v", len(after), len(before), err)
	}
	if r, err = x.open(); err != nil {
		x.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	result, err := live.Run(x.Context(), r, nil)
	if err != nil {
		x.Fatal(err)
	}
	for _, t := range result.Tables {
		if t.Name != "" || t.Reason == "" {
			x.Errorf("%s is compared with the table %q: %q", t.Category, t.Name, t.Reason)
		}
	}
}

func columnsOf(e *replay.Event) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if json.Unmarshal(e.Data, &out) != nil {
		return nil
	}
	return out
}

// TestTablesAccountForDamage damages the tables of every library in SQLite. Of histories of
// rows it also changes the columns of the rows and drops the live tables.
func TestTablesAccountForDamage(t *testing.T) {
	for _, d := range write.Dialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			t.Parallel()
			x := inFile(t, d)
			x.relates = d.Name == "ocel-2.0"
			x.accounts()
			if slices.Contains(rowDialects, d.Name) {
				x.changesColumns()
				x.losesTables()
			}
		})
	}
}

// inFile returns the tables of a library in a SQLite file.
func inFile(t *testing.T, d write.Dialect) *damagedTables {
	t.Helper()
	path := writtenBy(t, d, history(16))
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	x := &damagedTables{T: t, dialect: d.Name, values: []string{"NULL", "'no'"}, open: func() (replay.Reader, error) {
		testmain.Age(t, path)
		return Open(t.Context(), path, Options{Dialect: d.Name, Recorded: true})
	}}
	x.run = func(sql string) error { _, err := db.Exec(sql); return err }
	x.must("PRAGMA writable_schema = ON")
	x.must("UPDATE sqlite_schema SET sql = replace(replace(sql, 'NOT NULL', ''), 'not null', '') WHERE sql NOT LIKE '%WITHOUT ROWID%'")
	x.must("PRAGMA writable_schema = RESET")
	x.columns = columnsIn(t, db, `SELECT '"' || m.name || '"', '"' || c.name || '"' FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2`)
	x.damage = func(table, column, value string) func() {
		x.must("CREATE TEMP TABLE kept AS SELECT rowid AS row, " + column + " AS old FROM " + table)
		restore := func() {
			x.must("UPDATE " + table + " SET " + column + " = (SELECT old FROM kept WHERE row = " + table + ".rowid)")
			x.must("DROP TABLE kept")
		}
		if err := x.run("UPDATE " + table + " SET " + column + " = " + value + " WHERE rowid % 5 = 2"); err != nil {
			restore()
			return nil
		}
		return restore
	}
	return x
}

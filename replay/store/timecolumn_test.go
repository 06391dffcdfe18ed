package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/testdb"
)

// A timesCase is a column of times, written alike in SQL and JSON.
type timesCase struct {
	name  string
	times []string // NULL, a number or a quoted text
	as    string   // after the column in the mapping
	zone  string
	want  []string
	says  string
}

var timesCases = []timesCase{
	{
		name:  "milliseconds",
		times: []string{"1767225600000", "1767225660000.0", "1767225720500"},
		want:  []string{"2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z", "2026-01-01T00:02:00.5Z"},
		says:  "Unix milliseconds, UTC",
	},
	{
		name:  "ticks",
		times: []string{"NULL", "0", "639028584000000000"},
		want:  []string{"", "", "2026-01-01T10:00:00Z"},
		says:  ".NET ticks, UTC",
	},
	{
		name:  "a unit that is given",
		times: []string{"788918400", "1"},
		as:    ":cocoa",
		want:  []string{"2026-01-01T00:00:00Z", "2001-01-01T00:00:01Z"},
		says:  "Cocoa seconds, UTC, as given",
	},
	{
		name:  "numbers of two units",
		times: []string{"1767225600", "1767225600000"},
		want:  []string{"!1767225600 to 1767225600000 is between 1971 and 2099 in no single unit", "!in no single unit"},
		says:  "none can be read; 1767225600 to 1767225600000 is between 1971 and 2099 in no single unit",
	},
	{
		name:  "a number that may be two times",
		times: []string{"788918400"},
		want:  []string{"!as Unix seconds that is 1995-01-01, as Cocoa seconds that is 2026-01-01"},
		says:  "none can be read; 788918400 fits no unit with certainty: as Unix seconds that is 1995-01-01, as Cocoa seconds that is 2026-01-01",
	},
	{
		name:  "texts",
		times: []string{"'2026-01-01 10:00:00'", "'2026-01-01 10:01:00.000 +00:00'", "'2026-01-01 10:02'", "'soon'"},
		want:  []string{"2026-01-01T10:00:00Z", "2026-01-01T10:01:00Z", "2026-01-01T10:02:00Z", `!"soon" is not a time`},
		says:  "as text, 2 of them without a zone, taken as UTC",
	},
	{
		name:  "texts of a zone",
		times: []string{"'2026-07-01 10:00:00'", "'2026-01-01 10:00:00'", "'2026-10-25 02:30:00'"},
		zone:  "Europe/Berlin",
		want:  []string{"2026-07-01T08:00:00Z", "2026-01-01T09:00:00Z", "2026-10-25T00:30:00Z"},
		says:  "as text without a zone, taken as Europe/Berlin; 1 that a clock change in Europe/Berlin repeated or skipped, read as before the change",
	},
	{
		name:  "numbers in texts",
		times: []string{"'1767225600.0'", "'1767225601'"},
		want:  []string{"2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"},
		says:  "Unix seconds, UTC",
	},
	{
		name:  "none",
		times: []string{"NULL", "''", "'0001-01-01T00:00:00'"},
		want:  []string{"", "", ""},
		says:  "none of its events has a time",
	},
}

// check reads the events of a store and the description of their times.
func (c *timesCase) check(t *testing.T, r replay.Reader) {
	for i, e := range events(t, r, replay.Query{}) {
		got := ""
		if !e.Time.IsZero() {
			got = e.Time.Format(time.RFC3339Nano)
		}
		if why, bad := strings.CutPrefix(c.want[i], "!"); bad {
			if got != "" || !strings.Contains(e.NoTime, why) {
				t.Errorf("%s is read as %q (%s), want %s", c.times[i], got, e.NoTime, why)
			}
		} else if got != c.want[i] || e.NoTime != "" {
			t.Errorf("%s is read as %q (%s), want %s", c.times[i], got, e.NoTime, c.want[i])
		}
	}
	sum, err := r.Summary(context.Background())
	if err != nil || sum.Times != c.says && !(sum.Times == "" && slices.Contains(r.Info().Lacks, "times")) {
		t.Errorf("says %q, want %q (%v)", sum.Times, c.says, err)
	}
}

func (c *timesCase) options(t *testing.T) Options {
	o := Options{Map: map[string]string{"stream": "s", "version": "v", "position": "v", "time": "at" + c.as}}
	if c.zone != "" {
		var err error
		if o.TimeZone, err = time.LoadLocation(c.zone); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// TestColumnsOfTimes checks that tables and files give the same times.
func TestColumnsOfTimes(t *testing.T) {
	for _, c := range timesCases {
		t.Run(c.name, func(t *testing.T) {
			var rows []string
			for i, at := range c.times {
				at = strings.ReplaceAll(strings.ReplaceAll(at, "'", `"`), "NULL", "null")
				rows = append(rows, fmt.Sprintf(`{"s":"a","v":%d,"at":%s}`, i+1, at))
			}
			file, err := openText(t, strings.Join(rows, "\n"), c.options(t))
			if err != nil {
				t.Fatal(err)
			}
			c.check(t, file)

			o := c.options(t)
			o.Table = "log"
			path := filepath.Join(t.TempDir(), "times.db")
			testdb.Build(t, path, func(tx *sql.Tx) error {
				for i, at := range c.times {
					if _, err := tx.Exec(fmt.Sprintf("INSERT INTO log VALUES('a', %d, %s)", i+1, at)); err != nil {
						return err
					}
				}
				return nil
			}, "CREATE TABLE log(s TEXT, v INTEGER PRIMARY KEY, at)")
			c.check(t, mustOpen(t, path, o))
		})
	}
}

// TestPgColumnsOfTimes does the same in PostgreSQL, whose columns are numbers or texts, not
// both.
func TestPgColumnsOfTimes(t *testing.T) {
	for _, c := range timesCases {
		t.Run(c.name, func(t *testing.T) {
			db, typ := newPgDatabase(t), "numeric"
			if strings.Contains(strings.Join(c.times, ""), "'") {
				typ = "text"
			}
			db.Must("CREATE TABLE log(s text, v bigint PRIMARY KEY, at " + typ + ")")
			for i, at := range c.times {
				db.Must(fmt.Sprintf("INSERT INTO log VALUES('a', %d, %s)", i+1, at))
			}
			o := c.options(t)
			o.Table = "log"
			c.check(t, mustOpen(t, db.DSN, o))
		})
	}
}

// TestJulianDays compares SQLite's julianday with its datetime.
func TestJulianDays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "julian.db")
	times := []string{"1971-01-02 00:00:00.000", "2000-01-01 12:00:00.000", "2026-03-29 01:30:00.123", "2099-08-30 11:59:59.000"}
	testdb.Build(t, path, func(tx *sql.Tx) error {
		for i, at := range times {
			if _, err := tx.Exec("INSERT INTO log VALUES('a', ?, julianday(?))", i, at); err != nil {
				return err
			}
		}
		return nil
	}, "CREATE TABLE log(s TEXT, v INT, at REAL)")
	r := mustOpen(t, path, Options{Table: "log", Map: map[string]string{"stream": "s", "version": "v", "time": "at"}})
	for i, e := range events(t, r, replay.Query{Streams: []replay.StreamID{"a"}}) {
		if got := e.Time.Format("2006-01-02 15:04:05.000"); got != times[i] {
			t.Errorf("%s is read as %s", times[i], got)
		}
	}
	if sum, err := r.Summary(context.Background()); err != nil || sum.Times != "Julian days, UTC" {
		t.Errorf("says %q (%v)", sum.Times, err)
	}
}

// TestUnitOfTheMiddle checks that the unit does not depend on the query. If the ends have no
// number, all rows determine it, and other numbers are refused.
func TestUnitOfTheMiddle(t *testing.T) {
	const n = 256 // four times the rows examined at each end
	for name, c := range map[string]struct {
		at   map[int]int64 // by row; other rows have no time
		want string        // the time of the middle row
	}{
		"alone":             {map[int]int64{n / 2: 788918400000, n/2 + 1: 1767225600123}, "1995-01-01"},
		"in another unit":   {map[int]int64{0: 1767225600000, n / 2: 1767225600, n - 1: 1767225600001}, "!Unix milliseconds, in which 1767225600 is 1970-01-21"},
		"older than others": {map[int]int64{0: 1767225600, n / 2: 788918400}, "1995-01-01"},
	} {
		path := filepath.Join(t.TempDir(), "middle.db")
		testdb.Build(t, path, func(tx *sql.Tx) error {
			for i := range n {
				var at any
				if v, ok := c.at[i]; ok {
					at = v
				}
				if _, err := tx.Exec("INSERT INTO log VALUES('a', ?, ?)", i, at); err != nil {
					return err
				}
			}
			return nil
		}, "CREATE TABLE log(s TEXT, v INT, at INT)")
		r := mustOpen(t, path, Options{Table: "log", Map: map[string]string{"stream": "s", "version": "v", "time": "at"}})
		e := events(t, r, replay.Query{Streams: []replay.StreamID{"a"}, Versions: replay.Between[replay.Version](n/2, n/2)})[0]
		got := e.Time.Format(time.DateOnly)
		if want, refused := strings.CutPrefix(c.want, "!"); refused && (!e.Time.IsZero() || !strings.Contains(e.NoTime, want)) || !refused && got != c.want {
			t.Errorf("%s: %s (%s), want %s", name, got, e.NoTime, c.want)
		}
	}
}

package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/cell"
)

// TestRowsWithoutAKey takes the key from some versions in the table of each library, which
// leaves these out and counts them.
func TestRowsWithoutAKey(t *testing.T) {
	for _, c := range []struct{ name, variant, table, key string }{
		{"simple-history", "", "shop_historicalcart", "id"},
		{"reversion", "", "reversion_version", "object_id"},
		{"paper-trail", "yaml", "versions", "item_id"},
		{"paper-trail", "json, object_changes", "versions", "item_type"},
		{"audited", "json", "audits", "auditable_id"},
		{"laravel-auditing", "", "audits", "auditable_type"},
		{"django-auditlog", "", "auditlog_logentry", "object_pk"},
		{"sqlite-history", "", "_shop_cart_history", "_rowid"},
	} {
		t.Run(c.name+" "+c.key, func(t *testing.T) {
			t.Parallel()
			path := written(t, c.name, c.variant, history(60))
			intact := len(events(t, mustOpen(t, path, Options{}), replay.Query{Order: replay.ByStream}))
			edit(t, path, "CREATE TABLE kept AS SELECT * FROM "+c.table, "DROP TABLE "+c.table, "ALTER TABLE kept RENAME TO "+c.table,
				"UPDATE "+c.table+" SET "+c.key+" = NULL WHERE rowid % 5 = 2")
			r := mustOpen(t, path, Options{Dialect: c.name})
			s, err := r.Summary(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			n := int64(0)
			for _, left := range s.LeftOut {
				if strings.Contains(left, " versions without a key in "+c.table) {
					fmt.Sscan(left, &n) //nolint:errcheck // 0 is an error below
				}
			}
			if n < 4 || s.Events != int64(intact)-n {
				t.Errorf("%d events of %d, left out %q", s.Events, intact, s.LeftOut)
			}
		})
	}
}

// TestRowsThatChangeTheirColumns adds a column between two versions of a row and drops
// another. The state has what the last version has, and NULL only where that is recorded.
func TestRowsThatChangeTheirColumns(t *testing.T) {
	for _, c := range []struct {
		name, variant string
		edits         []string
		stream        replay.StreamID
		want          []string // after each version
	}{
		{"simple-history", "", []string{
			"INSERT INTO shop_historicalcart(id, n, data, history_id, history_date, history_type) VALUES('z', 1, '{}', 900, '2027-01-01 00:00:00', '+')",
			"ALTER TABLE shop_historicalcart ADD COLUMN extra integer", "ALTER TABLE shop_historicalcart DROP COLUMN note",
			"INSERT INTO shop_historicalcart(id, n, data, extra, history_id, history_date, history_type) VALUES('z', 1, '{}', 5, 901, '2027-01-02 00:00:00', '~')",
		}, "shop_cart/z", []string{`{"id":"z","n":1,"data":{},"extra":null}`, `{"id":"z","n":1,"data":{},"extra":5}`}},
		{"envers", "", []string{
			"INSERT INTO REVINFO(REV, REVTSTMP) VALUES(900, 1798761600000), (901, 1798761700000)",
			"INSERT INTO shop_cart_AUD(id, n, REV, REVTYPE) VALUES('z', 1, 900, 0)",
			"ALTER TABLE shop_cart_AUD ADD COLUMN extra integer", "ALTER TABLE shop_cart_AUD DROP COLUMN note", "ALTER TABLE shop_cart_AUD DROP COLUMN data",
			"INSERT INTO shop_cart_AUD(id, n, extra, REV, REVTYPE) VALUES('z', 2, 5, 901, 1)",
		}, "shop_cart/z", []string{`{"id":"z","n":1,"extra":null}`, `{"id":"z","n":2,"extra":5}`}},
		{"paper-trail", "json, object_changes", []string{
			`INSERT INTO versions(id, item_type, item_id, event, object_changes, created_at) VALUES(900, 'Z', 'z', 'create', '{"id":[null,"z"],"a":[null,1]}', '2027-01-01 00:00:00')`,
			`INSERT INTO versions(id, item_type, item_id, event, object, object_changes, created_at) VALUES(901, 'Z', 'z', 'update', '{"id":"z","a":1,"b":null}', '{"b":[null,2]}', '2027-01-02 00:00:00')`,
			`INSERT INTO versions(id, item_type, item_id, event, object, object_changes, created_at) VALUES(902, 'Z', 'z', 'update', '{"id":"z","b":2}', '{"b":[2,null]}', '2027-01-03 00:00:00')`,
		}, "Z/z", []string{`{"id":"z","a":1,"b":null}`, `{"id":"z","a":1,"b":2}`, `{"id":"z","b":null}`}},
		{"audited", "json", []string{
			`INSERT INTO audits(id, auditable_type, auditable_id, action, audited_changes, created_at) VALUES(900, 'Z', 'z', 'create', '{"a":1}', '2027-01-01 00:00:00')`,
			`INSERT INTO audits(id, auditable_type, auditable_id, action, audited_changes, created_at) VALUES(901, 'Z', 'z', 'update', '{"b":[null,2],"a":[1,null]}', '2027-01-02 00:00:00')`,
		}, "Z/z", []string{`{"a":1}`, `{"a":null,"b":2}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := written(t, c.name, c.variant, history(20))
			edit(t, path, c.edits...)
			r := mustOpen(t, path, Options{Dialect: c.name, Recorded: true})
			for i, want := range c.want {
				got := stateAfter(t, r, c.stream, replay.Version(i+1))
				if got != want {
					t.Errorf("after version %d: %s, want %s", i+1, got, want)
				}
			}
		})
	}
}

// TestOneRowOfAny asks for one row by keys of every type and by names that no row can have,
// and compares the answer with that about all rows.
func TestOneRowOfAny(t *testing.T) {
	path := written(t, "paper-trail", "json, object_changes", history(20))
	edit(t, path, "CREATE TABLE kept AS SELECT * FROM versions", "DROP TABLE versions",
		"CREATE TABLE versions(id integer PRIMARY KEY, item_type, item_id, event, whodunnit, object, object_changes, created_at, transaction_id)",
		"INSERT INTO versions(id, item_type, item_id, event, object_changes, created_at) SELECT id, item_type, item_id, event, object_changes, created_at FROM kept", "DROP TABLE kept",
		`INSERT INTO versions(id, item_type, item_id, event, object_changes, created_at) VALUES
			(901, 'Z', 5, 'create', '{}', '2027-01-01 00:00:00'), (902, 'Z', '5', 'update', '{}', '2027-01-01 00:00:00'), (903, 'Z', '05', 'create', '{}', '2027-01-01 00:00:00'),
			(904, 'Z', x'00ff', 'create', '{}', '2027-01-01 00:00:00'), (905, 'Z', '00ff', 'update', '{}', '2027-01-01 00:00:00'), (906, 'Z', 'it''s/~', 'create', '{}', '2027-01-01 00:00:00'),
			(907, 'Z', CAST(x'610062' AS TEXT), 'create', '{}', '2027-01-01 00:00:00'), (908, 'z', '5', 'create', '{}', '2027-01-01 00:00:00'), (909, 'Z', '', 'create', '{}', '2027-01-01 00:00:00')`)
	want := map[replay.StreamID][]string{}
	for _, e := range events(t, mustOpen(t, path, Options{}), replay.Query{Order: replay.ByStream}) {
		want[e.Stream] = append(want[e.Stream], fmt.Sprint(e.Version, e.Position, e.Type, e.ID))
	}
	for _, id := range []replay.StreamID{"Z/5", "Z/05", "Z/00ff", "Z/00FF", "Z/it's~1~0", "Z/it's/~", "Z/a\x00b", "Z/a", "z/5", "Z/", "Z", "", "Z/5/6", "Z/\xff", "Z/\x00"} {
		want[id] = append(want[id][:0:0], want[id]...)
	}
	if len(want["Z/5"]) != 2 || len(want["Z/00ff"]) != 2 || len(want["Z/a\x00b"]) != 1 {
		t.Fatalf("%q", want)
	}
	for id, want := range want {
		var got []string
		for _, e := range events(t, mustOpen(t, path, Options{}), replay.Query{Streams: []replay.StreamID{id}}) {
			got = append(got, fmt.Sprint(e.Version, e.Position, e.Type, e.ID))
		}
		if strings.Join(got, ";") != strings.Join(want, ";") {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

// TestEnversSubclasses reads the tables of subclasses, which have no revtype, by the types of
// their parent's versions, and leaves out and names one without a parent.
func TestEnversSubclasses(t *testing.T) {
	tables := []string{
		"CREATE TABLE REVINFO(REV integer PRIMARY KEY, REVTSTMP bigint)",
		"CREATE TABLE Person_AUD(id bigint NOT NULL, REV integer NOT NULL, REVTYPE smallint, name varchar(20), PRIMARY KEY(id, REV))",
		"CREATE TABLE Employee_AUD(id bigint NOT NULL, REV integer NOT NULL, salary integer, PRIMARY KEY(id, REV), FOREIGN KEY(id, REV) REFERENCES Person_AUD(id, REV))",
		"CREATE TABLE Manager_AUD(id bigint NOT NULL, REV integer NOT NULL, bonus integer, PRIMARY KEY(id, REV), FOREIGN KEY(id, REV) REFERENCES Employee_AUD(id, REV))",
		"CREATE TABLE Other_AUD(id bigint NOT NULL, REV integer NOT NULL, PRIMARY KEY(id, REV))",
		"INSERT INTO REVINFO VALUES(1, 1767225600000), (2, 1767225700000), (3, 1767225800000)",
		"INSERT INTO Person_AUD VALUES(1, 1, 0, 'a'), (2, 1, 0, 'p'), (1, 2, 1, 'b'), (1, 3, 2, NULL)",
		"INSERT INTO Employee_AUD VALUES(1, 1, 10), (1, 2, 20), (1, 3, NULL)",
		"INSERT INTO Manager_AUD VALUES(1, 1, 5), (1, 2, 5), (1, 3, NULL)",
	}
	check := func(t *testing.T, r replay.Reader) {
		t.Helper()
		var got []string
		for _, e := range events(t, r, replay.Query{Order: replay.ByStream}) {
			got = append(got, strings.ToLower(string(e.Stream))+" "+e.Type+" "+strings.ReplaceAll(string(e.Data), " ", ""))
		}
		want := []string{
			`employee/1 insert {"id":1,"salary":10}`, `employee/1 update {"id":1,"salary":20}`, `employee/1 delete {"id":1,"salary":null}`,
			`manager/1 insert {"id":1,"bonus":5}`, `manager/1 update {"id":1,"bonus":5}`, `manager/1 delete {"id":1,"bonus":null}`,
			`person/1 insert {"id":1,"name":"a"}`, `person/1 update {"id":1,"name":"b"}`, `person/1 delete {"id":1,"name":null}`,
			`person/2 insert {"id":2,"name":"p"}`,
		}
		if r.Info().Dialect != "envers" || !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", r.Info().Dialect, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if left := strings.ToLower(strings.Join(r.Info().LeftOut, "; ")); !strings.Contains(left, "table other_aud, which has no revtype") {
			t.Errorf("left out %q", left)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		edit(t, path, tables...)
		check(t, mustOpen(t, path, Options{}))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		db := newPgDatabase(t)
		for _, sql := range tables {
			db.Must(sql)
		}
		check(t, db.open(Options{}))
	})
	t.Run("MariaDB", func(t *testing.T) {
		db := newMyDatabase(t)
		for _, sql := range tables {
			db.Must(sql)
		}
		check(t, db.open(Options{}))
	})
}

// TestTextsThatAreNotUTF8 writes texts of any bytes, which SQLite takes, into a column of a
// history: different bytes are different values, and a text with valid bytes is itself.
func TestTextsThatAreNotUTF8(t *testing.T) {
	for name, insert := range map[string]string{
		"simple-history": "INSERT INTO shop_historicalcart(id, n, data, note, history_id, history_date, history_type) VALUES('%[1]d', 1, '{}', %[2]s, %[1]d, '2027-01-01 00:00:00', '+')",
		"sqlite-history": "INSERT INTO _shop_cart_history(_rowid, name, note, _version, _updated, _mask) VALUES(%[1]d, 'n', %[2]s, 1, 1798761600000, 15)",
		"envers":         "INSERT INTO shop_cart_AUD(id, n, note, REV, REVTYPE) VALUES('%[1]d', 1, %[2]s, 1, 0)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := written(t, name, "", history(20))
			texts := []string{"6180", "61ff", "61fe", "ff", "fe", "c3", "e28261", "f09f98", "eda0bd", "edb880", "eda0bdff", "eda0bdfe", "61efbfbd", "c3a9", "00ff", "00fe", "22ff", "5cff"}
			for i, text := range texts {
				edit(t, path, fmt.Sprintf(insert, 900+i, "CAST(x'"+text+"' AS TEXT)"))
			}
			values := map[string]string{}
			for _, e := range events(t, mustOpen(t, path, Options{Dialect: name}), replay.Query{Order: replay.ByStream}) {
				i, err := strconv.Atoi(string(e.Stream[strings.LastIndexByte(string(e.Stream), '/')+1:]))
				if i -= 900; err != nil || i < 0 {
					continue // of the history
				}
				note, ok := cell.MemberOf(e.Data, "note")
				before, taken := values[string(note)]
				switch {
				case !ok:
					t.Fatalf("%s: no note in %s", texts[i], e.Data)
				case taken:
					t.Errorf("%s and %s are both %s", before, texts[i], note)
				case texts[i] == "c3a9" && string(note) != `"é"`, texts[i] == "eda0bd" && string(note) != `"\ud83d"`:
					t.Errorf("%s is %s", texts[i], note)
				}
				values[string(note)] = texts[i]
			}
			if len(values) != len(texts) {
				t.Errorf("%d values of %d texts", len(values), len(texts))
			}
		})
	}
}

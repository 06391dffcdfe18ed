package store

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/fixtures/write"
	"asof/replay"
)

// A drift is a store whose columns are renamed one by one, as another release of the library
// may have done. A reader names the column that it misses, or does without it and finds every
// event. It is never the store of another library.
type drift struct {
	name, context string
	columns       [][2]string // TABLE and COLUMN, quoted
	run           func(sql string)
	open          func(Options) (replay.Reader, error)
}

func (d *drift) check(t *testing.T) {
	t.Helper()
	intact, err := d.open(Options{Dialect: d.name, Context: d.context})
	if err != nil {
		t.Fatal(err)
	}
	whole := d.count(t, intact)
	if whole == 0 || len(d.columns) < 4 {
		t.Fatalf("%d events, %d columns", whole, len(d.columns))
	}
	plain := func(s string) string { return strings.NewReplacer("_", "", `"`, "").Replace(strings.ToLower(s)) }
	for _, c := range d.columns {
		d.run("ALTER TABLE " + c[0] + " RENAME COLUMN " + c[1] + " TO renamed")
		r, err := d.open(Options{Context: d.context})
		if err != nil {
			_, err = d.open(Options{Dialect: d.name, Context: d.context})
		}
		switch {
		case err != nil:
			if !strings.Contains(plain(err.Error()), plain(c[1])) {
				t.Errorf("without %s of %s: %v", c[1], c[0], err)
			}
		case r == nil:
			t.Errorf("without %s of %s it is not recognized, but read", c[1], c[0])
		default:
			if got := r.Info().Dialect; got != d.name {
				t.Errorf("without %s of %s it is %s", c[1], c[0], got)
			}
			left := plain(strings.Join(r.Info().LeftOut, "; "))
			said := strings.Contains(left, plain(strings.TrimSuffix(tableOf(c[0]), "_history"))) || strings.Contains(left, "which columns are its key")
			if n := d.count(t, r); n != whole && !said {
				t.Errorf("without %s of %s: %d events of %d", c[1], c[0], n, whole)
			}
		}
		d.run("ALTER TABLE " + c[0] + " RENAME COLUMN renamed TO " + c[1])
	}
}

// tableOf returns the name of a table without its schema.
func tableOf(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// count reads all events and closes the reader.
func (d *drift) count(t *testing.T, r replay.Reader) int {
	t.Helper()
	defer r.Close()
	n := 0
	for _, err := range r.Events(t.Context(), replay.Query{Order: replay.ByStream, Skip: replay.FieldData | replay.FieldMeta}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// TestSchemaDrift renames every column of a library's tables.
func TestSchemaDrift(t *testing.T) {
	for _, d := range write.Dialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			t.Parallel()
			path := writtenBy(t, d, history(12))
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			x := drift{
				name: d.Name,
				open: func(o Options) (replay.Reader, error) {
					testmain.Age(t, path)
					return Open(t.Context(), path, o)
				},
				run: func(sql string) {
					if _, err := db.Exec(sql); err != nil {
						t.Fatalf("%s: %v", sql, err)
					}
				},
			}
			x.columns = columnsIn(t, db, `SELECT '"' || m.name || '"', '"' || c.name || '"' FROM sqlite_schema m, pragma_table_info(m.name) c
				WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2`)
			x.check(t)
		})
	}
}

// columnsIn returns the tables and columns that a query selects.
func columnsIn(t *testing.T, db *sql.DB, query string) (out [][2]string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// driftIn writes a dialect to a database of a server, and renames its columns.
func driftIn(t *testing.T, d write.PgDialect, run write.Postgres, dsn string, columns func() [][2]string) {
	t.Helper()
	if err := d.Write(t.Context(), run, slices.Values(pgHistory(12))); err != nil {
		t.Fatal(err)
	}
	x := drift{
		name: d.Name, context: d.Context, columns: columns(),
		run: func(sql string) {
			if err := run(t.Context(), sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		},
		open: func(o Options) (replay.Reader, error) { return Open(t.Context(), dsn, o) },
	}
	x.check(t)
}

// TestPgSchemaDrift is TestSchemaDrift in PostgreSQL.
func TestPgSchemaDrift(t *testing.T) {
	oneVariant := func(a, b write.PgDialect) bool { return a.Name == b.Name } // to save time
	for _, d := range slices.CompactFunc(write.PgDialects(), oneVariant) {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newPgDatabase(t)
			driftIn(t, d, db.Run, db.DSN, func() [][2]string { return pgColumns(t, db) })
		})
	}
}

// pgColumns returns the tables that are no partitions, each with each of its columns.
func pgColumns(t *testing.T, db *pgDatabase) (columns [][2]string) {
	t.Helper()
	for _, c := range pgTexts(t, db, "SELECT format('%I.%I', c.table_schema, c.table_name) || ' ' || quote_ident(column_name) FROM information_schema.columns c"+
		" JOIN information_schema.tables t USING (table_schema, table_name) JOIN pg_class k ON k.oid = format('%I.%I', c.table_schema, c.table_name)::regclass"+
		" WHERE c.table_schema NOT IN ('pg_catalog', 'information_schema') AND t.table_type = 'BASE TABLE' AND NOT k.relispartition ORDER BY 1") {
		table, column, _ := strings.Cut(c, " ")
		columns = append(columns, [2]string{table, column})
	}
	return columns
}

// TestMySchemaDrift is TestSchemaDrift in MySQL.
func TestMySchemaDrift(t *testing.T) {
	oneVariant := func(a, b write.MyDialect) bool { return a.Name == b.Name } // to save time
	for _, d := range slices.CompactFunc(write.MyDialects(), oneVariant) {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newMyDatabase(t)
			driftIn(t, write.PgDialect(d), db.Run, db.DSN, func() [][2]string { return myColumns(t, db) })
		})
	}
}

// myColumns returns the tables, each with each of its columns.
func myColumns(t *testing.T, db *myDatabase) [][2]string {
	t.Helper()
	return columnsIn(t, db.DB, `SELECT concat('"', table_name, '"'), concat('"', column_name, '"') FROM information_schema.columns WHERE table_schema = database() ORDER BY 1, 2`)
}

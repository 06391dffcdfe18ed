package store

import (
	"context"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/write"
	"asof/replay"
)

// damaged returns the tables of a library on a server. set is SQL that changes some
// rows of a table by a SET clause, and into what comes before the rows that an INSERT puts back.
func damaged(t *testing.T, d write.PgDialect, dsn string, run write.Postgres, columns func() [][2]string, into string, set func(table, clause string) []string) *damagedTables {
	t.Helper()
	if err := d.Write(t.Context(), run, slices.Values(pgHistory(16))); err != nil {
		t.Fatal(err)
	}
	x := &damagedTables{
		T: t, dialect: d.Name, columns: columns(), values: []string{"NULL"}, // that a column has another type is refused
		run: func(sql string) error { return run(context.Background(), sql) },
		open: func() (replay.Reader, error) {
			return Open(t.Context(), dsn, Options{Dialect: d.Name, Context: d.Context, Recorded: true})
		},
	}
	x.damage = func(table, column, value string) func() {
		x.must("CREATE TEMPORARY TABLE asof_kept AS SELECT * FROM " + table)
		restore := func() {
			x.must("DELETE FROM " + table)
			x.must("INSERT INTO " + table + into + " SELECT * FROM asof_kept")
			x.must("DROP TABLE asof_kept")
		}
		for _, sql := range set(table, column+" = "+value) {
			if x.run(sql) != nil {
				restore()
				return nil
			}
		}
		return restore
	}
	return x
}

// TestPgTablesAccountForDamage is TestTablesAccountForDamage on PostgreSQL.
func TestPgTablesAccountForDamage(t *testing.T) {
	oneVariant := func(a, b write.PgDialect) bool { return a.Name == b.Name } // to save time
	for _, d := range slices.CompactFunc(write.PgDialects(), oneVariant) {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newPgDatabase(t)
			x := damaged(t, d, db.DSN, db.Run, func() [][2]string { return pgColumns(t, db) }, " OVERRIDING SYSTEM VALUE", func(table, clause string) []string {
				return []string{"UPDATE " + table + " SET " + clause + " WHERE ctid = ANY(ARRAY(SELECT t.c FROM" +
					" (SELECT ctid AS c, row_number() OVER (ORDER BY ctid) AS n FROM " + table + ") AS t WHERE t.n % 5 = 2))"}
			})
			x.relates = d.Name == "temporal-tables"
			x.must("SET session_replication_role = replica") // no triggers
			for _, c := range x.columns {
				x.run("ALTER TABLE " + c[0] + " ALTER COLUMN " + c[1] + " DROP NOT NULL") //nolint:errcheck // a part of a key stays as it is
			}
			x.accounts()
			if slices.Contains(rowDialects, d.Name) {
				x.changesColumns()
				x.losesTables()
			}
		})
	}
}

// TestMyTablesAccountForDamage is TestTablesAccountForDamage on MySQL. The server lets nobody
// change the versions that it keeps itself.
func TestMyTablesAccountForDamage(t *testing.T) {
	oneVariant := func(a, b write.MyDialect) bool { return a.Name == b.Name } // to save time
	for _, d := range slices.CompactFunc(write.MyDialects(), oneVariant) {
		if d.Name == "mariadb-system-versioned" {
			continue
		}
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newMyDatabase(t)
			x := damaged(t, write.PgDialect(d), db.DSN, db.Run, func() [][2]string { return myColumns(t, db) }, "", func(table, clause string) []string {
				return []string{"SET @n = 0", "UPDATE " + table + " SET " + clause + " WHERE (@n := @n + 1) % 5 = 2"}
			})
			x.must("SET foreign_key_checks = 0")
			x.must("SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'")
			for _, c := range columnsIn(t, db.DB, `SELECT concat('"', table_name, '"'), concat('"', column_name, '" ', column_type, ' NULL') FROM information_schema.columns
				WHERE table_schema = database() AND is_nullable = 'NO' AND extra = ''`) {
				x.run("ALTER TABLE " + c[0] + " MODIFY " + c[1]) //nolint:errcheck // a part of a key stays as it is
			}
			x.accounts()
			if slices.Contains(rowDialects, d.Name) {
				x.changesColumns()
				x.losesTables()
			}
		})
	}
}

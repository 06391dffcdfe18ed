package store

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
)

const (
	hiddenPeriod = "CREATE TABLE item(id int PRIMARY KEY, name varchar(20), price decimal(8,2), note text, seen timestamp(3) NULL) WITH SYSTEM VERSIONING"
	namedPeriod  = `CREATE TABLE line(doc varchar(20), n int, qty int, began timestamp(6) GENERATED ALWAYS AS ROW START, ended timestamp(6) GENERATED ALWAYS AS ROW END INVISIBLE,
		PERIOD FOR SYSTEM_TIME(began, ended), PRIMARY KEY(doc, n)) WITH SYSTEM VERSIONING`
)

// versioned writes a random history to both tables, in which statements of several rows,
// transactions and moves of a key happen, some of them at one time. It returns the times.
func (db *myDatabase) versioned(seed uint64, steps int) []time.Time {
	db.Helper()
	rnd := rand.New(rand.NewPCG(seed, 1))
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var times []time.Time
	db.Must("SET time_zone = '+00:00'")
	one := func() string {
		id, doc, n := rnd.IntN(4), []string{"a", "A", "Ä", "a/B", "A/b", "ä~"}[rnd.IntN(6)], rnd.IntN(2)
		return []string{
			fmt.Sprintf("INSERT IGNORE INTO item VALUES (%d, 'x%d', %d.50, NULL, '2026-01-01 00:00:00.5')", id, rnd.IntN(3), rnd.IntN(5)),
			fmt.Sprintf("UPDATE item SET price = price + 1, note = 'n%d' WHERE id <= %d", rnd.IntN(9), id),
			fmt.Sprintf("UPDATE item SET price = price WHERE id = %d", id),
			fmt.Sprintf("DELETE FROM item WHERE id = %d", id),
			fmt.Sprintf("REPLACE INTO item VALUES (%d, 'r', NULL, 'again', NULL)", id),
			fmt.Sprintf("UPDATE IGNORE item SET id = %d WHERE id = %d", rnd.IntN(4), id),
			fmt.Sprintf("INSERT IGNORE INTO line(doc, n, qty) VALUES ('%s', %d, 1), ('a', 0, 2)", doc, n),
			fmt.Sprintf("UPDATE line SET qty = qty + 1 WHERE n = %d", n),
			fmt.Sprintf("DELETE FROM line WHERE doc = '%s'", doc),
			fmt.Sprintf("UPDATE IGNORE line SET doc = '%s' WHERE n = %d", doc, n),
		}[rnd.IntN(10)]
	}
	for range steps {
		if rnd.IntN(4) > 0 {
			at = at.Add(time.Duration(rnd.IntN(3)*500000) * time.Microsecond).Add(time.Microsecond)
			times = append(times, at)
		}
		db.Must(fmt.Sprintf("SET timestamp = %d.%06d", at.Unix(), at.Nanosecond()/1000))
		switch rnd.IntN(5) {
		case 0:
			db.Must("START TRANSACTION; " + one() + "; " + one() + "; COMMIT")
		case 1:
			db.Must("START TRANSACTION; " + one() + "; " + one() + "; ROLLBACK")
		default:
			db.Must(one())
		}
	}
	return times
}

// asOf returns the rows that the server has as of a time, by the streams' names.
func (db *myDatabase) asOf(at time.Time) map[string]string {
	db.Helper()
	out := map[string]string{}
	when := "TIMESTAMP'" + at.Format("2006-01-02 15:04:05.000000") + "'"
	for _, sql := range []string{
		`SELECT concat('item/', id), json_compact(json_object('id', id, 'name', name, 'price', price, 'note', note, 'seen', replace(seen, ' ', 'T'))) FROM item`,
		`SELECT concat('line/', replace(replace(doc, '~', '~0'), '/', '~1'), '/', n), json_compact(json_object('doc', doc, 'n', n, 'qty', qty)) FROM line`,
	} {
		rows, err := db.DB.Query(sql + " FOR SYSTEM_TIME AS OF " + when)
		if err != nil {
			db.Fatal(err)
		}
		for rows.Next() {
			var id, row string
			if err := rows.Scan(&id, &row); err != nil {
				db.Fatal(err)
			}
			out[id] = row
		}
		rows.Close()
	}
	return out
}

// TestMySystemVersioned compares as-of answers with the server's own, on the boundaries and
// between them.
func TestMySystemVersioned(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			db := newMyDatabase(t)
			db.Must(hiddenPeriod)
			db.Must(namedPeriod)
			times := db.versioned(seed, 60)
			r := db.open(Options{})
			if i := r.Info(); i.Dialect != "mariadb-system-versioned" || !i.Rows {
				t.Fatalf("%+v", i)
			}
			all := events(t, r, replay.Query{})
			for _, at := range times {
				for _, at := range []time.Time{at.Add(-time.Microsecond), at, at.Add(time.Microsecond)} {
					rows := map[string]string{}
					for _, e := range all {
						switch {
						case e.Time.After(at):
						case e.Type == "delete":
							if rows[string(e.Stream)] != string(e.Data) {
								t.Fatalf("%s is deleted as %s, and was %s", e.Stream, e.Data, rows[string(e.Stream)])
							}
							delete(rows, string(e.Stream))
						default:
							if _, there := rows[string(e.Stream)]; there != (e.Type == "update") {
								t.Fatalf("%s@%d is an %s", e.Stream, e.Version, e.Type)
							}
							rows[string(e.Stream)] = string(e.Data)
						}
					}
					want := db.asOf(at)
					for id, row := range rows {
						rows[id] = strings.ReplaceAll(row, `.500Z"`, `.500"`)
					}
					if !maps.Equal(rows, want) {
						t.Fatalf("as of %v\n%v\nwant\n%v", at, rows, want)
					}
				}
			}
			db.conforms(t, slicesOf(all), Options{})
		})
	}
}

func slicesOf(events []*replay.Event) []replay.Event {
	var out []replay.Event
	for _, e := range events {
		out = append(out, *e)
	}
	return out
}

// TestMySystemVersionedLeavesOut names the tables that can't be read, and reads the others.
func TestMySystemVersionedLeavesOut(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("CREATE TABLE nokey(id int) WITH SYSTEM VERSIONING")
	db.Must(`CREATE TABLE precise(id int PRIMARY KEY, s bigint unsigned GENERATED ALWAYS AS ROW START, e bigint unsigned GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME(s, e)) WITH SYSTEM VERSIONING`)
	var unknown *UnknownDialectError
	if se := openError(t, db.DSN, Options{}); !errors.As(se, &unknown) || !strings.Contains(fmt.Sprint(unknown.Tried), "table precise, whose periods are transactions") {
		t.Errorf("%v", se)
	}
	db.Must(hiddenPeriod)
	db.Must("INSERT INTO item(id) VALUES (7)")
	r := db.open(Options{TimeZone: time.FixedZone("x", 3600)})
	all := events(t, r, replay.Query{})
	if len(all) != 1 || all[0].Stream != "item/7" || all[0].Category != "item" || time.Since(all[0].Time) > time.Hour/2 || time.Since(all[0].Time) < -time.Hour/2 {
		t.Errorf("%+v", all)
	}
	if left := r.Info().LeftOut; !slices.ContainsFunc(left, func(s string) bool { return strings.Contains(s, "table nokey, which has no primary key") }) {
		t.Errorf("left out: %q", left)
	}
}

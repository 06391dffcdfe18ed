package browse

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"asof/replay/store/testdb"
	"asof/replay/workspace"
)

// A server has a database that a test writes to while it is looked at.
type server interface{ Must(sql string, args ...any) }

// served fills a database with a stream whose n-th event has a total of n.
func served(t *testing.T, db server, dsn string) Options {
	t.Helper()
	db.Must("CREATE TABLE log(pos bigint PRIMARY KEY, id varchar(40), version bigint, kind varchar(40), data varchar(400))")
	var rows []string
	for v := 1; v <= 40; v++ {
		rows = append(rows, fmt.Sprintf(`(%d, 'cart-1', %[1]d, 'Set', '{"total":%[1]d}')`, v))
	}
	db.Must("INSERT INTO log VALUES " + strings.Join(rows, ", "))
	fields := map[string]string{"position": "pos", "stream": "id", "version": "version", "type": "kind", "data": "data"}
	return Options{Ref: workspace.StoreRef{Store: dsn, Table: "log", Map: fields}, Stream: "cart-1@5"}
}

// eachServer calls a test for every server that there is.
func eachServer(t *testing.T, test func(t *testing.T, db server, o Options)) {
	t.Run("postgres", func(t *testing.T) {
		db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
		test(t, db, served(t, db, db.DSN))
	})
	t.Run("mysql", func(t *testing.T) {
		db := testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))
		test(t, db, served(t, db, db.DSN))
	})
}

// TestServedStoreIsChanged changes what a server has, while its last event stays.
func TestServedStoreIsChanged(t *testing.T) {
	eachServer(t, func(t *testing.T, db server, o Options) {
		d := drive(t, t.TempDir(), o, 100, 24)
		for _, c := range []struct {
			sql, says string // on the screen
			step      bool   // a step to another event shows it
		}{
			{"CREATE TABLE other(n int)", "", true},
			{"UPDATE log SET data = data WHERE version = 7", "", true},
			{`INSERT INTO log VALUES(41, 'cart-2', 1, 'Set', '{"total":1}')`, "the store grew; R reloads it", true},
			{`UPDATE log SET data = '{"total":70}' WHERE version = 7`, "replaced", false},
			{"DELETE FROM log WHERE version = 6 AND id = 'cart-1'", "replaced", false},
		} {
			d.keys("R:5<enter>")
			db.Must(c.sql)
			d.keys(":30<enter>")
			screen := d.screen()
			if got := d.m.moved != ""; got == c.step || !strings.Contains(screen, c.says) || c.says == "" && d.m.grew {
				t.Errorf("after %s the screen does not say %q:\n%s", c.sql, c.says, screen)
			}
			if got := strings.Contains(screen, "total  30"); got != c.step {
				t.Errorf("after %s the state at 30 is shown: %v, want %v:\n%s", c.sql, got, c.step, screen)
			}
		}
	})
}

// TestServedStoreIsChangedAtOnce changes an event after its state was read, and before all
// of the stream was.
func TestServedStoreIsChangedAtOnce(t *testing.T) {
	eachServer(t, func(t *testing.T, db server, o Options) {
		d := drive(t, t.TempDir(), o, 100, 24)
		d.m.every = 0
		changed := false
		d.before = func() {
			if s := d.m.stream; s != nil && !changed && s.shown != nil && s.outline == nil {
				changed = true
				db.Must(`UPDATE log SET data = '{"total":50}' WHERE version = 5`)
			}
		}
		d.keys("R")
		if screen := d.screen(); !changed || !strings.Contains(screen, "total  50") || d.m.moved != "" {
			t.Errorf("changed: %v, and the screen shows:\n%s", changed, screen)
		}
	})
}

// TestSlowProofs leaves the proof of a long stream to a look, and rests after it.
func TestSlowProofs(t *testing.T) {
	s := &session{shown: &watched{stream: "a"}}
	s.prove("a", storeMark{}, alwaysProve)
	if s.shown.slow {
		t.Error("a quick proof is slow")
	}
	s.prove("a", storeMark{}, time.Hour)
	if left := time.Until(s.shown.until); !s.shown.slow || left < (restProofs-1)*time.Hour {
		t.Errorf("a proof of an hour is repeated after %v", left)
	}
	eachServer(t, func(t *testing.T, db server, o Options) {
		d := drive(t, t.TempDir(), o, 100, 24)
		shown := d.m.s.shown
		shown.slow, shown.until = true, time.Now().Add(time.Hour)
		db.Must(`UPDATE log SET data = '{"total":70}' WHERE version = 7`)
		look := func() { d.run(d.m.look()) }
		for _, c := range []struct {
			name   string
			do     func()
			notice bool
		}{
			{"a step", func() { d.keys(":30<enter>") }, false},
			{"a look at rest", look, false},
			{"a step after the rest", func() { shown.until = time.Time{}; d.keys(":20<enter>") }, false},
			{"a step when it grew", func() {
				db.Must(`INSERT INTO log VALUES(41, 'cart-2', 1, 'Set', '{"total":1}')`)
				if d.keys(":10<enter>"); !d.m.grew {
					t.Errorf("the screen does not say that the store grew:\n%s", d.screen())
				}
			}, false},
			{"a look after the rest", look, true},
		} {
			if c.do(); (d.m.moved != "") != c.notice {
				t.Errorf("%s notices the change: %v, want %v:\n%s", c.name, !c.notice, c.notice, d.screen())
			}
		}
	})
}

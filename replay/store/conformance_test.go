package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/storetest"
	"asof/replay/store/testdb"
)

const ordersDDL = `CREATE TABLE orders_log(nr INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, seq INTEGER NOT NULL, kind VARCHAR(40), body TEXT, at TEXT, UNIQUE(order_id, seq))`

// history returns n events of a few streams, interleaved, with ids of several forms and
// gaps in the positions.
func history(n int) []replay.Event {
	streams := []string{
		"84bc0033-163c-4496-9cd5-e321c4e0b2a2", "84bc0033163c44969cd5e321c4e0b2ff", "84BC0033163C44969CD5E321C4E0B2EE",
		"cart-1", "cart-10", "cart-2", "Ärger@1", "a:b", "\U0010FFFFx", "cart",
	}
	next := map[string]replay.Version{}
	var out []replay.Event
	for i := range n {
		s := streams[(i*i+i/3)%len(streams)]
		next[s]++
		category := "cart"
		if i := strings.IndexByte(s, '-'); i < 0 || s[0] == '8' {
			category = "other"
		}
		e := replay.Event{
			Stream: replay.StreamID(s), Category: category, Version: next[s], Position: replay.Position(2*i + 1),
			ID:   fmt.Sprintf("%08x-0000-4000-8000-%012x", i*2654435761%(1<<32), i),
			Type: []string{"Added", "Removed", "Checked"}[i%3], Revision: 1 + i%2,
			Time: time.Date(2026, 3, 1, 9, i%60, i%59, 0, time.UTC),
			Data: fmt.Appendf(nil, `{"n":%d,"price":%d.50,"big":9007199254740993}`, i, i),
			Meta: replay.Meta{
				Actor: fmt.Sprintf("user-%d", i%3), Correlation: fmt.Sprintf("corr-%d", i/4), Raw: fmt.Appendf(nil, `{"ip":"10.0.0.%d"}`, i%9),
			},
		}
		if i%2 == 1 {
			e.Meta.Causation = fmt.Sprintf("cause-%d", i)
		}
		out = append(out, e)
	}
	return out
}

// orNil returns the stored form of a value that may be absent.
func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func cutInHalf(t testing.TB, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2); err != nil {
		t.Fatal(err)
	}
}

// conform runs the suite on a store, with a sample of questions, or all of them for 0.
func conform(t *testing.T, path string, want []replay.Event, o Options, questions int) {
	t.Helper()
	storetest.Run(t, storetest.Config{
		Name: "conformance", Sample: questions,
		Open: func(ctx context.Context, path string) (replay.Reader, error) { return Open(ctx, path, o) },
		Path: path, Want: want, Truncate: cutInHalf,
	})
}

func TestNativeConforms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "native.db")
	want := history(300)
	testdb.Build(t, path, func(tx *sql.Tx) error {
		for _, e := range want {
			_, err := tx.Exec("INSERT INTO asof_events VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)", int64(e.Position), string(e.Stream), e.Category,
				int64(e.Version), e.ID, e.Type, e.Revision, e.Time.Format(time.RFC3339Nano), orNil(e.Meta.Actor),
				orNil(e.Meta.Correlation), orNil(e.Meta.Causation), string(e.Data), string(e.Meta.Raw))
			if err != nil {
				return err
			}
		}
		return nil
	}, testdb.NativeDDL)
	conform(t, path, want, Options{}, 0)
}

// pyHistory is the history as Python eventsourcing stores it.
func pyHistory(n int) []replay.Event {
	want := history(n)
	for i := range want {
		e := &want[i]
		e.Category = "Cart"
		e.ID, e.Meta = "", replay.Meta{Raw: fmt.Appendf(nil, `{"topic":"shop.domain:Cart.%s"}`, e.Type)}
	}
	return want
}

func fillPy(want []replay.Event) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		for _, e := range want {
			state := fmt.Sprintf(`{"timestamp":{"_type_":"datetime_iso","_data_":"%s"},"class_version":%d,%s`,
				e.Time.Format("2006-01-02T15:04:05.000000-07:00"), e.Revision, e.Data[1:])
			columns, args := "", []any{}
			if e.Position != replay.NoPosition {
				columns, args = "rowid,", []any{int64(e.Position)}
			}
			args = append(args, string(e.Stream), int64(e.Version), "shop.domain:Cart."+e.Type, []byte(state))
			_, err := tx.Exec("INSERT INTO stored_events("+columns+"originator_id,originator_version,topic,state) VALUES("+
				strings.Repeat("?,", len(args)-1)+"?)", args...)
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func TestEventsourcingConforms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "py.db")
	want := pyHistory(300)
	testdb.Build(t, path, fillPy(want), testdb.PythonDDL)
	conform(t, path, want, Options{}, storetest.Sample)
}

func TestEventsourcingWithoutPositionsConforms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "py.db")
	want := pyHistory(300)
	for i := range want {
		want[i].Position = replay.NoPosition
	}
	testdb.Build(t, path, fillPy(want), testdb.PythonDDL+" WITHOUT ROWID")
	conform(t, path, want, Options{}, storetest.Sample)
}

func TestEmmettConforms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "emmett.db")
	want := history(300)
	for i := range want {
		e := &want[i]
		e.Revision, e.Meta.Actor = 0, ""
		e.Category = "typed"
		if e.Stream == "cart-1" || e.Stream == "cart-10" { // as if emt_streams had lost their rows
			e.Category = "cart"
		}
		e.Meta.Raw = fmt.Appendf(nil, `{"correlationId":%q,"causationId":%q}`, e.Meta.Correlation, e.Meta.Causation)
		if e.Meta.Causation == "" {
			e.Meta.Raw = fmt.Appendf(nil, `{"correlationId":%q}`, e.Meta.Correlation)
		}
	}
	testdb.Build(t, path, func(tx *sql.Tx) error {
		insert := "INSERT INTO emt_messages VALUES(?,?,'emt:default',?,?,?,'0',?,?,?,?,?)"
		for _, e := range want {
			if e.Version == 1 && e.Category == "typed" {
				if _, err := tx.Exec("INSERT INTO emt_streams VALUES(?,1,'[object Object]','typed','[]',0)", string(e.Stream)); err != nil {
					return err
				}
			}
			add := func(kind string, archived bool, id string, position replay.Position) error {
				_, err := tx.Exec(insert, string(e.Stream), int64(e.Version), kind, string(e.Data), string(e.Meta.Raw),
					e.Type, id, archived, int64(position), e.Time.Format("2006-01-02 15:04:05"))
				return err
			}
			if err := add("E", false, e.ID, e.Position); err != nil {
				return err
			}
			if e.Version%7 == 0 { // archived rows may share a version with live ones
				if err := add("E", true, "archived", e.Position+1); err != nil {
					return err
				}
			}
		}
		_, err := tx.Exec(insert, "cart-1", 9999, "C", "{}", "{}", "Command", "x", false, 100000, "2030-01-01 00:00:00")
		return err
	}, testdb.EmmettDDL)
	conform(t, path, want, Options{}, storetest.Sample)
	s, err := mustOpen(t, path, Options{}).Summary(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.LeftOut, "; "); !strings.Contains(got, "archived messages") || !strings.Contains(got, "1 command") {
		t.Errorf("left out: %s", got)
	}
}

func TestMappedConforms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "orders.db")
	var want []replay.Event
	next := map[int]replay.Version{}
	for i := range 200 {
		order := []int{7, 10, 9, 100, 1}[(i*i+i/7)%5]
		next[order]++
		want = append(want, replay.Event{
			Stream: replay.StreamID(fmt.Sprint(order)), Version: next[order], Position: replay.Position(i + 1),
			Type: []string{"Placed", "Paid"}[i%2], Time: time.Date(2026, 3, 1, 9, i%60, 0, 0, time.UTC), Data: fmt.Appendf(nil, `{"i":%d}`, i),
		})
	}
	testdb.Build(t, path, func(tx *sql.Tx) error {
		for i, e := range want {
			if _, err := tx.Exec("INSERT INTO orders_log VALUES(?,?,?,?,?,?)", i+1, string(e.Stream), int64(e.Version), e.Type,
				string(e.Data), e.Time.Format("2006-01-02 15:04:05")); err != nil {
				return err
			}
		}
		return nil
	}, ordersDDL)
	conform(t, path, want, Options{Table: "orders_log", Map: map[string]string{
		"stream": "order_id", "version": "seq", "type": "kind", "data": "body", "time": "at", "position": "rowid",
	}}, storetest.Sample)
}

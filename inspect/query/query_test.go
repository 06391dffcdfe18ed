package query_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// counting is a merge fold that fails at an event whose payload has a member boom.
type counting struct{ replay.Reducer }

func (c counting) Apply(ctx context.Context, st *state.State, e *replay.Event) (bool, error) {
	if body, err := e.Body(); err == nil && body.Node() != nil && !body.Node().Get("boom").IsAbsent() {
		return false, &replay.FoldError{At: e.Moment(), By: "test", Err: errors.New("boom")}
	}
	return c.Reducer.Apply(ctx, st, e)
}

func openDB(t interface{ Fatal(...any) }, events []replay.Event, at string, change ...func(*query.Source)) *query.DB {
	db, err := tryDB(events, at, change...)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func tryDB(events []replay.Event, at string, change ...func(*query.Source)) (*query.DB, error) {
	r := storetest.Memory(events)
	f := replay.Fold{Reducer: counting{fold.Merge()}}
	src := query.Source{
		Reader: r, Store: &replay.Timeline{Name: "store", Reader: r, Many: true},
		Projections: []query.Projection{{Name: "cart", Fold: func(replay.StreamID, string) (replay.Fold, error) { return f, nil }}},
		Env:         replay.Env{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Zone: time.UTC},
		At:          at, Note: func(replay.Notice) {},
	}
	for _, c := range change {
		c(&src)
	}
	return query.Open(context.Background(), src)
}

// rowsOf are the rows of an answer, each as text.
func rowsOf(db *query.DB, sql string) ([]string, error) {
	answer, err := db.Query(sql)
	if err != nil {
		return nil, err
	}
	var out []string
	for row, err := range answer.Rows {
		if err != nil {
			return out, err
		}
		out = append(out, fmt.Sprint(row...))
	}
	return out, nil
}

func mustRows(t interface{ Fatal(...any) }, db *query.DB, sql string) []string {
	rows, err := rowsOf(db, sql)
	if err != nil {
		t.Fatal(sql, err)
	}
	return rows
}

// history draws events of a few streams, whose payloads set, change and remove members.
// The category of an event may differ from that of its stream.
func history(t *rapid.T) (events []replay.Event) {
	versions := map[replay.StreamID]replay.Version{}
	n := rapid.IntRange(1, 25).Draw(t, "events")
	for i := range n {
		e := replay.Event{
			Stream: replay.StreamID(fmt.Sprint("s-", rapid.IntRange(0, 3).Draw(t, "stream"))), Category: rapid.SampledFrom([]string{"s", "s", "s", "t"}).Draw(t, "category"), Position: replay.Position(10 * (i + 1)),
			ID: fmt.Sprint("id", i), Type: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "type"),
			Time: time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC),
		}
		versions[e.Stream]++
		e.Version = versions[e.Stream]
		value := rapid.SampledFrom([]string{"1", "2.50", "null", `"text"`, `[1,2]`, `{"x":1}`, "12345678901234567890", "true"}).Draw(t, "value")
		e.Data = []byte(fmt.Sprintf(`{%q:%s}`, rapid.SampledFrom([]string{"total", "qty", "stream", "Total", "state", "with \"quotes\""}).Draw(t, "member"), value))
		events = append(events, e)
	}
	return events
}

// TestTablesAreTheStates holds the tables of states, of history and of changes to what
// each stream is by itself, at any moment, with a condition on the stream and without.
func TestTablesAreTheStates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		at := rapid.IntRange(1, len(events)).Draw(t, "at")
		moment := fmt.Sprintf("pos:%d", 10*at)
		var states, trail, changes []string
		for _, id := range []replay.StreamID{"s-0", "s-1", "s-2", "s-3"} {
			r := storetest.Memory(events)
			s := replay.Subject{
				Timeline: &replay.Timeline{Name: string(id), Reader: r, Filter: replay.Filter{Streams: []replay.StreamID{id}}},
				Fold:     replay.Fold{Reducer: fold.Merge()},
			}
			last := ""
			for step, err := range s.Run(t.Context(), replay.FoldOptions{Changes: true}) {
				if err != nil {
					t.Fatal(err)
				}
				if step.Event.Position > replay.Position(10*at) {
					break
				}
				last = fmt.Sprint(id, " ", step.Event.Version, " ", string(state.AppendSorted(nil, step.Root)))
				trail = append(trail, last)
				for _, c := range step.Changes {
					changes = append(changes, fmt.Sprint(id, " ", step.Event.Version, " ", c.Op, " ", c.Path))
				}
			}
			if last != "" {
				states = append(states, last)
			}
		}
		db := openDB(t, events, rapid.SampledFrom([]string{moment, ""}).Draw(t, "default"))
		defer db.Close()
		for sql, want := range map[string][]string{
			"SELECT stream || ' ' || version || ' ' || state FROM cart('%s') %s ORDER BY stream":                                        states,
			"SELECT stream || ' ' || version || ' ' || state FROM cart_history('%s') %s ORDER BY stream, version":                       trail,
			"SELECT stream || ' ' || version || ' ' || op || ' ' || path FROM cart_changes('%s') %s ORDER BY stream, version, op, path": changes,
		} {
			got := strings.Join(mustRows(t, db, fmt.Sprintf(sql, moment, "")), "\n")
			var parts []string
			for _, id := range []string{"s-0", "s-1", "s-2", "s-3"} {
				parts = append(parts, mustRows(t, db, fmt.Sprintf(sql, moment, "WHERE stream = '"+id+"'"))...)
			}
			if pushed := strings.Join(parts, "\n"); got != pushed {
				t.Fatalf("%s\nwithout a condition\n%s\nstream by stream\n%s", sql, got, pushed)
			}
			if len(want) != strings.Count(got, "\n")+min(1, len(got)) {
				t.Fatalf("%s\nis\n%s\nwant\n%s", sql, got, strings.Join(want, "\n"))
			}
			for _, line := range want {
				if !strings.Contains("\n"+got+"\n", "\n"+line+"\n") {
					t.Fatalf("%s\nis\n%s\nand lacks %s", sql, got, line)
				}
			}
		}
		rows := mustRows(t, db, fmt.Sprintf("SELECT count(*) FROM events('%s')", moment))
		if rows[0] != fmt.Sprint(at) {
			t.Fatalf("%s events, want %d", rows[0], at)
		}
	})
}

// TestEventsAreLimited holds conditions that the reader takes over to SQLite's own.
func TestEventsAreLimited(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		db := openDB(t, history(t), "")
		defer db.Close()
		op := rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="}).Draw(t, "op")
		n := rapid.SampledFrom([]string{"10", "45", "100.5", "'30'", "NULL", "-9223372036854775808", "9223372036854775807", "'x'"}).Draw(t, "n")
		typ := rapid.SampledFrom([]string{"'A'", "'a'", "NULL", "1"}).Draw(t, "type")
		order := rapid.SampledFrom([]string{"position", "position DESC"}).Draw(t, "order")
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		pushed := fmt.Sprintf("SELECT position, id FROM events WHERE position %s %s AND type <> %s ORDER BY %s LIMIT %d", op, n, typ, order, limit)
		plain := fmt.Sprintf("SELECT position, id FROM (SELECT * FROM events LIMIT -1 OFFSET 0) WHERE position %s CAST(%s AS INTEGER) AND type <> %s ORDER BY %s LIMIT %d", op, n, typ, order, limit)
		if n == "100.5" {
			plain = strings.Replace(plain, "CAST(100.5 AS INTEGER)", "100.5", 1)
		}
		if n == "'x'" {
			plain = strings.Replace(plain, "CAST('x' AS INTEGER)", "'x'", 1)
		}
		if got, want := mustRows(t, db, pushed), mustRows(t, db, plain); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s\nis %v, want %v", pushed, got, want)
		}
	})
}

func event(stream string, version, position int, typ, data string) replay.Event {
	return replay.Event{
		Stream: replay.StreamID(stream), Category: "cart", Version: replay.Version(version), Position: replay.Position(position),
		ID: fmt.Sprint("e", position), Type: typ, Data: []byte(data), Time: time.Date(2026, 1, position, 12, 0, 0, 0, time.UTC),
	}
}

var carts = []replay.Event{
	event("cart-1", 1, 1, "Opened", `{"total":0.10,"who":"ann"}`),
	event("cart-2", 1, 2, "Opened", `{"total":0.20,"who":"bob"}`),
	event("cart-1", 2, 3, "Paid", `{"total":12345678901234567890.12}`),
	event("cart-2", 2, 4, "Paid", `{"boom":1}`),
	event("cart-3", 1, 5, "Opened", `{"total":3,"version":"x"}`),
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		sql  string
		want string
	}{
		{"SELECT sum(total) FROM cart('pos:2')", "[0.3]"},
		{"SELECT sum(total), total(total), avg(total) FROM cart('pos:2')", "[0.3 0.3 0.15]"},
		{"SELECT typeof(total), total FROM cart WHERE stream = 'cart-1'", "[text 12345678901234567890.12]"},
		{"SELECT sum(total) FROM cart WHERE error IS NULL", "[12345678901234567893.12]"},
		{"SELECT stream, error IS NOT NULL, total FROM cart WHERE stream = 'cart-2'", "[cart-2 1 <nil>]"},
		{"SELECT version, version_2 FROM cart WHERE stream = 'cart-3'", "[1 x]"},
		{"SELECT since_time, until_position, until_time FROM cart_history WHERE stream = 'cart-1' AND version = 1", "[2026-01-01T12:00:00.000000000Z 3 2026-01-03T12:00:00.000000000Z]"},
		{"SELECT until_position FROM cart_history WHERE stream = 'cart-3'", "[<nil>]"},
		{`SELECT op, path, "from", "to" FROM cart_changes WHERE stream = 'cart-1' AND version = 2`, "[replace /total 0.1 12345678901234567890.12]"},
		{"SELECT stream, events, last_version FROM streams ORDER BY events DESC, stream LIMIT 1", "[cart-1 2 2]"},
		{"SELECT stream, events FROM streams('pos:2')", "[cart-1 1][cart-2 1]"},
		{"SELECT member(state, '/who') FROM cart WHERE stream = 'cart-1'", "[ann]"},
		{"SELECT dec_add('0.1', '0.2'), dec_mul('1.10', 3), dec_cmp('1.0', '1')", "[0.3 3.30 0]"},
		{"SELECT round(2.675, 2), round(-2.5), round('12345678901234567890.125', 2), round(NULL), round('x'), round(7, 1), round(1.5, -3)", "[2.68 -3 12345678901234567890.13 <nil> 0 7 2]"},
		{"SELECT typeof(round(7)), typeof(round(7, 2)), typeof(sum(1)), typeof(sum(1.5))", "[real real integer real]"},
		{"SELECT stream, max(version) FROM cart", "[cart-1 2]"},
		{"SELECT t('2026-01-02')", "[2026-01-02T00:00:00.000000000Z]"},
		{"SELECT a.stream, b.version FROM cart('pos:1') a JOIN cart b USING (stream)", "[cart-1 2]"},
		{"SELECT e.id, h.version FROM events e JOIN cart_history h ON h.stream = e.stream AND h.position = e.position WHERE e.type = 'Paid' AND h.error IS NULL", "[e3 2]"},
		{"SELECT e.position, (SELECT count(*) FROM cart('pos:' || e.position)) FROM events e WHERE e.position < 4", "[1 1][2 2][3 2]"},
		{"SELECT id FROM events('pos:2..pos:4')", "[e3][e4]"},
		{"SELECT stream, version FROM cart_history('2026-01-01..2026-01-03') ORDER BY position", "[cart-1 1][cart-2 1]"},
		{"SELECT a.stream, b.n FROM cart a JOIN (SELECT stream, count(*) AS n FROM cart_changes('pos:2..') GROUP BY stream) b USING (stream) ORDER BY 1", "[cart-1 1][cart-3 2]"},
		{"SELECT count(*) FROM cart(NULL)", "[0]"},
		{"SELECT count(*) FROM cart('pos:2') WHERE as_of = 'pos:3'", "[0]"},
		{"SELECT stream, sum(total) OVER (ORDER BY stream) FROM cart('pos:2')", "[cart-1 0.1][cart-2 0.3]"},
	} {
		db := openDB(t, carts, "")
		answer, err := db.Query(test.sql)
		got := ""
		if err == nil {
			for row, failed := range answer.Rows {
				if failed != nil {
					err = failed
					break
				}
				got += fmt.Sprint(row)
			}
		}
		if err != nil || got != test.want {
			t.Errorf("%s\nis %s, %v\nwant %s", test.sql, got, err, test.want)
		}
		db.Close()
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct{ sql, msg, remedy string }{
		{"SELECT totl FROM cart", "there is no column totl", "total"},
		{"SELECT 1 FROM carts", "there is no table carts", "cart"},
		{`SELECT "totl" FROM cart`, `there is no column "totl"`, "total"},
		{`SELECT 1 FROM cart ORDER BY "totl"`, `there is no column "totl"`, "SELECT 1 FROM cart ORDER BY total"},
		{`SELECT 1 FROM cart WHERE who = "ann"`, `there is no column "ann"`, "SELECT 1 FROM cart WHERE who = 'ann'"},
		{`SELECT json_extract(state, "$.total") FROM cart`, `there is no column "$.total"`, "SELECT json_extract(state, '$.total') FROM cart"},
		{"SELECT totl, sum(a.totl) FROM cart a GROUP BY totl", "there is no column totl", "SELECT total, sum(a.total) FROM cart a GROUP BY total"},
		{"SELECT x.total FROM cart", "there is no column x.total", "x is not a table"},
		{"SELECT 1 FROM carts", "there is no table carts", "SELECT 1 FROM cart"},
		{"SELECT * FORM cart", "syntax error", "SELECT * FROM cart"},
		{"SELECT uper(who) FROM cart", "there is no function uper", "upper"},
		{"PRAGMA table_info(cart)", "no catalog", "list the tables"},
		{"SHOW TABLES", "no catalog", "list the tables"},
		{".tables", "no catalog", "list the tables"},
		{"SELECT name FROM sqlite_master", "no catalog", "list the tables"},
		{"SELECT 1; SELECT 2", "there is a second statement", "one SELECT"},
		{"", "there is no SELECT", "SELECT"},
		{"DELETE FROM cart", "more than read", "SELECT"},
		{"CREATE TABLE x(a)", "more than read", "SELECT"},
		{"ATTACH 'x' AS y", "more than read", "SELECT"},
		{"PRAGMA user_version", "more than read", "SELECT"},
		{"SELECT load_extension('x')", "more than read", ""},
		{"SELEC 1", "syntax error", ""},
		{"SELECT * FROM cart('pos:1..pos:3')", "is a range", "name one point"},
		{"SELECT * FROM events('pos:1..nonsense')", "nonsense", ""},
		{"SELECT * FROM cart('nonsense')", "nonsense", ""},
		{"SELECT member(state, 'a[0') FROM cart", "a[0", ""},
		{"SELECT dec('x')", `"x" is not a number`, ""},
		{"SELECT dec_add('1e999999999', 1)", "is out of range", ""},
		{"SELECT t('pos:3')", "is not a time", ""},
		{"SELECT blame('x', '/y')", "blame needs a row", "cart"},
	} {
		db := openDB(t, carts, "")
		_, err := rowsOf(db, test.sql)
		if err == nil || !strings.Contains(err.Error(), test.msg) || fault.ClassOf(err) != fault.Usage && fault.ClassOf(err) != fault.NotFound {
			t.Errorf("%s: %v, want %q", test.sql, err, test.msg)
		} else if remedy := fault.RemedyOf(err).String() + fault.RemedyOf(err).Instead; !strings.Contains(remedy, test.remedy) {
			t.Errorf("%s: %s, want %s", test.sql, remedy, test.remedy)
		}
		if rows, err := rowsOf(db, "SELECT count(*) FROM cart"); err != nil || rows[0] != "3" {
			t.Errorf("after %s: %v, %v", test.sql, rows, err)
		}
		db.Close()
	}
}

// TestResult: a projection that shapes its state has the result as well.
func TestResult(t *testing.T) {
	db := openDB(t, carts, "", func(s *query.Source) {
		s.Projections[0].Result = func(v state.Value) (state.Value, error) { return v.Node().Get("who"), nil }
	})
	defer db.Close()
	if rows := mustRows(t, db, "SELECT result, total FROM cart WHERE stream = 'cart-1' UNION ALL SELECT result, version FROM cart_history WHERE stream = 'cart-3'"); strings.Join(rows, "") != `"ann"12345678901234567890.12<nil> 1` {
		t.Errorf("the rows are %q", rows)
	}
}

// TestTextNumbers: a number that is text is said, once for each column.
func TestTextNumbers(t *testing.T) {
	var notes []string
	db := openDB(t, carts, "", func(s *query.Source) {
		s.Note = func(n replay.Notice) { notes = append(notes, string(n.Code)+" "+n.Text) }
	})
	defer db.Close()
	for range 2 {
		mustRows(t, db, "SELECT total FROM cart UNION ALL SELECT who FROM cart UNION ALL SELECT \"to\" FROM cart_changes")
	}
	got := strings.Join(notes, "\n")
	for _, want := range []string{"text_number cart.total ", "text_number cart_changes.to "} {
		if strings.Count(got, want) != 1 {
			t.Errorf("the notes are %s", got)
		}
	}
	if strings.Contains(got, "cart.who") {
		t.Errorf("the notes are %s", got)
	}
}

// TestFailuresAreCounted: a store whose folds all fail does not print a note for each.
func TestFailuresAreCounted(t *testing.T) {
	var events []replay.Event
	for i := range 30 {
		events = append(events, event(fmt.Sprint("cart-", i), 1, i+1, "Set", `{"boom":1}`))
	}
	var notes []string
	db := openDB(t, events, "", func(s *query.Source) { s.Note = func(n replay.Notice) { notes = append(notes, n.Text) } })
	defer db.Close()
	mustRows(t, db, "SELECT error FROM cart")
	if len(notes) != 11 || !strings.Contains(notes[10], "20 more streams") {
		t.Errorf("the notes are %q", notes)
	}
}

// TestMoment: a moment that the store lacks is refused, whatever the statement reads.
func TestMoment(t *testing.T) {
	r := storetest.Memory(carts)
	for _, at := range []string{"nonsense", "pos:99"} {
		_, err := query.Open(context.Background(), query.Source{Reader: r, Store: &replay.Timeline{Name: "store", Reader: r, Many: true}, At: at, Note: func(replay.Notice) {}})
		if err == nil {
			t.Errorf("%s is taken", at)
		}
	}
}

// TestStrict: a fold that fails ends a strict question.
func TestStrict(t *testing.T) {
	db := openDB(t, carts, "", func(s *query.Source) { s.Strict = true })
	defer db.Close()
	_, err := rowsOf(db, "SELECT state FROM cart")
	var failed *replay.FoldError
	if !errors.As(err, &failed) {
		t.Errorf("the error is %v", err)
	}
}

func TestCancelled(t *testing.T) {
	r := storetest.Memory(carts)
	ctx, cancel := context.WithCancel(context.Background())
	db, err := query.Open(ctx, query.Source{Reader: r, Store: &replay.Timeline{Name: "store", Reader: r, Many: true}, Note: func(replay.Notice) {}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
	time.AfterFunc(20*time.Millisecond, cancel)
	for range 2 { // while it runs, and before it is prepared
		if _, err := rowsOf(db, endless); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	}
	if _, err := db.Explain(endless); !errors.Is(err, context.Canceled) {
		t.Errorf("the error of a plan is %v", err)
	}
}

// TestValuesAreBounded makes values that are too large for memory, of nothing.
func TestValuesAreBounded(t *testing.T) {
	db := openDB(t, carts, "")
	defer db.Close() //nolint:errcheck // the test is over
	for _, sql := range []string{"SELECT length(hex(zeroblob(90000000)))", "SELECT length(zeroblob(900000000))"} {
		var large *query.SizeError
		if rows, err := rowsOf(db, sql); !errors.As(err, &large) {
			t.Errorf("%s is answered %q, %v", sql, rows, err)
		}
	}
}

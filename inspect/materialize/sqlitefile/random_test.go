package sqlitefile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"

	"asof/inspect/materialize"
	"asof/inspect/materialize/sqlitefile"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// failing is a merge fold that fails at an event whose payload has a member boom.
type failing struct{ replay.Reducer }

func (c failing) Apply(ctx context.Context, st *state.State, e *replay.Event) (bool, error) {
	if body, err := e.Body(); err == nil && body.Node() != nil && !body.Node().Get("boom").IsAbsent() {
		return false, &replay.FoldError{At: e.Moment(), By: "test", Err: errors.New("boom")}
	}
	return c.Reducer.Apply(ctx, st, e)
}

func openDB(t interface{ Fatal(...any) }, events []replay.Event, at string) *query.DB {
	r := storetest.Memory(events)
	f := replay.Fold{Reducer: failing{fold.Merge()}}
	db, err := query.Open(context.Background(), query.Source{
		Reader: r, Store: &replay.Timeline{Name: "store", Reader: r, Many: true},
		Projections: []query.Projection{{
			Name: "cart", Fold: func(replay.StreamID, string) (replay.Fold, error) { return f, nil },
			Takes: func(id replay.StreamID, _ string) bool { return id != "other" },
		}},
		Env: replay.Env{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Zone: time.UTC},
		At:  at, Note: func(replay.Notice) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// event draws an event of one of a few streams, which sets, changes or removes a member.
func event(t *rapid.T, i int, versions map[replay.StreamID]replay.Version) replay.Event {
	stream := rapid.SampledFrom([]replay.StreamID{"a", "A", "b", "ü\x00", "'c\"", "other"}).Draw(t, "stream")
	versions[stream]++
	value := rapid.SampledFrom([]string{
		"1", "2.50", "null", `"text"`, `"7"`, `[1,2.0]`, `{"x":"\u0000\ud83d"}`, `"\ud83dx"`, "12345678901234567890", "0.1234567890123456789", "1e400", "true", `"a\u0000b"`,
	}).Draw(t, "value")
	member := rapid.SampledFrom([]string{"total", "qty", "stream", "Total", "state", "total_2", "value", "with \\\"quotes\\\"", "", "boom"}).Draw(t, "member")
	data := fmt.Sprintf(`{"%s":%s}`, member, value)
	if rapid.IntRange(0, 19).Draw(t, "bare") == 0 {
		data = value
	}
	return replay.Event{
		Stream: stream, Category: "s", Version: versions[stream], Position: replay.Position(10 * (i + 1)), ID: fmt.Sprint("id", i), Type: "A",
		Time: time.Date(2026, 1, 1, 0, i, 0, 1+i%2*999, time.UTC), Data: []byte(data),
	}
}

// tables are the columns of both, and the rows as text, with the types of their values.
func queried(t interface{ Fatal(...any) }, events []replay.Event, at string) (cols, rows []string) {
	db := openDB(t, events, at)
	defer db.Close()
	answer, err := db.Query("SELECT * FROM cart")
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range answer.Rows {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, named(answer.Columns, row))
	}
	slices.Sort(rows)
	return answer.Columns, rows
}

// named is a row whose columns are in the order of their names.
func named(cols []string, row []any) string {
	var cells []string
	for i, c := range cols {
		cells = append(cells, fmt.Sprintf("%q=%T %q", c, row[i], fmt.Sprint(row[i])))
	}
	slices.Sort(cells)
	return fmt.Sprint(cells)
}

func kept(t interface{ Fatal(...any) }, path, table string) (cols, rows []string) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stmt, _, err := conn.PrepareTransient("SELECT * FROM " + query.Quoted(table))
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Finalize()
	for i := range stmt.ColumnCount() {
		cols = append(cols, stmt.ColumnName(i))
	}
	for {
		more, err := stmt.Step()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			slices.Sort(rows)
			return cols, rows
		}
		row := make([]any, len(cols))
		for i := range row {
			switch stmt.ColumnType(i) {
			case sqlite.TypeInteger:
				row[i] = stmt.ColumnInt64(i)
			case sqlite.TypeFloat:
				row[i] = stmt.ColumnFloat(i)
			case sqlite.TypeText:
				row[i] = stmt.ColumnText(i)
			}
		}
		rows = append(rows, named(cols, row))
	}
}

// keep materializes the events.
func keep(t interface{ Fatal(...any) }, path string, events []replay.Event, change ...func(*materialize.Job)) *materialize.Result {
	r, err := tryKeep(t, path, events, change...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tryKeep(t interface{ Fatal(...any) }, path string, events []replay.Event, change ...func(*materialize.Job)) (*materialize.Result, error) {
	target, err := sqlitefile.Open(path, path, "cart")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	job := materialize.Job{Target: target, Want: materialize.Checkpoint{Store: "s", Projection: "cart", Fold: "merge"}}
	for _, c := range change {
		c(&job)
	}
	db := openDB(t, events, job.Want.AsOf)
	defer db.Close()
	only, err := db.Only()
	if err != nil {
		t.Fatal(err)
	}
	job.Export = func(known []string) *query.Export { return db.Export(only, known) }
	r, err := job.Run(context.Background())
	if err != nil {
		return nil, err
	}
	return r, r.Commit()
}

// TestSameAsQuery keeps a read model of a store that grows, and that loses or changes some
// of its events. Its columns and rows are at each time those that SQL over the store gives.
func TestSameAsQuery(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "asof-materialize-*")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path, versions := filepath.Join(dir, "read.sqlite"), map[replay.StreamID]replay.Version{}
		var events []replay.Event
		n, reorders := 0, false
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			for range rapid.IntRange(0, 8).Draw(t, "events") {
				events = append(events, event(t, n, versions))
				n++
			}
			if len(events) > 0 && rapid.IntRange(0, 4).Draw(t, "loses") == 0 {
				lost := events[rapid.IntRange(0, len(events)-1).Draw(t, "lost")].Stream
				events = slices.DeleteFunc(events, func(e replay.Event) bool { return e.Stream == lost })
			}
			at := ""
			if len(events) == 0 {
				continue
			}
			if rapid.IntRange(0, 4).Draw(t, "past") == 0 {
				at = fmt.Sprintf("pos:%d", events[rapid.IntRange(0, len(events)-1).Draw(t, "at")].Position)
			}
			r := keep(t, path, events, func(j *materialize.Job) { j.Want.AsOf = at })
			seen[r.How]++
			cols, rows := kept(t, path, "cart")
			wantCols, wantRows := queried(t, events, at)
			reorders = r.How == materialize.Updated || reorders && r.How == materialize.Current
			if reorders {
				slices.Sort(cols)
				slices.Sort(wantCols)
			}
			if !slices.Equal(cols, wantCols) {
				t.Fatalf("%s: the columns are %q, want %q", r.How, cols, wantCols)
			}
			if !slices.Equal(rows, wantRows) {
				t.Fatalf("%s: the rows are\n%q\nwant\n%q", r.How, rows, wantRows)
			}
			if r.Rows != int64(len(rows)) {
				t.Fatalf("%d rows are counted, and there are %d", r.Rows, len(rows))
			}
		}
	})
	for _, how := range []string{materialize.Built, materialize.Rebuilt, materialize.Updated, materialize.Current} {
		if seen[how] == 0 {
			t.Errorf("no run was %q: %v", how, seen)
		}
	}
}

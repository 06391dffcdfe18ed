package folder_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"asof/inspect/materialize"
	"asof/inspect/materialize/folder"
	"asof/inspect/parquetfile"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

type fataler interface{ Fatal(...any) }

// failing is a merge fold that fails at an event whose payload has a member boom.
type failing struct{ replay.Reducer }

func (c failing) Apply(ctx context.Context, st *state.State, e *replay.Event) (bool, error) {
	if body, err := e.Body(); err == nil && body.Node() != nil && !body.Node().Get("boom").IsAbsent() {
		return false, &replay.FoldError{At: e.Moment(), By: "test", Err: errors.New("boom")}
	}
	return c.Reducer.Apply(ctx, st, e)
}

func openDB(t fataler, events []replay.Event, at string, shard replay.Shard) *query.DB {
	whole := storetest.Memory(events)
	f := replay.Fold{Reducer: failing{fold.Merge()}}
	db, err := query.Open(context.Background(), query.Source{
		Reader: replay.Sharded(whole, shard), Store: &replay.Timeline{Name: "store", Reader: whole, Many: true},
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
	stream := rapid.SampledFrom([]replay.StreamID{"a", "A", "b", "ü\x00", "'c\"", "d\xff", "other"}).Draw(t, "stream")
	versions[stream]++
	value := rapid.SampledFrom([]string{
		"1", "2.50", "null", `"text"`, `"7"`, `[1,2.0]`, `{"x":"\u0000\ud83d"}`, `"\ud83dx"`, "12345678901234567890", "0.1234567890123456789", "1e400", "true", `"a\u0000b"`, "9007199254740993",
	}).Draw(t, "value")
	member := rapid.SampledFrom([]string{"total", "qty", "stream", "Total", "state", "type", "type_2", "value", "a,b", "", "boom"}).Draw(t, "member")
	data := fmt.Sprintf(`{"%s":%s}`, member, value)
	if rapid.IntRange(0, 19).Draw(t, "bare") == 0 {
		data = value
	}
	return replay.Event{
		Stream: stream, Category: "s", Version: versions[stream], Position: replay.Position(10 * (i + 1)), ID: fmt.Sprint("id", i), Type: "A",
		Time: time.Date(2026, 1, 1, 0, i, 0, 1+i%2*999, time.UTC), Data: []byte(data),
	}
}

// A table is rows as text, and the columns.
type table struct{ cols, rows []string }

func (a table) equal(b table) bool {
	return slices.Equal(a.cols, b.cols) && slices.Equal(a.rows, b.rows)
}

// add adds a row. Values are compared as SQL prints them, and those of from and to as JSON.
func (a *table) add(cols []string, row []any) {
	var cells []string
	for i, c := range cols {
		v := row[i]
		switch x := v.(type) {
		case nil:
			continue // another shard may have the column
		case bool:
			v = 0
			if x {
				v = 1
			}
		case float64:
			v = state.FormatFloat(x)
		}
		cells = append(cells, fmt.Sprintf("%q=%q", c, fmt.Sprint(v)))
	}
	slices.Sort(cells)
	a.rows = append(a.rows, fmt.Sprint(cells))
}

// queried are the rows that SQL over the store gives.
func queried(t fataler, events []replay.Event, at, sql string) (out table) {
	db := openDB(t, events, at, replay.Shard{})
	defer db.Close()
	answer, err := db.Query(sql)
	if err != nil {
		t.Fatal(err)
	}
	out.cols = slices.Sorted(slices.Values(answer.Columns))
	for row, err := range answer.Rows {
		if err != nil {
			t.Fatal(err)
		}
		out.add(answer.Columns, row)
	}
	slices.Sort(out.rows)
	return out
}

// parts are the files of a table in all shards of a folder.
func parts(t fataler, root, name string) (files []*bytes.Reader) {
	paths, err := filepath.Glob(filepath.Join(root, "*-of-*", name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, bytes.NewReader(text))
	}
	return files
}

// kept are the rows of all shards of a folder.
func kept(t fataler, root, name string) (out table) {
	cols := map[string]bool{}
	for _, f := range parts(t, root, name) {
		in, err := parquetfile.Open(f, f.Size())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range in.Columns {
			cols[c] = true
		}
		for row, err := range in.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range in.Columns {
				if text, ok := row[i].(parquetfile.JSON); ok && name == "changes" && (c == "from" || c == "to") {
					row[i] = native(t, string(text))
				}
			}
			out.add(in.Columns, row)
		}
	}
	for c := range cols {
		out.cols = append(out.cols, c)
	}
	slices.Sort(out.cols)
	slices.Sort(out.rows)
	return out
}

// native is JSON as SQL has it.
func native(t fataler, text string) any {
	v, err := state.ParseState([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return query.Native(v, false)
}

func keep(t fataler, root string, events []replay.Event, shard replay.Shard, change ...func(*materialize.Job)) *materialize.Result {
	r, err := tryKeep(t, root, events, shard, change...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tryKeep(t fataler, root string, events []replay.Event, shard replay.Shard, change ...func(*materialize.Job)) (*materialize.Result, error) {
	target, err := folder.Open(root, root, shard)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	job := materialize.Job{Target: target, Want: materialize.Checkpoint{Store: "s", Projection: "cart", Fold: "merge", Shard: shard.String()}}
	for _, c := range change {
		c(&job)
	}
	db := openDB(t, events, job.Want.AsOf, shard)
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
	defer r.Discard()
	return r, r.Commit()
}

// TestSameAsQuery keeps a folder of a store that grows, and that loses some of its events.
// The rows of all shards are at each time those that SQL over the store gives.
func TestSameAsQuery(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "asof-folder-*")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		root, versions, shards := filepath.Join(dir, "read"), map[replay.StreamID]replay.Version{}, rapid.IntRange(1, 3).Draw(t, "shards")
		var events []replay.Event
		n := 0
		for range rapid.IntRange(1, 4).Draw(t, "runs") {
			for range rapid.IntRange(0, 8).Draw(t, "events") {
				events = append(events, event(t, n, versions))
				n++
			}
			if len(events) > 0 && rapid.IntRange(0, 5).Draw(t, "loses") == 0 {
				lost := events[rapid.IntRange(0, len(events)-1).Draw(t, "lost")].Stream
				events = slices.DeleteFunc(events, func(e replay.Event) bool { return e.Stream == lost })
			}
			if len(events) == 0 {
				continue
			}
			at := ""
			if rapid.IntRange(0, 4).Draw(t, "past") == 0 {
				at = fmt.Sprintf("pos:%d", events[rapid.IntRange(0, len(events)-1).Draw(t, "at")].Position)
			}
			var total materialize.Checkpoint
			for i := range shards {
				r := keep(t, root, events, replay.Shard{Index: i + 1, Of: shards}, func(j *materialize.Job) { j.Want.AsOf = at })
				seen[r.How]++
				total.Rows, total.History, total.Changes = total.Rows+r.Rows, total.History+r.History, total.Changes+r.Changes
			}
			for name, count := range map[string]int64{"states": total.Rows, "history": total.History, "changes": total.Changes} {
				sql := map[string]string{"states": "SELECT * FROM cart", "history": "SELECT * FROM cart_history", "changes": "SELECT * FROM cart_changes"}[name]
				got, want := kept(t, root, name), queried(t, events, at, sql)
				if at != "" {
					got.cols, want.cols = nil, nil // later events may have new members, which no row of a past moment has
				}
				if name != "changes" && caseTwins(events) {
					continue // their names depend on which comes first; see TestPartsAreOneRun
				}
				if !got.equal(want) {
					t.Fatalf("%s at %q: %d columns, the rows are\n%q\nwant\n%q\n%q\n%q", name, at, len(got.cols), got.rows, want.rows, got.cols, want.cols)
				}
				if count != int64(len(got.rows)) {
					t.Fatalf("%d rows of %s are counted, and there are %d", count, name, len(got.rows))
				}
			}
			checkManifest(t, root, shards, total)
		}
	})
	for _, how := range []string{materialize.Built, materialize.Rebuilt, materialize.Updated, materialize.Current} {
		if seen[how] == 0 {
			t.Errorf("no run was %q: %v", how, seen)
		}
	}
}

// caseTwins reports whether events have members whose names get a number.
func caseTwins(events []replay.Event) bool {
	names := map[string]int{}
	for _, e := range events {
		var body map[string]json.RawMessage
		if json.Unmarshal(e.Data, &body) == nil {
			for name := range body {
				names[name]++
			}
		}
	}
	return names["total"] > 0 && names["Total"] > 0 || names["type"] > 0 && names["type_2"] > 0
}

func checkManifest(t fataler, root string, shards int, total materialize.Checkpoint) {
	text, err := os.ReadFile(filepath.Join(root, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Shards, States, History, Changes int64 }
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if m.Shards != int64(shards) || m.States != total.Rows || m.History != total.History || m.Changes != total.Changes {
		t.Fatal("the manifest is ", string(text))
	}
}

// TestPartsAreOneRun keeps the parts of a store that grows, in any order, and each time all
// of it at once. The files of the parts have the columns of the one run, with the same names
// and types, and together its rows, as any reader of Parquet sees them.
func TestPartsAreOneRun(t *testing.T) {
	united := 0
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "asof-parts-*")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		versions, of := map[replay.StreamID]replay.Version{}, rapid.IntRange(2, 3).Draw(t, "of")
		var events []replay.Event
		n := 0
		for run := range rapid.IntRange(1, 2).Draw(t, "runs") {
			for range rapid.IntRange(1, 12).Draw(t, "events") {
				events = append(events, event(t, n, versions))
				n++
			}
			if rapid.IntRange(0, 2).Draw(t, "loses") == 0 {
				lost := events[rapid.IntRange(0, len(events)-1).Draw(t, "lost")].Stream
				events = slices.DeleteFunc(events, func(e replay.Event) bool { return e.Stream == lost })
			}
			if len(events) == 0 {
				continue
			}
			one, parts := filepath.Join(dir, fmt.Sprint("one", run)), filepath.Join(dir, "parts")
			keep(t, one, events, replay.Shard{})
			order := rapid.Permutation([]int{1, 2, 3}[:of]).Draw(t, "order")
			for _, i := range order {
				keep(t, parts, events, replay.Shard{Index: i, Of: of})
			}
			for _, name := range []string{"states", "history", "changes"} {
				want, got := raw(t, one, name), raw(t, parts, name)
				if len(want) != 1 || len(got) != of {
					t.Fatalf("%d and %d files of %s", len(want), len(got), name)
				}
				var rows []string
				for _, f := range got {
					if !slices.Equal(f.cols, want[0].cols) {
						t.Fatalf("a part of %s has the columns %q, want %q", name, f.cols, want[0].cols)
					}
					rows = append(rows, f.rows...)
				}
				if slices.Sort(rows); !slices.Equal(rows, want[0].rows) {
					t.Fatalf("the parts of %s have %q, want %q", name, rows, want[0].rows)
				}
			}
			if caseTwins(events) {
				united++
			}
		}
	})
	if united == 0 {
		t.Error("no store had names that differ in case alone")
	}
}

// raw are the files of a table, with the types of columns, and values as they lie there.
func raw(t fataler, root, name string) (out []table) {
	for _, f := range parts(t, root, name) {
		in, err := parquet.OpenFile(f, f.Size())
		if err != nil {
			t.Fatal(err)
		}
		var one table
		for _, c := range in.Root().Columns() {
			one.cols = append(one.cols, fmt.Sprint(c.Name(), " ", c.Type()))
		}
		r := parquet.NewReader(in)
		for {
			var rows [1]parquet.Row
			n, err := r.ReadRows(rows[:])
			if n == 1 {
				one.rows = append(one.rows, fmt.Sprintf("%+q", rows[0]))
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(one.rows)
		out = append(out, one)
	}
	return out
}

package live

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/state"
)

// A fake is a store of versions and rows, in the order of their streams.
type fake struct {
	replay.Reader
	events []replay.Event
	tables []replay.LiveTable
	rows   []replay.LiveRow
	lacks  []string
	broken bool
}

func (f *fake) Info() replay.Info {
	return replay.Info{Dialect: "fake", Rows: true, Lacks: f.lacks}
}

func (f *fake) Events(context.Context, replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for i := range f.events {
			if !yield(&f.events[i], nil) {
				return
			}
		}
	}
}

func (f *fake) LiveTables(context.Context) ([]replay.LiveTable, error) { return f.tables, nil }

func (f *fake) LiveRows(context.Context, []replay.LiveTable) iter.Seq2[*replay.LiveRow, error] {
	return func(yield func(*replay.LiveRow, error) bool) {
		for i := range f.rows {
			if !yield(&f.rows[i], nil) {
				return
			}
		}
		if f.broken {
			yield(nil, errors.New("the server is gone"))
		}
	}
}

func version(stream string, v replay.Version, row replay.RowChange, data string) replay.Event {
	category, _, _ := strings.Cut(stream, "/")
	e := replay.Event{Stream: replay.StreamID(stream), Category: category, Version: v, Row: row, Data: []byte(data)}
	if data == "" {
		e.Data, e.Opaque = nil, "it is encrypted"
	}
	return e
}

// aTable is a live table with the columns a and b.
func aTable(category string) replay.LiveTable {
	t := replay.LiveTable{Category: category, Name: category, Key: []string{"id"}}
	for _, name := range []string{"a", "b"} {
		t.Columns = append(t.Columns, replay.LiveColumn{Name: name, Recorded: []string{name, name + "_old"}, Same: state.Equal})
	}
	return t
}

func row(table int, stream, data string) replay.LiveRow {
	return replay.LiveRow{Table: table, Stream: replay.StreamID(stream), Data: []byte(data)}
}

// text describes a result.
func text(r *Result) string {
	var out []string
	for _, f := range r.Found {
		s := fmt.Sprintf("%s %s", f.Stream, f.Verdict)
		for _, c := range f.Columns {
			s += " " + c.Name
		}
		out = append(out, s)
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		if t.NotCompared() || t.Blind() {
			out = append(out, t.Category+" not compared")
		}
		for _, g := range t.NotRecorded {
			out = append(out, fmt.Sprintf("%s.%s not recorded in %d", t.Category, g.Column, g.Rows))
		}
		for _, g := range t.NotLive {
			out = append(out, fmt.Sprintf("%s.%s not live in %d", t.Category, g.Column, g.Rows))
		}
		if t.Gone > 0 {
			out = append(out, fmt.Sprintf("%s %d gone", t.Category, t.Gone))
		}
	}
	return strings.Join(out, "; ")
}

func TestRun(t *testing.T) {
	const set, full, gone = replay.RowSet, replay.RowFull, replay.RowGone
	for _, tt := range []struct {
		name string
		f    fake
		want string
	}{
		{name: "nothing"},
		{"columns that change one by one", fake{
			events: []replay.Event{version("t/1", 1, set, `{"a":1,"b":1}`), version("t/1", 2, set, `{"b":2}`), version("t/1", 3, set, `{"b":null}`)},
			rows:   []replay.LiveRow{row(0, "t/1", `{"id":1,"a":1,"b":0}`)},
		}, "t/1 changed b"},
		{"a whole row replaces what was set before", fake{
			events: []replay.Event{version("t/1", 1, set, `{"a":1,"c":1}`), version("t/1", 2, full, `{"a":2,"b":2}`)},
			rows:   []replay.LiveRow{row(0, "t/1", `{"a":2,"b":2}`)},
		}, ""},
		{"a row that is created again is not what it was", fake{
			events: []replay.Event{version("t/1", 1, set, `{"a":1,"b":1}`), version("t/1", 2, gone, `null`), version("t/1", 3, set, `{"a":1}`)},
			rows:   []replay.LiveRow{row(0, "t/1", `{"a":1,"b":2}`)},
		}, "t.b not recorded in 1"},
		{"rows on one side", fake{
			events: []replay.Event{version("t/2", 1, full, `{"a":1,"b":1}`), version("t/4", 1, full, `{}`), version("t/4", 2, gone, `{}`), version("t/5", 1, gone, `{}`)},
			rows:   []replay.LiveRow{row(0, "t/1", `{}`), row(0, "t/3", `{}`), row(0, "t/4", `{}`), row(0, "t/6", `{}`)},
		}, "t/1 unrecorded; t/2 missing; t/3 unrecorded; t/4 undeleted; t/6 unrecorded"},
		{"no deletes are recorded", fake{
			events: []replay.Event{version("t/2", 1, full, `{}`)}, lacks: []string{"deletes"},
		}, "t 1 gone"},
		{"an unreadable last version", fake{
			events: []replay.Event{version("t/1", 1, full, `{"a":1}`), version("t/1", 2, full, ``), version("t/2", 1, full, `[1]`), version("t/3", 1, full, `{"a":`)},
			rows:   []replay.LiveRow{row(0, "t/1", `{"a":1}`), row(0, "t/2", `{}`), row(0, "t/3", `{}`)},
		}, "t/1 unknown; t/2 unknown; t/3 unknown"},
		{"an unreadable version before the last", fake{
			events: []replay.Event{version("t/1", 1, full, ``), version("t/1", 2, full, `{"a":1,"b":1}`), version("t/2", 1, set, ``), version("t/2", 2, set, `{"a":1}`)},
			rows:   []replay.LiveRow{row(0, "t/1", `{"a":1,"b":1}`), row(0, "t/2", `{"a":1}`)},
		}, "t/2 unknown"},
		{"an unreadable row", fake{
			events: []replay.Event{version("t/1", 1, full, `{"a":1}`)}, rows: []replay.LiveRow{row(0, "t/1", `x`)},
		}, "t/1 unknown"},
		{"columns of one side, and of another name", fake{
			events: []replay.Event{version("t/1", 1, full, `{"id":1,"a_old":1,"c":1}`), version("t/2", 1, full, `{"id":2,"a_old":1,"b":1}`)},
			rows:   []replay.LiveRow{row(0, "t/1", `{"a":1,"b":1}`), row(0, "t/2", `{"a":2,"b":1}`)},
		}, "t/2 changed a; t.b not recorded in 1; t.c not live in 1"},
		{"no column in common", fake{
			events: []replay.Event{version("t/1", 1, full, `{"c":1}`)}, rows: []replay.LiveRow{row(0, "t/1", `{"a":1,"b":1}`)},
		}, "t not compared; t.a not recorded in 1; t.b not recorded in 1; t.c not live in 1"},
		{"a category that nothing knows", fake{
			events: []replay.Event{version("t/1", 1, full, `{"a":1,"b":1}`), version("u/1", 1, full, `{"a":1}`)},
			rows:   []replay.LiveRow{row(0, "t/1", `{"a":1,"b":1}`)},
		}, "u not compared"},
		{"only the presence of rows", fake{
			events: []replay.Event{version("t/1", 1, full, `{"a":1,"b":1}`), version("t/2", 1, full, `{"a":1}`)},
			tables: []replay.LiveTable{{Category: "t", Name: "t", Reason: "the last version is not recorded"}},
			rows:   []replay.LiveRow{row(0, "t/1", `{"a":2,"b":1}`)},
		}, "t/2 missing; t not compared"},
		{"a table of several categories", fake{
			events: []replay.Event{version("t/1", 1, full, `{"a":1,"b":1}`)},
			tables: []replay.LiveTable{{Category: "t", Name: "t", Partial: true}},
			rows:   []replay.LiveRow{row(0, "t/1", `{"a":1,"b":1}`), row(0, "t/2", `{}`)},
		}, "t not compared; t.a not live in 1; t.b not live in 1"},
		{"rows without a key", fake{
			tables: []replay.LiveTable{{Category: "t", Name: "t", Keyless: 2}},
		}, "t not compared"},
	} {
		if tt.f.tables == nil {
			tt.f.tables = []replay.LiveTable{aTable("t")}
		}
		r, err := Run(t.Context(), &tt.f, nil)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := text(r); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestRunFails checks that an answer is never given on rows that could not be read.
func TestRunFails(t *testing.T) {
	f := &fake{broken: true, tables: []replay.LiveTable{aTable("t")}, rows: []replay.LiveRow{row(0, "t/1", "{}")}}
	if r, err := Run(t.Context(), f, nil); err == nil || r != nil {
		t.Errorf("%v, %v", r, err)
	}
	f.events = []replay.Event{version("t/1", 1, replay.RowFull, "{}")}
	if r, err := Run(t.Context(), f, nil); err == nil || r != nil {
		t.Errorf("%v, %v", r, err)
	}
}

// TestRunListsSome counts all rows that differ and lists the first.
func TestRunListsSome(t *testing.T) {
	f := &fake{tables: []replay.LiveTable{aTable("t")}}
	for i := range mostFound + 5 {
		f.rows = append(f.rows, row(0, fmt.Sprintf("t/%08d", i), "{}"))
	}
	r, err := Run(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := r.Findings(); rows != mostFound+5 || len(r.Found) != mostFound || r.More != 5 {
		t.Errorf("%d found, %d listed, %d more", rows, len(r.Found), r.More)
	}
}

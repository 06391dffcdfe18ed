package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/storetest"
	"asof/replay/store/testdb"
)

// formsDDL is a table of one's own, of which each mapping below takes other parts.
const formsDDL = `CREATE TABLE ev(pos INTEGER PRIMARY KEY, "a part" TEXT, "Kind" TEXT, v INTEGER, eid TEXT, t TEXT, rev INTEGER, at TEXT, body TEXT,
	amount NUMERIC, note TEXT, actor TEXT, corr TEXT, caus TEXT, meta TEXT)`

// pairs are streams of two parts that a joiner without escapes would mix up.
var pairs = map[string][2]string{
	"cart-1": {"a-b", "c"}, "cart-10": {"a", "b-c"}, "cart-2": {"a/b", "c"}, "Ärger@1": {"a", "b/c"}, "a:b": {"~", "1"},
	"\U0010FFFFx": {"", "~1"}, "cart": {"~1", ""},
}

// A form is a mapping, and what the history is by it.
type form struct {
	name, mapping string
	want          func(*replay.Event)
	ordered       bool // it has positions
}

func pairOf(e *replay.Event) [2]string {
	if p, ok := pairs[string(e.Stream)]; ok {
		return p
	}
	return [2]string{"x", string(e.Stream)}
}

var forms = []form{
	{"composite", `stream="a part"+Kind,version=v,position=pos,id=eid,type=t,revision=rev,time=at,data=body:/data,meta=meta,actor=actor,correlation=corr,causation=caus`, func(e *replay.Event) {
		p := pairOf(e)
		e.Stream, e.Category = replay.StreamID(cell.JoinStream(p[0], p[1])), p[1]
	}, true},
	{"counted by position", `stream=Kind+a part,version=#position,position=pos,id=eid,type=body:/meta/kind,revision=body:/meta/rev,time=body:/meta/at,data=body:/data,meta=meta,actor=actor,correlation=corr,causation=caus`, func(e *replay.Event) {
		p := pairOf(e)
		e.Stream, e.Category = replay.StreamID(cell.JoinStream(p[1], p[0])), p[1]
	}, true},
	{"constants, counted by a column", `stream='it''s'+"a part"+Kind,version=#pos,position=pos,id=eid,type='Moved+on',time=at,data=body:"/data",actor='me'`, func(e *replay.Event) {
		p := pairOf(e)
		*e = replay.Event{
			Stream: replay.StreamID(cell.JoinStream("it's", p[0], p[1])), Category: "it's", Version: e.Version, Position: e.Position, ID: e.ID,
			Type: "Moved+on", Time: e.Time, Data: e.Data, Meta: replay.Meta{Actor: "me"},
		}
	}, true},
	{"an object, and no position", `stream=body:/s,category='all',version=#time,id=eid,type=t,time=at,data=amount+note`, func(e *replay.Event) {
		*e = replay.Event{
			Stream: e.Stream, Category: "all", Version: e.Version, Position: replay.NoPosition, ID: e.ID, Type: e.Type, Time: e.Time,
			Data: fmt.Appendf(nil, `{"amount":%s,"note":%s}`, amountOf(e), noteOf(e)),
		}
	}, false},
	{"the rest of the row", `stream=body:/s,category='all',version=v,position=pos,type=t,time=at,data=*`, func(e *replay.Event) {
		p := pairOf(e)
		q := func(s string) string {
			if s == "" {
				return "null"
			}
			return text(s)
		}
		body := text(bodyOf(e))
		*e = replay.Event{
			Stream: e.Stream, Category: "all", Version: e.Version, Position: e.Position, Type: e.Type, Time: e.Time,
			Data: fmt.Appendf(nil, `{"a part":%s,"Kind":%s,"eid":%q,"rev":%d,"body":%s,"amount":%s,"note":%s,"actor":%s,"corr":%s,"caus":%s,"meta":%q}`,
				text(p[0]), text(p[1]), e.ID, e.Revision, body, amountOf(e), noteOf(e), q(e.Meta.Actor), q(e.Meta.Correlation), q(e.Meta.Causation), e.Meta.Raw),
		}
	}, true},
}

// formsHistory has no two events of one time, and bodies that hold all of it.
func formsHistory(n int) []replay.Event {
	all := history(n)
	for i := range all {
		e := &all[i]
		e.Time = time.Date(2026, 3, 1, 9, 0, i, 0, time.UTC)
	}
	return all
}

// text is a string in JSON.
func text(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // it is one
	}
	return string(b)
}

// amountOf is a number that the payload of an event begins with, and digits that a
// careless reader would round.
func amountOf(e *replay.Event) string {
	var n int
	fmt.Sscanf(string(e.Data), `{"n":%d`, &n) //nolint:errcheck // 0 then
	return fmt.Sprintf("%d.1000000001", n)
}

func noteOf(e *replay.Event) string {
	if e.Version%2 == 0 {
		return "null"
	}
	return `"a \"note\""`
}

func bodyOf(e *replay.Event) string {
	return fmt.Sprintf(`{"s":%s,"meta":{"kind":%q,"rev":%d,"at":%q},"data":%s}`, text(string(e.Stream)), e.Type, e.Revision, e.Time.Format(time.RFC3339), e.Data)
}

// formsRow are the columns of an event in the table.
func formsRow(e *replay.Event) []any {
	p := pairOf(e)
	var note any
	if e.Version%2 == 1 {
		note = `a "note"`
	}
	return []any{
		int64(e.Position), p[0], p[1], int64(e.Version), e.ID, e.Type, e.Revision, e.Time.Format(time.RFC3339), bodyOf(e),
		amountOf(e), note, orNil(e.Meta.Actor), orNil(e.Meta.Correlation), orNil(e.Meta.Causation), string(e.Meta.Raw),
	}
}

func (f *form) history(all []replay.Event) []replay.Event {
	want := make([]replay.Event, len(all))
	for i := range all {
		want[i] = *all[i].Clone()
		f.want(&want[i])
	}
	return want
}

func (f *form) options() Options {
	o := Options{Table: "ev", Map: map[string]string{}}
	for _, pair := range strings.Split(f.mapping, ",") {
		field, to, _ := strings.Cut(pair, "=")
		o.Map[field] = to
	}
	return o
}

// Every form of mapping holds to the suite, with an index for its streams and without.
func TestFormsOfMappingsConform(t *testing.T) {
	all := formsHistory(120)
	path := filepath.Join(t.TempDir(), "forms.db")
	testdb.Build(t, path, func(tx *sql.Tx) error {
		for i := range all {
			row := formsRow(&all[i])
			if _, err := tx.Exec("INSERT INTO ev VALUES("+strings.Repeat("?,", len(row)-1)+"?)", row...); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`CREATE INDEX streams ON ev("a part", "Kind")`)
		return err
	}, formsDDL)
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			want := f.history(all)
			conform(t, path, sortedFor(want, f.ordered), f.options(), storetest.Sample)
		})
	}
}

// sortedFor puts events without positions in the order of streams and versions.
func sortedFor(all []replay.Event, ordered bool) []replay.Event {
	if !ordered {
		slices.SortFunc(all, func(a, b replay.Event) int {
			return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Version, b.Version))
		})
	}
	return all
}

func TestPgFormsOfMappingsConform(t *testing.T) {
	db := newPgDatabase(t)
	db.Must(formsDDL)
	all := formsHistory(60)
	for i := range all {
		row := formsRow(&all[i])
		var marks []string
		for n := range row {
			marks = append(marks, fmt.Sprintf("$%d", n+1))
		}
		db.Must("INSERT INTO ev VALUES("+strings.Join(marks, ",")+")", row...)
	}
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			o := f.options()
			r, err := Open(t.Context(), db.DSN, o)
			if err != nil {
				t.Fatal(err)
			}
			r.Close() //nolint:errcheck // only read
			storetest.Run(t, storetest.Config{
				Name: "conformance", Want: sortedFor(f.history(all), f.ordered), Sample: storetest.Sample,
				Open: func(ctx context.Context, _ string) (replay.Reader, error) {
					return Open(ctx, db.DSN, Options{Table: o.Table, Map: maps.Clone(o.Map)})
				},
			})
		})
	}
}

// Rows that lack a stream or a version are no events: they are left out, and counted.
func TestRowsWithoutStreamAreLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ticks.db")
	testdb.Build(t, path, nil, "CREATE TABLE e(id INTEGER PRIMARY KEY, s TEXT, w TEXT, v INTEGER, t TEXT, d TEXT)",
		`INSERT INTO e VALUES (1,'a','x',1,'A','{"n":1}'), (2,NULL,'x',NULL,'Tick','{}'), (3,'a','x',2,'A','{"n":2}'), (4,'a','x',NULL,'Tick','{}'), (5,'a',NULL,3,'A','{}')`)
	for _, c := range []struct{ stream, version, id, total, of string }{
		{"s", "v", "a", "2 rows without a stream or a version", "1 row without a stream or a version"},
		{"s+w", "v", "a/x", "3 rows without a stream or a version", "1 row without a stream or a version"},
		{"s+w", "#id", "a/x", "2 rows without a stream or a version", ""},
	} {
		r := mustOpen(t, path, Options{Table: "e", Map: map[string]string{"stream": c.stream, "version": c.version, "type": "t", "data": "d", "position": "id"}})
		sum, err := r.Summary(t.Context())
		if err != nil || strings.Join(sum.LeftOut, ";") != c.total {
			t.Errorf("%s, %s: %q, %v", c.stream, c.version, sum.LeftOut, err)
		}
		if of, err := r.Omitted(t.Context(), replay.StreamID(c.id)); err != nil || strings.Join(of, ";") != c.of {
			t.Errorf("%s, %s: of the stream %q, %v", c.stream, c.version, of, err)
		}
		if all := events(t, r, replay.Query{}); int64(len(all)) != sum.Events {
			t.Errorf("%s, %s: %d events, and %d counted", c.stream, c.version, len(all), sum.Events)
		}
	}
}

// A name in quotes is a name whatever it holds, and a mistake is reported.
func TestMappingNamesAndSlips(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd.db")
	testdb.Build(t, path, nil, `CREATE TABLE e(s TEXT, v INTEGER, at INTEGER, "a+b" TEXT, "'q'" TEXT, "#n" INTEGER, "x:/y" TEXT, "d""q" TEXT)`,
		`INSERT INTO e VALUES ('a', 1, 0, 'plus', 'quote', 1, 'path', 'doubled')`)
	for _, c := range []struct{ field, to, want string }{
		{"type", "a+b", "plus"},
		{"type", `"a+b"`, "plus"},
		{"type", `"'q'"`, "quote"},
		{"type", `'q'`, "q"},
		{"type", "x:/y", "path"},
		{"type", `"d""q"`, "doubled"},
		{"stream", `"a+b"+"'q'"`, "plus/quote"},
		{"version", `#n`, ""},
		{"version", `"#n"`, ""},
		{"version", "#nix", `no column "nix"`},
		{"version", "'1'", "gives every event the version '1'"},
		{"type", "s+v", "joins columns for type"},
		{"type", "'open", "does not end"},
		{"type", "'a'b", "after a quoted name"},
		{"type", "s:/", "type is NULL"},
		{"data", "s+'x'", "what is not a whole column"},
		{"time", "at:years", `unknown unit of time "years"`},
		{"version", "#s+v", "not one column"},
		{"stream", "s+", `no column ""`},
	} {
		o := Options{Table: "e", Map: map[string]string{"stream": "s", "version": "v", "type": "'T'", "data": "*"}}
		o.Map[c.field] = c.to
		got, err := describeAll(path, o)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s=%s: %s, want %s", c.field, c.to, got, c.want)
		}
	}
}

// The payloads of a large object, of bytes and of jsonb are read as what they hold.
func TestPgPayloadsOfOtherTypes(t *testing.T) {
	db := newPgDatabase(t)
	db.Must(`CREATE TABLE e(s text, v int, large oid, bytes bytea, b jsonb)`)
	db.Must(`INSERT INTO e VALUES ('a', 1, lo_from_bytea(0, '{"k":"T","n":1.50}'), '{"k":"T","n":1.50}', '{"k":"T","n":1.50}')`)
	for _, column := range []string{"large", "bytes", "b"} {
		r := db.open(Options{Table: "e", Map: map[string]string{"stream": "s", "version": "v", "type": column + ":/k", "data": column}})
		all := readPg(t, r, replay.Query{Streams: []replay.StreamID{"a"}})
		if len(all) != 1 || all[0].Type != "T" || !strings.Contains(string(all[0].Data), "1.50") {
			t.Errorf("%s: %+v", column, all)
		}
	}
}

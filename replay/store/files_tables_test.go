package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/storetest"
	"asof/replay/store/testdb"
)

// A looseRow is a row of a table, and a line of a file.
type looseRow struct {
	names  []string
	values []any
}

var looseColumns = `n INTEGER, v INTEGER, tenant TEXT, kind TEXT, num INTEGER, "a+b" TEXT, t TEXT NOT NULL, eid TEXT, rev INTEGER, at INTEGER, stamp TEXT,
	body TEXT, meta TEXT, amount NUMERIC, note TEXT, "odd ""name" TEXT`

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// looseRows are rows in any order of any column; each may lack what an event may.
func looseRows(r *rand.Rand) []looseRow {
	n := 1 + r.IntN(40)
	order, versions := r.Perm(n), r.Perm(n)
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var out []looseRow
	for i := range n {
		orNull := func(v any) any {
			if r.IntN(6) == 0 {
				return nil
			}
			return v
		}
		at := start.Add(time.Duration(r.IntN(50)) * time.Second)
		body := map[string]any{
			"meta": map[string]any{"s": orNull(pick(r, "x-1", "y", "x/~1")), "kind": pick(r, "A", "B+"), "seq": pick[any](r, i, 9.5, "z", "10"), "at": at.Format(time.RFC3339)},
			"x":    pick[any](r, nil, 3, "text", map[string]any{"deep": []int{1, 2}}, true),
		}
		doc, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		out = append(out, looseRow{
			names: []string{"n", "v", "tenant", "kind", "num", "a+b", "t", "eid", "rev", "at", "stamp", "body", "meta", "amount", "note", `odd "name`},
			values: []any{
				order[i] + 1, orNull(versions[i]), orNull(pick(r, "a", "b/c", "~", "Ä", "")), orNull(pick(r, "Cart", "order-7", "x/y")), orNull(r.IntN(3)),
				orNull(pick(r, "p", "q-1")), pick(r, "Made", "Sent"), fmt.Sprintf("id-%d", i), r.IntN(3), at.UnixMilli(), at.Format(time.RFC3339),
				string(doc), orNull(`{"by":"ann"}`), orNull(pick[any](r, 1, 2.5, -7)), orNull(pick(r, "n1", `a "q"`)), "o",
			},
		})
	}
	return out
}

// looseMapping is a mapping that such rows can be read by.
func looseMapping(r *rand.Rand) map[string]string {
	m := map[string]string{
		"stream":   pick(r, "tenant+kind+num", "kind+tenant", "'it''s'+num", "body:/meta/s", "num", `"a+b"`, "a+b", "body:/meta/s+kind", `tenant+"a+b"`, `'c'+body:"/meta/kind"`),
		"version":  pick(r, "v", "#position", "#time", "#n", "#rowid", "#body:/meta/seq", "#at", "#stamp", "#id", `#"a+b"`),
		"position": pick(r, "n", "rowid"), "type": pick(r, "t", "body:/meta/kind", "'Moved+on'"), "id": "eid",
		"time": pick(r, "at", "at:ms", "stamp", "body:/meta/at"),
		"data": pick(r, "body", "*", "amount+note", `amount+"odd ""name"`, "body:/x", `body:"/meta"`, "body:/x/deep", `'{"c": 1}'`, "note+body"),
	}
	for field, ways := range map[string][]string{
		"category": {"kind", "'all'", "body:/meta/kind"}, "revision": {"rev", "n"}, "meta": {"meta", "body:/meta"},
		"actor": {"note", "'me'", "body:/meta/s", "num"}, "correlation": {"a+b", "tenant"}, "causation": {"eid"},
	} {
		if r.IntN(2) == 0 {
			m[field] = pick(r, ways...)
		}
	}
	return m
}

// line is the row as an object.
func (l *looseRow) line() string {
	var members []string
	for i, name := range l.names {
		value, err := json.Marshal(l.values[i])
		if err != nil {
			panic(err)
		}
		members = append(members, text(name)+": "+string(value))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// TestFilesTakeTheMappingsOfTables reads the same rows from a table and from a file by
// the same mapping.
func TestFilesTakeTheMappingsOfTables(t *testing.T) {
	t.Parallel()
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 14))
		rows, mapping := looseRows(r), looseMapping(r)
		name := fmt.Sprintf("%d %s", seed, source.MapText(mapping))
		path := filepath.Join(t.TempDir(), "rows.db")
		var lines []string
		for i := range rows {
			lines = append(lines, rows[i].line())
		}
		testdb.Build(t, path, func(tx *sql.Tx) error {
			for _, row := range rows {
				if _, err := tx.Exec("INSERT INTO e VALUES(?"+strings.Repeat(",?", len(row.values)-1)+")", row.values...); err != nil {
					return err
				}
			}
			return nil
		}, "CREATE TABLE e("+looseColumns+")")
		file := strings.Join(lines, "\n")
		switch r.IntN(4) {
		case 0:
			file = "[" + strings.Join(lines, ",\n") + "]"
		case 1:
			file = `{"count": 3, "events": [` + strings.Join(lines, ",") + `], "next": null}`
		}
		table, errTable := Open(t.Context(), path, Options{Table: "e", Map: maps.Clone(mapping)})
		lone, errFile := openJSON(t.Context(), jsonPath(t, file), Options{Map: maps.Clone(mapping)})
		if errTable != nil {
			t.Fatalf("%s: %v", name, errTable)
		}
		sameEvents(t, name+"\n"+file, table, lone, errFile)
		table.Close() //nolint:errcheck // only read
		if lone != nil {
			lone.Close() //nolint:errcheck // only read
		}
	}
}

// sameEvents compares two readers. Of a file without a single event nothing opens.
func sameEvents(t *testing.T, name string, table, file replay.Reader, err error) {
	t.Helper()
	s, errTable := table.Summary(t.Context())
	if err != nil {
		if errTable != nil || s.Events > 0 {
			t.Fatalf("%s\nthe table has %d events (%v), and the file: %v", name, s.Events, errTable, err)
		}
		return
	}
	f, errFile := file.Summary(t.Context())
	if errTable != nil || errFile != nil || fmt.Sprint(s) != fmt.Sprint(f) {
		t.Fatalf("%s\nsummary of the table %+v (%v)\nand of the file %+v (%v)", name, s, errTable, f, errFile)
	}
	for _, order := range []replay.Order{replay.ByPosition, replay.ByStream} {
		a, b := events(t, table, replay.Query{Order: order}), events(t, file, replay.Query{Order: order})
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || !reflect.DeepEqual(normal(a[i]), normal(b[i])) {
				t.Fatalf("%s\nevent %d of the table %+v\nand of the file  %+v", name, i, at(a, i), at(b, i))
			}
		}
	}
	if a, b := table.Info().ByClock, file.Info().ByClock; a != b {
		t.Errorf("%s\nby the clock: %v and %v", name, a, b)
	}
}

func normal(e *replay.Event) replay.Event {
	c := *e.Clone()
	c.Data, c.Meta.Raw, c.Text = append([]byte{}, c.Data...), append([]byte{}, c.Meta.Raw...), nil
	c.Time = c.Time.UTC()
	return c
}

func at(all []*replay.Event, i int) any {
	if i >= len(all) {
		return "none"
	}
	return *all[i]
}

// TestFormsOfMappingsOfFilesConform holds files by the forms of mappings to the suite.
func TestFormsOfMappingsOfFilesConform(t *testing.T) {
	all := formsHistory(60)
	names := []string{"pos", "a part", "Kind", "v", "eid", "t", "rev", "at", "body", "amount", "note", "actor", "corr", "caus", "meta"}
	var lines []string
	for i := range all {
		row := looseRow{names: names, values: formsRow(&all[i])}
		row.values[9] = json.Number(amountOf(&all[i]))
		lines = append(lines, row.line())
	}
	path := jsonPath(t, strings.Join(lines, "\n"))
	for _, f := range forms {
		if !f.ordered {
			continue
		}
		o := f.options()
		storetest.Run(t, storetest.Config{
			Name: f.name, Path: path, Want: f.history(all), Sample: storetest.Sample, Truncate: cutOff,
			Open: func(ctx context.Context, path string) (replay.Reader, error) {
				return openJSON(ctx, path, Options{Map: maps.Clone(o.Map)})
			},
		})
	}
}

// A homeMadeFile is a file with its mapping.
type homeMadeFile struct{ name, text, want string }

// proposedFiles are files as people have them, and the mapping that is right, or after a
// dash why there is none.
var proposedFiles = []homeMadeFile{
	{
		"counted in the order of the file",
		`{"orderId":"a","event":"Made","payload":{"n":1},"at":"2026-03-01T10:00:00Z"}
{"orderId":"b","event":"Made","payload":{"n":1},"at":"2026-03-01T10:00:01Z"}
{"orderId":"a","event":"Sent","payload":{"n":2},"at":"2026-03-01T10:00:02Z"}`,
		"stream=orderId,type=event,time=at,data=payload",
	},
	{
		"a version and an id",
		`[{"id":"e1","aggregate_id":"a","version":1,"type":"A","data":{}},{"id":"e2","aggregate_id":"b","version":1,"type":"A","data":{}},
{"id":"e3","aggregate_id":"a","version":2,"type":"B","data":{}}]`,
		"stream=aggregate_id,version=version,type=type,id=id,data=data",
	},
	{
		"a serial number, and a type in the payload",
		`{"id":1,"ref":"x","body":{"meta":{"eventType":"A"}},"ts":1772359200000}
{"id":2,"ref":"x","body":{"meta":{"eventType":"B"}},"ts":1772359201000}`,
		"stream=ref,version=#id,position=id,type=body:/meta/eventType,time=ts,data=body",
	},
	{
		"rows in an object, of two tenants",
		`{"count":3,"rows":[{"tenant_id":1,"entity_id":7,"event_name":"A","amount":1.5,"note":"x","at":"2026-03-01"},
{"tenant_id":2,"entity_id":7,"event_name":"A","amount":1.5,"note":"x","at":"2026-03-02"},{"tenant_id":1,"entity_id":7,"event_name":"B","amount":2,"note":null,"at":"2026-03-03"}]}`,
		"stream=tenant_id+entity_id,type=event_name,time=at,data=amount+note",
	},
	{"mongoexport", `{"_id":{"$oid":"64b7e3a1f1a2b3c4d5e6f701"},"aggregateId":"a","eventType":"A","payload":{"n":1},"createdAt":{"$date":"2026-03-01T10:00:00Z"}}
{"_id":{"$oid":"64b7e3a1f1a2b3c4d5e6f702"},"aggregateId":"a","eventType":"B","payload":{"n":2},"createdAt":{"$date":"2026-03-01T10:00:01Z"}}`, "stream=aggregateId,type=eventType,id=_id,time=createdAt,data=payload"},
	{"users", `[{"id":1,"name":"ann","version":3,"data":{"a":1}},{"id":2,"name":"bob","version":1,"data":{"a":2}}]`, "- no member names the entity"},
	{"a log of a program", `{"level":"info","msg":"started","ts":"2026-03-01T10:00:00Z"}` + "\n" + `{"level":"warn","msg":"slow","ts":"2026-03-01T10:00:01Z"}`, "- no member names the entity"},
	{"orders with items", `{"id":1,"customer_id":7,"items":[{"sku":"a","type":"book"}]}` + "\n" + `{"id":2,"customer_id":7,"items":[{"sku":"b","type":"pen"}]}`, "- no member has the type"},
}

// TestProposalsForFiles opens each file by what is proposed for it.
func TestProposalsForFiles(t *testing.T) {
	for _, c := range slices.Concat(proposedFiles, appFiles) {
		t.Run(c.name, func(t *testing.T) {
			path := jsonPath(t, c.text)
			_, err := Open(t.Context(), path, Options{})
			var unknown *UnknownDialectError
			if !errors.As(err, &unknown) {
				t.Fatalf("%T: %v", err, err)
			}
			checkProposals(t, homeMade{rows: c.text, want: c.want}, unknown)
			for _, p := range unknown.Proposals {
				proposalConforms(t, path, p)
			}
		})
	}
}

package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/testdb"
)

// ocelLog is a log of a purchase order whose quantity changes. Cases add to it.
const ocelLog = `CREATE TABLE event(ocel_id TEXT, ocel_type TEXT); CREATE TABLE object(ocel_id TEXT, ocel_type TEXT);
	CREATE TABLE event_object(ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);
	CREATE TABLE event_map_type(ocel_type TEXT, ocel_type_map TEXT); CREATE TABLE object_map_type(ocel_type TEXT, ocel_type_map TEXT);
	CREATE TABLE event_Create(ocel_id TEXT, ocel_time TIMESTAMP, by TEXT); CREATE TABLE event_Change(ocel_id TEXT, ocel_time TIMESTAMP, by TEXT);
	CREATE TABLE object_Order(ocel_id TEXT, ocel_time TIMESTAMP, product TEXT, quantity INTEGER, ocel_changed_field TEXT);
	INSERT INTO event_map_type VALUES('Create Order', 'Create'), ('Change Order', 'Change'); INSERT INTO object_map_type VALUES('Order', 'Order');
	INSERT INTO event VALUES('e1', 'Create Order'), ('e2', 'Change Order'); INSERT INTO object VALUES('PO1', 'Order');
	INSERT INTO event_Create VALUES('e1', '2022-01-10 09:15:00', 'Mike'); INSERT INTO event_Change VALUES('e2', '2022-01-13 12:00:00', 'Mary');
	INSERT INTO event_object VALUES('e1', 'PO1', 'new'), ('e2', 'PO1', 'old');
	INSERT INTO object_Order VALUES('PO1', '1970-01-01 00:00:00', 'Cows', 500, NULL), ('PO1', '2022-01-13 12:00:00', NULL, 600, 'quantity');`

func TestOCEL(t *testing.T) {
	const events = `PO1@2 Create Order {"by":"Mike"}; PO1@3 Change Order {"by":"Mary"}; PO1@4 ObjectChanged {"quantity":600}`
	const all = `PO1@1 ObjectChanged {"product":"Cows","quantity":500}; ` + events
	for _, c := range []struct{ name, change, want, left, says string }{
		{name: "as it is", want: all},
		{name: "rows that are there twice", want: all, left: "3 rows that repeat an event", change: `INSERT INTO event_Create SELECT * FROM event_Create;
			INSERT INTO event_Create SELECT * FROM event_Create; INSERT INTO event SELECT * FROM event; INSERT INTO object SELECT * FROM object;
			INSERT INTO object_Order SELECT * FROM object_Order`},
		{name: "two rows that differ", says: "table event_Create: event e1 has two rows that differ", change: "INSERT INTO event_Create VALUES('e1', '2022-01-10 09:15:00', 'Ann')"},
		{name: "a row in the table of another type", want: all, left: "1 row that repeats an event", change: "INSERT INTO event_Change VALUES('e1', '2020-01-01', 'Ann')"},
		{name: "a type without its table", want: all, left: "1 event missing from the table of the type", change: `INSERT INTO event_map_type VALUES('Gone', 'Gone');
			INSERT INTO event VALUES('e3', 'Gone'); INSERT INTO event_object VALUES('e3', 'PO1', 'old')`},
		{name: "no attributes of objects", change: "DROP TABLE object_Order", want: `PO1@1 Create Order {"by":"Mike"}; PO1@2 Change Order {"by":"Mary"}`},
		{name: "a value that goes", change: "INSERT INTO object_Order VALUES('PO1', '2023-01-01', NULL, NULL, 'quantity')", want: all + `; PO1@5 ObjectChanged {"quantity":null}`},
		{name: "a field that is no column", change: "INSERT INTO object_Order VALUES('PO1', '2023-01-01', 'Pigs', NULL, 'color')", want: all + `; PO1@5 ObjectChanged {"product":"Pigs"}`},
		{name: "an object without events", change: "INSERT INTO object_Order VALUES('A', '1970-01-01 00:00:00', 'Hay', 1, NULL)", want: `A@1 ObjectChanged {"product":"Hay","quantity":1}; ` + all},
	} {
		path := filepath.Join(t.TempDir(), "log.db")
		testdb.Build(t, path, nil, ocelLog, c.change)
		r := mustOpen(t, path, Options{})
		var got []string
		var failed error
		for e, err := range r.Events(t.Context(), replay.Query{}) {
			if failed = err; err == nil {
				got = append(got, fmt.Sprintf("%s@%d %s %s", e.Stream, e.Version, e.Type, e.Data))
			}
		}
		if c.says != "" {
			if failed == nil || !strings.Contains(failed.Error(), c.says) {
				t.Errorf("%s: %v, want %s", c.name, failed, c.says)
			}
			continue
		}
		if s := strings.Join(got, "; "); s != c.want || failed != nil {
			t.Errorf("%s: %s, %v\nwant %s", c.name, s, failed, c.want)
		}
		s, err := r.Summary(t.Context())
		if left := strings.Join(s.LeftOut, "; "); err != nil || !strings.Contains(left, c.left) || (left == "") != (c.left == "") {
			t.Errorf("%s leaves out %q, %v, want %q", c.name, left, err, c.left)
		}
	}
}

// ocelText is ocelLog as JSON.
const ocelText = `{"objectTypes": [{"name": "Order", "attributes": []}], "eventTypes": [],
"objects": [
	{"id": "PO1", "type": "Order", "attributes": [{"name": "product", "time": "1970-01-01T00:00:00Z", "value": "Cows"},
		{"name": "quantity", "time": "2022-01-13T12:00:00Z", "value": 600}, {"name": "quantity", "time": "1970-01-01T00:00:00Z", "value": 500}]}
],
"events": [
	{"id": "e2", "type": "Change Order", "time": "2022-01-13T12:00:00Z", "attributes": [{"name": "by", "value": "Mary"}], "relationships": [{"objectId": "PO1", "qualifier": "old"}]},
	{"id": "e1", "type": "Create Order", "time": "2022-01-10T09:15:00Z", "attributes": [{"name": "by", "value": "Mike"}], "relationships": [{"objectId": "PO1", "qualifier": "new"}]}
]}`

// TestOCELForms checks that tables and JSON give the same log.
func TestOCELForms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	testdb.Build(t, path, nil, ocelLog)
	tables := mustOpen(t, path, Options{})
	text := mustOpen(t, fileOf(t, ocelText), Options{})
	want, got := events(t, tables, replay.Query{}), events(t, text, replay.Query{})
	if len(want) != 4 || len(got) != len(want) {
		t.Fatalf("%d events, and %d in JSON", len(want), len(got))
	}
	for i, w := range want {
		g := got[i]
		if g.Moment().Label() != w.Moment().Label() || g.Category != w.Category || g.ID != w.ID || !g.Time.Equal(w.Time) ||
			string(g.Data) != string(w.Data) || string(g.Meta.Raw) != string(w.Meta.Raw) {
			t.Errorf("%+v\nwant %+v", g, w)
		}
	}
	if text.Info().Dialect != tables.Info().Dialect {
		t.Errorf("the dialect is %s", text.Info().Dialect)
	}
}

func TestOCELText(t *testing.T) {
	replaced := func(from, to string) string { return strings.Replace(ocelText, from, to, 1) }
	for _, c := range []struct{ name, text, says, left string }{
		{name: "as it is", text: ocelText},
		{name: "events first", text: `{"events": [], "objects": [], ` + ocelText[1:len(ocelText)-1] + `}`},
		{name: "other keys", text: replaced(`"eventTypes": []`, `"eventTypes": [{"a": [1, "}"]}], "x": null, "y": 1.5`)},
		{name: "a number as it is written", text: replaced("600}", "600.00}")},
		{name: "an event twice", text: replaced(`"events": [`, `"events": [{"id": "e1", "type": "Create Order", "time": "2022-01-10T09:15:00Z", "attributes": [{"name": "by", "value": "Mike"}]},`), left: "1 repeated event"},
		{name: "about no object", text: replaced(`"events": [`, `"events": [{"id": "e3", "type": "Tick", "time": "2022-01-10T09:15:00Z"},`), left: "1 event about no object"},
		{name: "events that differ", text: replaced(`"events": [`, `"events": [{"id": "e1", "type": "Create Order", "time": "2022-01-10T09:15:01Z"},`), says: "event e1 appears twice, and the two differ"},
		{name: "no time", text: replaced(`"time": "2022-01-10T09:15:00Z", `, ""), says: "it has no time"},
		{name: "cut", text: ocelText[:len(ocelText)-20], says: "found the end"},
		{name: "cut behind the events", text: ocelText[:len(ocelText)-1], says: "found the end"},
		{name: "more behind", text: ocelText + "{}", says: "the end of the file"},
		{name: "damaged between", text: replaced(`"eventTypes": []`, `"eventTypes": [1 2]`), says: ":1:73: expected"},
		{name: "relations that are none", text: replaced(`[{"objectId": "PO1", "qualifier": "old"}]`, `"PO1"`), says: "not an array"},
	} {
		r, err := Open(t.Context(), fileOf(t, c.text), Options{})
		if err != nil || c.says != "" {
			if err == nil || c.says == "" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v, want %q", c.name, err, c.says)
			}
			continue
		}
		s, err := r.Summary(t.Context())
		if left := strings.Join(s.LeftOut, "; "); err != nil || s.Events != 4 || left != c.left {
			t.Errorf("%s: %d events, left out %q, %v", c.name, s.Events, left, err)
		}
		r.Close()
	}
}

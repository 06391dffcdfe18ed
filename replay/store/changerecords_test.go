package store

import (
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
)

const (
	dbzSource = `"source":{"db":"shop","schema":"public","table":"line","ts_ms":1772355600123,"txId":7}`
	dbzInsert = `{"before":null,"after":{"id":1,"note":"long","n":1},` + dbzSource + `,"op":"c"}`
)

func walRecord(rest string) string {
	return `{"action":"I","schema":"public","table":"line",` + rest + "}\n"
}

// TestChangeRecords reads records that the suite's history does not have.
func TestChangeRecords(t *testing.T) {
	for _, c := range []struct{ name, text, shows, leftOut string }{
		{"a key of two columns", `{"key":{"order_id":"a/b","nr":2},"value":` + dbzInsert + "}", "line/a~1b/2@1 insert", ""},
		{"a key that is no object", `{"key":"k-1","value":` + dbzInsert + "}", "line/k-1@1 insert", ""},
		{"a message without a key", `{"key":null,"value":` + dbzInsert + "}", "line/1@1 insert", ""},
		{"a key that is NULL", dbzInsert + "\n" + `{"key":{"id":null},"value":` + dbzInsert + "}", "line/1@1 insert", "1 change without a key"},
		{"a row without a column id", dbzInsert + "\n" + strings.ReplaceAll(dbzInsert, `"id"`, `"nr"`), "line/1@1 insert", "1 change without a key"},
		{"a schema that is not public", strings.ReplaceAll(dbzInsert, `"public"`, `"sales"`), "sales.line/1@1 insert", ""},
		{"truncates, messages and notes", strings.Join([]string{dbzInsert, `{` + dbzSource + `,"op":"t"}`, `{` + dbzSource + `,"op":"m","message":{}}`, `{"status":"BEGIN","id":"7"}`, `{"ts_ms":1}`}, "\n"), "line/1@1", "2 records of transactions, heartbeats and schemas"},
		{"a transaction with an id", strings.Replace(dbzInsert, `"op"`, `"transaction":{"id":"571:53","total_order":1},"op"`, 1), "line/1@1 insert 571:53", ""},
		{"the finest time", strings.Replace(dbzInsert, `"ts_ms":1772355600123`, `"ts_ms":1772355600123,"ts_us":1772355600123456,"ts_ns":1772355600123456789`, 1), "line/1@1 insert 7 {\"id\":1,\"note\":\"long\",\"n\":1} 2026-03-01T09:00:00.123456789Z", ""},
		{"microseconds alone", strings.Replace(dbzInsert, `"ts_ms":1772355600123`, `"ts_ns":null,"ts_us":-1`, 1), "} 1969-12-31T23:59:59.999999Z", ""},
		{"the time of the record", strings.Replace(strings.Replace(dbzInsert, `"ts_ms":1772355600123`, `"ts_ms":0,"ts_ns":0`, 1), `"op"`, `"ts_ms":5,"ts_us":1772355600000001,"op"`, 1), "} 2026-03-01T09:00:00.000001Z", ""},
		{
			"a change of the key",
			dbzInsert + "\n" + `{"headers":["__debezium.newkey","{\"id\":2}"],"key":{"id":1},"value":{"before":{"id":1,"n":1},"after":null,` + dbzSource + `,"op":"d"}}` + "\n" + `{"key":{"id":1},"value":null}` +
				"\n" + `{"headers":["__debezium.oldkey","{\"id\":1}"],"key":{"id":2},"value":{"before":null,"after":{"id":2,"n":1},` + dbzSource + `,"op":"c"}}`,
			"line/1@2 delete 7 {\"id\":1,\"n\":1} 2026-03-01T09:00:00.123Z\nline/2@1 insert 7 {\"id\":2,\"n\":1}", "1 tombstone",
		},
		{"tombstones on lines of their own", dbzInsert + "\nnull\r\n" + dbzInsert + "\n null", "line/1@2 insert", "2 tombstones"},
		{"a delete without the row before", dbzInsert + "\n" + `{"key":{"id":1},"value":{"before":null,"after":null,` + dbzSource + `,"op":"d"}}`, "line/1@2 delete 7 null", ""},
		{"maxwell, a change of the key", `{"database":"d","table":"t","type":"update","ts":1772355600,"xid":1,"primary_key_columns":["a","b"],"data":{"a":1,"b":2},"old":{"b":1}}`, "d.t/1/1@1 update", ""},
		{"maxwell, a bootstrap", `{"database":"d","table":"t","type":"bootstrap-start","ts":1,"data":{}}` + "\n" + `{"database":"d","table":"t","type":"bootstrap-insert","ts":1772355600,"data":{"id":1}}`, "d.t/1@1 snapshot", "1 record of a schema, bootstrap or heartbeat"},
		{"maxwell, a change of the schema first", `{"type":"table-create","database":"d","table":"t","ts":1,"sql":"x"}` + "\n" + `{"database":"d","table":"t","type":"insert","ts":1772355600,"data":{"id":1}}`, "d.t/1@1 insert", "1 record of a schema, bootstrap or heartbeat"},
		{"wal2json, a key of two columns", walRecord(`"columns":[{"name":"a","value":1},{"name":"b","value":"x"},{"name":"c"}],"pk":[{"name":"b"},{"name":"a"}]`), `line/x/1@1 insert  {"a":1,"b":"x","c":null}`, ""},
		{"wal2json, no key", walRecord(`"columns":[{"name":"id","value":1}]`) + walRecord(`"columns":[{"name":"a","value":1}]`), "line/1@1 insert", "1 change without a key"},
		{"wal2json, a change of the key", walRecord(`"columns":[{"name":"id","value":1}]`) + `{"action":"U","schema":"public","table":"line","columns":[{"name":"id","value":2}],"identity":[{"name":"id","value":1}]}`, `line/1@2 update  {"id":2}`, ""},
		{"wal2json, begins first", `{"action":"B"}` + "\n" + walRecord(`"columns":[{"name":"id","value":1}]`) + `{"action":"C"}`, "line/1@1 insert", "2 begins and commits"},
		{"wal2json 1, times and transactions", `{"change":[]}` + "\n" + `{"xid":9,"timestamp":"2026-03-01 09:00:00+00","change":[{"kind":"insert","schema":"public","table":"t","columnnames":["id"],"columnvalues":[1]}]}` + "\n" + `{"change":[{"kind":"delete","schema":"public","table":"t","oldkeys":{"keynames":["id"],"keyvalues":[1]}},{"kind":"truncate","table":"t"}]}` + "\n" + `{"change":[]}`, "t/1@1 insert 9 {\"id\":1} 2026-03-01T09:00:00Z\nt/1@2 delete  {\"id\":1} 0001-01-01T00:00:00Z", "1 truncate or message"},
		{"wal2json 1, printed to be read", "{\n\t\"change\": [\n\t\t{\n\t\t\t\"kind\": \"insert\",\n\t\t\t\"schema\": \"public\",\n\t\t\t\"table\": \"t\",\n\t\t\t\"columnnames\": [\"id\"],\n\t\t\t\"columnvalues\": [1]\n\t\t}\n\t]\n}\n", "t/1@1 insert", ""},
	} {
		r, err := Open(t.Context(), fileOf(t, c.text), Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, e := range events(t, r, replay.Query{Order: replay.ByStream}) {
			got = append(got, string(e.Stream)+"@"+itoa(int64(e.Version))+" "+e.Type+" "+e.Meta.Correlation+" "+string(e.Data)+" "+e.Time.Format("2006-01-02T15:04:05.999999999Z07:00"))
			if e.Row == replay.NoRow {
				t.Errorf("%s: %s is no version of a row", c.name, e.Stream)
			}
		}
		if all := strings.Join(got, "\n"); !strings.Contains(all, c.shows) {
			t.Errorf("%s: %s, want %s", c.name, all, c.shows)
		}
		if left := strings.Join(r.Info().LeftOut, "; "); !strings.Contains(left, c.leftOut) || c.leftOut == "" && left != "" {
			t.Errorf("%s: left out %q, want %q", c.name, left, c.leftOut)
		}
		r.Close()
	}
}

// TestUnavailableColumns keeps the value of a column that the log does not have.
func TestUnavailableColumns(t *testing.T) {
	update := `{"before":null,"after":{"id":1,"note":"__debezium_unavailable_value","n":2},` + dbzSource + `,"op":"u"}`
	r := mustOpen(t, fileOf(t, dbzInsert+"\n"+update), Options{})
	s := replay.Subject{Timeline: replay.StreamTimeline(r, "line/1"), Fold: replay.Fold{Reducer: fold.Merge()}}
	m, _, err := s.Timeline.Resolve(t.Context(), replay.Head())
	if err != nil {
		t.Fatal(err)
	}
	v, _, err := s.StateAt(t.Context(), m)
	if got := string(state.AppendJSON(nil, v)); err != nil || got != `{"id":1,"note":"long","n":2}` {
		t.Errorf("%s, %v", got, err)
	}
}

// TestChangeRecordsRefuse checks that damaged records end the reading with an error that
// names the line.
func TestChangeRecordsRefuse(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{strings.Replace(dbzInsert, `"op":"c"`, `"op":"x"`, 1), "events.json:2:"},
		{strings.Replace(dbzInsert, `"op":"c"`, `"no":"c"`, 1), "the event has no op"},
		{strings.Replace(dbzInsert, `"after":{"id":1,"note":"long","n":1}`, `"after":null`, 1), "the event has no after"},
		{strings.Replace(dbzInsert, `"after":{"id":1,"note":"long","n":1}`, `"after":[1]`, 1), "not an object"},
		{strings.Replace(dbzInsert, `"table":"line",`, ``, 1), "no table in its source"},
	} {
		_, err := Open(t.Context(), fileOf(t, dbzInsert+"\n"+c.text+"\n"), Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.says, err)
		}
	}
	for _, c := range []struct{ text, says string }{
		{`{"database":"d","table":"t","type":"upsert","ts":1,"data":{}}`, "upsert"},
		{`{"database":"d","table":"t","type":"insert","ts":1}`, "no data"},
		{`{"action":"I","table":"t","columns":[{"value":1}]}`, "name of a column"},
		{`{"action":"I","columns":[{"name":"id","value":1}]}`, "no table"},
		{`{"change":[{"kind":"insert","table":"t","columnnames":["id","a"],"columnvalues":[1]}]}`, "a name for each value"},
		{`{"change":[]}`, "it holds no events"},
		{`{"action":"B"}`, "it holds no events"},
	} {
		_, err := Open(t.Context(), fileOf(t, c.text+"\n"), Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}

package store

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/testdb"
)

// A realDialect is a real file and plain SQL for its events in store order: id, type and
// version of each, joined by a bar.
type realDialect struct {
	file, dialect string
	options       Options
	events        string
	streams       int64
	leftOut       string
}

const sqlHexID = "lower(hex(originator_id))"

func realDialects() []realDialect {
	python := func(id, from string) string {
		return "SELECT " + id + "||'|'||substr(topic, instr(topic, 'Account.') + 8)||'|'||originator_version FROM " + from
	}
	rails := "SELECT s.stream||'|'||e.event_type||'|'||(SELECT count(*) FROM event_store_events_in_streams b WHERE b.stream = s.stream AND b.id < s.id)" +
		" FROM event_store_events e JOIN event_store_events_in_streams s USING(event_id) WHERE s.stream NOT LIKE '$by%' ORDER BY e.id"
	return []realDialect{
		{"py_sqlalchemy.sqlite", "eventsourcing-sqlalchemy", Options{Context: "savings"}, python(sqlHexID, "savings_events ORDER BY id"), 10, "160 events of the application bankaccounts"},
		{
			"py_sqlalchemy.sqlite", "eventsourcing-sqlalchemy", Options{}, "SELECT * FROM (" +
				python("'bankaccounts/'||"+sqlHexID, "bankaccounts_events") + " UNION ALL " + python("'savings/'||"+sqlHexID, "savings_events") +
				") ORDER BY substr(1, 1, 0)", 20, "10 snapshots",
		},
		{"py_django.sqlite", "eventsourcing-django", Options{}, python("application_name||'/'||originator_id", "stored_events ORDER BY id"), 20, "10 snapshots"},
		{
			"py_django.sqlite", "eventsourcing-django",
			Options{Context: "BankAccounts"},
			python("originator_id", "stored_events WHERE application_name = 'BankAccounts' ORDER BY id"), 10, "160 events of other applications (savings)",
		},
		{"res_json.sqlite", "rails-event-store", Options{}, rails, 19, "4 events in no stream of their own"},
		{"res_yaml.sqlite", "rails-event-store", Options{}, rails, 19, "162 links"},
		{"hallgren.sqlite", "hallgren-eventsourcing", Options{}, "SELECT 'Account/'||id||'|'||reason||'|'||version FROM events ORDER BY seq", 25, "13 snapshots"},
		{"php_broadway.sqlite", "broadway", Options{}, "SELECT uuid||'|'||type||'|'||playhead FROM events ORDER BY id", 15, ""},
		{
			"php_eventsauce.sqlite", "eventsauce",
			Options{},
			"SELECT aggregate_root_id||'|'||(payload->>'$.headers.__event_type')||'|'||version FROM event_store ORDER BY id", 20, "",
		},
	}
}

// TestRealDialects compares files of real libraries with plain SQL.
func TestRealDialects(t *testing.T) {
	for _, c := range realDialects() {
		t.Run(c.file+" "+c.options.Context, func(t *testing.T) {
			path := realStore(t, c.file)
			before := testdb.Folder(t, filepath.Dir(path))
			want := sqlColumn(t, path, c.events)
			r := mustOpen(t, path, c.options)
			if got := r.Info().Dialect; got != c.dialect {
				t.Fatalf("detected as %s", got)
			}
			q := replay.Query{}
			if !r.Info().Has("positions") {
				q.Order = replay.ByStream
				slices.Sort(want)
			}
			var got []string
			for _, e := range events(t, r, q) {
				got = append(got, strings.Join([]string{string(e.Stream), e.Type, itoa(int64(e.Version))}, "|"))
				if _, err := e.Body(); err != nil || e.Time.IsZero() {
					t.Fatalf("%s: %v, at %v", e.Moment().Label(), err, e.Time)
				}
			}
			if !r.Info().Has("positions") {
				slices.Sort(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d events, want %d: %.200q, want %.200q", len(got), len(want), got, want)
			}
			s, err := r.Summary(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if s.Events != int64(len(want)) || s.Streams != c.streams || !strings.Contains(strings.Join(s.LeftOut, "; "), c.leftOut) {
				t.Errorf("%d events in %d streams, left out %q", s.Events, s.Streams, s.LeftOut)
			}
			if after := testdb.Folder(t, filepath.Dir(path)); after != before {
				t.Errorf("reading changed the folder\n%s\n%s", before, after)
			}
		})
	}
}

// TestRealYAML checks that payloads in YAML equal those of the same store in JSON.
func TestRealYAML(t *testing.T) {
	yaml := events(t, mustOpen(t, realStore(t, "res_yaml.sqlite"), Options{}), replay.Query{})
	const first = `{"order_id":0,"customer":"Ünï 0","total":12.34,"placed_at":"2024-01-01 00:00:00.000000000 Z","tags":["vip","x"]}`
	if got := string(yaml[0].Data); got != first {
		t.Errorf("data %s", got)
	}
	if got := string(yaml[0].Meta.Raw); got != `{"correlation_id":"c-0","remote_ip":"127.0.0.1","request_id":"r0"}` || yaml[0].Meta.Correlation != "c-0" {
		t.Errorf("metadata %s, correlation %s", got, yaml[0].Meta.Correlation)
	}
}

func TestRailsClock(t *testing.T) {
	path := realStore(t, "res_json.sqlite")
	for clock, want := range map[string]string{
		ClockValid:    "SELECT coalesce(valid_at, created_at) FROM event_store_events WHERE id = 85",
		ClockRecorded: "SELECT created_at FROM event_store_events WHERE id = 85",
		"":            "SELECT created_at FROM event_store_events WHERE id = 85",
	} {
		r := mustOpen(t, path, Options{Clock: clock})
		all := events(t, r, replay.Query{Positions: replay.From[replay.Position](85)})
		text := sqlColumn(t, path, want)[0]
		if at, err := time.Parse(time.DateTime, text); err != nil || len(all) != 1 || !all[0].Time.Equal(at) {
			t.Errorf("clock %q: %v, want %s", clock, all[0].Time, text)
		}
		if said := r.Info().Recognised; strings.Contains(said, "valid") != true {
			t.Errorf("clock %q: the other clock is missing: %s", clock, said)
		}
	}
}

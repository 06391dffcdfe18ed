package store

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"asof/replay"
)

// TestSerializedPayloads checks that what only the application can read comes with its
// serializer and its bytes.
func TestSerializedPayloads(t *testing.T) {
	for _, c := range []struct{ name, variant, sql, meta string }{
		{
			"akka-jdbc", "", `UPDATE event_journal SET event_payload = '\xbf616e01ff', event_ser_id = 33, event_ser_manifest = 'Added#3' WHERE ordering = 41`,
			`{"ser_id":33,"ser_manifest":"Added#3","payload_base64":"v2FuAf8="}`,
		},
		{
			"akka-r2dbc", "bytea", `UPDATE event_journal SET event_payload = '\x0801', event_ser_id = 7, event_ser_manifest = '' WHERE persistence_id = 'cart-1' AND seq_nr = 1`,
			`{"ser_id":7,"payload_base64":"CAE="}`,
		},
		{
			"akka-jdbc-legacy", "", `UPDATE journal SET message = '\x0a0a0821120208011a02416470a087a7c5d766' WHERE ordering = 41`,
			`{"ser_id":33,"ser_manifest":"Ad","payload_base64":"CAE="}`,
		},
		{
			"akka-jdbc-legacy", "", `UPDATE journal SET message = '\xff' WHERE ordering = 41`,
			`{"payload_base64":"/w=="}`,
		},
		{
			"akka-net", "postgresql", `UPDATE event_journal SET payload = '\x0801', serializer_id = NULL WHERE ordering = 41`,
			`{"ser_manifest":"Shop.Events.Checked, Shop","payload_base64":"CAE="}`,
		},
	} {
		t.Run(c.name+" "+c.sql, func(t *testing.T) {
			db := newPgDatabase(t)
			db.fill(c.name, c.variant, pgHistory(60))
			db.Must(c.sql)
			found := 0
			for _, skip := range []replay.Fields{0, replay.FieldData, replay.FieldMeta} {
				for _, e := range readPg(t, db.open(Options{}), replay.Query{Order: replay.ByStream, Skip: skip}) {
					if e.Opaque != "" && skip&replay.FieldMeta != 0 || e.Meta.Raw != nil {
						found++
					}
					if e.Meta.Raw != nil && string(e.Meta.Raw) != c.meta {
						t.Errorf("metadata %s, want %s", e.Meta.Raw, c.meta)
					}
				}
			}
			if found != 3 {
				t.Errorf("%d of 3 found", found)
			}
		})
	}
}

// TestHostileMessages reads random bytes as messages of the legacy journal.
func TestHostileMessages(t *testing.T) {
	db := newPgDatabase(t)
	db.fill("akka-jdbc-legacy", "", pgHistory(3))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		b := make([]byte, random.IntN(40))
		for j := range b {
			b[j] = []byte{8, 10, 18, 26, 0x72, 0x80, 0xff, byte(random.IntN(256)), byte(random.IntN(8))}[random.IntN(9)]
		}
		db.Must("INSERT INTO journal VALUES($1, $2, 1, false, NULL, $3)", int64(i+1000), "x-"+itoa(int64(i)), b)
	}
	if n := len(readPg(t, db.open(Options{}), replay.Query{})); n != 2003 {
		t.Errorf("%d events", n)
	}
}

// TestStatesAreNoEvents checks that a table of states is not proposed as a store.
func TestStatesAreNoEvents(t *testing.T) {
	db := newPgDatabase(t)
	db.fill("akka-r2dbc", "bytea", pgHistory(3))
	db.Must("DROP TABLE event_journal")
	se := openError(t, db.DSN, Options{})
	var unknown *UnknownDialectError
	if !errors.As(se, &unknown) || len(unknown.Proposals) != 0 || !strings.Contains(se.Error(), "table durable_state: its name suggests states") {
		t.Errorf("%v, %+v", se, unknown)
	}
}

// TestDataPartitions reads the tables of several partitions as one journal, and none twice.
func TestDataPartitions(t *testing.T) {
	for _, c := range []struct {
		name string
		sql  []string
	}{
		{"of the plugin", []string{
			"ALTER TABLE event_journal RENAME TO event_journal_0",
			"CREATE TABLE event_journal_1 (LIKE event_journal_0 INCLUDING ALL)",
			"INSERT INTO event_journal_1 SELECT * FROM event_journal_0 WHERE persistence_id < 'cart-2'",
			"DELETE FROM event_journal_0 WHERE persistence_id < 'cart-2'",
		}},
		{"of PostgreSQL", []string{
			"ALTER TABLE event_journal RENAME TO old",
			"CREATE TABLE event_journal (LIKE old) PARTITION BY RANGE (persistence_id)",
			"CREATE TABLE event_journal_0 PARTITION OF event_journal FOR VALUES FROM (MINVALUE) TO ('cart-2')",
			"CREATE TABLE event_journal_1 PARTITION OF event_journal FOR VALUES FROM ('cart-2') TO (MAXVALUE)",
			"INSERT INTO event_journal SELECT * FROM old",
			"DROP TABLE old",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := newPgDatabase(t)
			db.fill("akka-r2dbc", "bytea", pgHistory(60))
			whole, err := Open(t.Context(), db.DSN, Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := readPg(t, whole, replay.Query{Order: replay.ByStream})
			whole.Close() // its transaction locks the tables
			for _, s := range c.sql {
				db.Must(s)
			}
			r := db.open(Options{})
			got := readPg(t, r, replay.Query{Order: replay.ByStream})
			for i := range want {
				if len(got) != len(want) || got[i].Stream != want[i].Stream || got[i].Version != want[i].Version || string(got[i].Data) != string(want[i].Data) {
					t.Fatalf("%d events, want %d; event %d differs", len(got), len(want), i)
				}
			}
			if one := readPg(t, r, replay.Query{Streams: []replay.StreamID{"cart-1"}}); len(one) == 0 || one[0].Stream != "cart-1" {
				t.Errorf("a stream: %d events", len(one))
			}
			if left := summaryText(t, r); !strings.Contains(left, "1 deleted event") {
				t.Errorf("left out: %s", left)
			}
		})
	}
}

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
	if !errors.As(se, &unknown) || len(unknown.Proposals) != 0 || !strings.Contains(se.Error(), "table durable_state: it is named as one of states") {
		t.Errorf("%v, %+v", se, unknown)
	}
}

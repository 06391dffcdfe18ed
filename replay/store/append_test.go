package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/write"
	"asof/replay"
)

// sealed returns what an audit seals of each event, by stream and version.
func sealed(t *testing.T, r replay.Reader) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, e := range events(t, r, replay.Query{Stored: true, Order: replay.ByStream}) {
		out[fmt.Sprintf("%s@%d", e.Stream, e.Version)] = fmt.Sprintf("%d %s %s %s %s, data %s %s, metadata %s, by %s %s %s, stored %q",
			e.Position, e.ID, e.Category, e.Type, e.Time, e.Data, e.Opaque, e.Meta.Raw, e.Meta.Actor, e.Meta.Correlation, e.Meta.Causation, *e.Stored)
	}
	return out
}

// keepsSealed checks that events are the same after others were stored. open opens a store
// of the first n events.
func keepsSealed(t *testing.T, open func(n int) replay.Reader) {
	t.Helper()
	const some, all = 40, 60
	before, after := sealed(t, open(some)), sealed(t, open(all))
	if len(before) == 0 || len(after) <= len(before) {
		t.Fatalf("%d events, and then %d", len(before), len(after))
	}
	for at, was := range before {
		if is := after[at]; is != was {
			t.Fatalf("%s was\n%s\nand is\n%s", at, was, is)
		}
	}
}

// TestAppendsKeepWhatIsSealed checks for each dialect that an honest application, which only
// adds events and changes live rows, changes nothing that an audit has sealed.
func TestAppendsKeepWhatIsSealed(t *testing.T) {
	for _, d := range write.Dialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			t.Parallel()
			keepsSealed(t, func(n int) replay.Reader {
				return mustOpen(t, writtenBy(t, d, history(60)[:n]), Options{})
			})
		})
	}
}

// TestOtherRowsKeepWhatIsSealed changes rows that versions are shown with: users get other
// names, and the live rows are gone.
func TestOtherRowsKeepWhatIsSealed(t *testing.T) {
	for _, c := range []struct{ name, variant, change string }{
		{"simple-history", "", "UPDATE auth_user SET username = 'x' || id"},
		{"reversion", "", "UPDATE auth_user SET username = 'x' || id"},
		{"django-auditlog", "", "UPDATE auth_user SET username = 'x' || id"},
		{"paper-trail", "yaml", "DROP TABLE shop_carts"},
		{"paper-trail", "json, object_changes", "UPDATE shop_carts SET n = -7"},
	} {
		t.Run(strings.TrimSpace(c.name+" "+c.variant), func(t *testing.T) {
			path := written(t, c.name, c.variant, history(60))
			before := sealed(t, mustOpen(t, path, Options{}))
			edit(t, path, c.change)
			for at, is := range sealed(t, mustOpen(t, path, Options{})) {
				if is != before[at] {
					t.Fatalf("%s was\n%s\nand is\n%s", at, before[at], is)
				}
			}
		})
	}
}

// TestPgAppendsKeepWhatIsSealed checks it for the histories of rows on PostgreSQL.
func TestPgAppendsKeepWhatIsSealed(t *testing.T) {
	for _, d := range write.PgDialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newPgDatabase(t)
			db.fill(d.Name, d.Variant, pgHistory(60)[:40])
			r := db.open(Options{Context: d.Context})
			if !r.Info().Rows {
				t.Skip("the streams are no rows")
			}
			keepsSealed(t, func(n int) replay.Reader {
				db := newPgDatabase(t)
				db.fill(d.Name, d.Variant, pgHistory(60)[:n])
				return db.open(Options{Context: d.Context})
			})
		})
	}
}

// TestMyAppendsKeepWhatIsSealed checks it for the histories of rows on MariaDB.
func TestMyAppendsKeepWhatIsSealed(t *testing.T) {
	for _, d := range write.MyDialects() {
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			open := func(n int) replay.Reader {
				db := newMyDatabase(t)
				if err := d.Write(context.Background(), db.Run, slices.Values(pgHistory(60)[:n])); err != nil {
					t.Fatal(err)
				}
				return db.open(Options{Context: d.Context})
			}
			if !open(1).Info().Rows {
				t.Skip("the streams are no rows")
			}
			keepsSealed(t, open)
		})
	}
}

// TestPgKeyChangesAreCounted stores an update that changes the key of a row, which has one
// stream in these histories.
func TestPgKeyChangesAreCounted(t *testing.T) {
	for _, c := range []struct{ name, variant, change string }{
		{"audit-trigger", "jsonb", `INSERT INTO audit.logged_actions(event_id, schema_name, table_name, relid, session_user_name, action_tstamp_tx, action_tstamp_stm, action_tstamp_clk, transaction_id, action, row_data, changed_fields, statement_only)
			SELECT 5000, schema_name, table_name, relid, session_user_name, action_tstamp_tx, action_tstamp_stm, action_tstamp_clk, transaction_id, 'U', row_data, '{"id": "moved"}', false FROM audit.logged_actions WHERE NOT statement_only LIMIT 1`},
		{"supa-audit", "", `INSERT INTO audit.record_version(id, record_id, old_record_id, op, ts, table_oid, table_schema, table_name, record, old_record)
			SELECT 5000, md5('moved')::uuid, record_id, 'UPDATE', ts, table_oid, table_schema, table_name, record || '{"id": "moved"}', record FROM audit.record_version WHERE op = 'INSERT' LIMIT 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := newPgDatabase(t)
			db.fill(c.name, c.variant, pgHistory(60))
			left := func() string {
				s, err := db.open(Options{}).Summary(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return strings.Join(s.LeftOut, "; ")
			}
			if left := left(); strings.Contains(left, "new key") {
				t.Errorf("left out %q", left)
			}
			db.Must(c.change)
			if left := left(); !strings.Contains(left, "1 new key that an update gave a row") {
				t.Errorf("left out %q", left)
			}
		})
	}
}

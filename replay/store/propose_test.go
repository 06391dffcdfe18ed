package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/storetest"
	"asof/replay/store/testdb"
)

// A homeMade is a table as people make them, and the mapping that is right for it; or
// else, after a dash, why there is none.
type homeMade struct {
	name, ddl, rows string
	want            string // several proposals are parted by " or "
}

var homeMades = []homeMade{
	// The stream and its order.
	{
		"counted by a serial id", "e(id INTEGER PRIMARY KEY, aggregate_id TEXT, event_type TEXT, payload TEXT, created_at TEXT)",
		`(1,'x','A','{"n":1}','2026-03-01 10:00:00'), (2,'y','A','{"n":2}','2026-03-01 10:00:01'), (3,'x','B','{"n":3}','2026-03-01 10:00:02')`,
		"stream=aggregate_id,version=#id,position=id,type=event_type,time=created_at,data=payload",
	},
	{
		"version is a revision of the schema", "e(id INTEGER PRIMARY KEY, type TEXT NOT NULL, version INTEGER NOT NULL, aggregate_id TEXT NOT NULL, data TEXT NOT NULL)",
		`(1,'A',1,'x','{"n":1}'), (2,'A',1,'x','{"n":2}'), (3,'A',2,'x','{"n":3}')`,
		"stream=aggregate_id,version=#id,position=id,type=type,revision=version,data=data",
	},
	{
		"version is a sequence, and no index says so", "e(id INTEGER PRIMARY KEY, stream TEXT, version INTEGER, type TEXT, data TEXT)",
		`(1,'x',1,'A','{}'), (2,'y',1,'A','{}'), (3,'x',2,'B','{}'), (4,'x',3,'B','{}')`,
		"stream=stream,version=version,position=id,type=type,data=data",
	},
	{
		"version may be either", "e(id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, data TEXT)",
		`(1,'x',1,'A','{}'), (2,'y',1,'A','{}')`,
		"stream=stream_id,version=version,position=id,type=type,data=data or stream=stream_id,version=#id,position=id,type=type,revision=version,data=data",
	},
	{
		"a shop tells apart what counts, and no index says so", "e(id INTEGER PRIMARY KEY, shop TEXT, stream_id INTEGER, version INTEGER, event_type TEXT, data TEXT)",
		`(1,'A',1,1,'O','{}'), (2,'B',1,1,'O','{}'), (3,'A',1,2,'P','{}'), (4,'B',1,2,'P','{}'), (5,'B',1,3,'P','{}'), (6,'A',2,1,'O','{}')`,
		"stream=shop+stream_id,version=version,position=id,type=event_type,data=data",
	},
	{
		"a source may tell apart what counts, or it is a revision", "e(id INTEGER PRIMARY KEY, source TEXT, stream_id INTEGER, version INTEGER, event_type TEXT, data TEXT)",
		`(1,'A',1,1,'O','{}'), (2,'B',1,1,'O','{}'), (3,'A',1,2,'O','{}')`,
		"stream=source+stream_id,version=version,position=id,type=event_type,data=data or stream=stream_id,version=#id,position=id,type=event_type,revision=version,data=data",
	},
	{
		"a context tells apart what counts", "e(id INTEGER PRIMARY KEY, stream_id INTEGER, seq INTEGER, event_type TEXT, data TEXT, context TEXT)",
		`(1,1,1,'A','{}','sales'), (2,1,1,'A','{}','stock'), (3,1,2,'B','{}','sales'), (4,1,2,'B','{}','stock'), (5,2,1,'A','{}','sales')`,
		"stream=context+stream_id,version=seq,position=id,type=event_type,data=data",
	},
	{
		"a sequence that repeats within a stream", "e(id INTEGER PRIMARY KEY, stream_id INTEGER, sequence INTEGER, event_type TEXT, data TEXT)",
		`(1,1,1,'O','{}'), (2,1,1,'O','{}'), (3,1,2,'P','{}')`,
		"- sequence repeats within stream_id: a tenant or a type may be missing from the stream",
	},
	{
		"some rows lack the tenant", "e(id INTEGER PRIMARY KEY, tenant_id TEXT, stream_id INTEGER, event_type TEXT, data TEXT)",
		`(1,NULL,1,'O','{}'), (2,'B',1,'O','{}'), (3,NULL,1,'P','{}')`,
		"- some rows have no tenant_id, which tells apart rows of one stream_id",
	},
	{
		"version of a single row may be either", "e(id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, data TEXT)",
		`(1,'x',1,'A','{}')`,
		"stream=stream_id,version=version,position=id,type=type,data=data or stream=stream_id,version=#id,position=id,type=type,revision=version,data=data",
	},
	{
		"two tenants share a number", "e(tenant TEXT, order_no INTEGER, seq INTEGER, kind TEXT, body TEXT, at INTEGER, PRIMARY KEY(tenant, order_no, seq)) WITHOUT ROWID",
		`('a',1,1,'K','{"n":1}',1772359200000), ('b',1,1,'K','{"n":2}',1772359201000), ('a',1,2,'K','{"n":3}',1772359202000)`,
		"stream=tenant+order_no,version=seq,type=kind,time=at,data=body",
	},
	{
		"camel case, and a type in the key", `e("entityType" TEXT, "entityId" TEXT, "entityVersion" INTEGER, "eventName" TEXT, "eventData" TEXT, "occurredAt" INTEGER, UNIQUE("entityType","entityId","entityVersion"))`,
		`('Cart','1',1,'Opened','{"n":1}',1772359200000), ('Order','1',1,'Placed','{"n":2}',1772359200500)`,
		"stream=entityType+entityId,version=entityVersion,position=rowid,type=eventName,time=occurredAt,data=eventData",
	},
	{
		"Pascal case", `e("Id" INTEGER PRIMARY KEY, "StreamId" TEXT, "Version" INTEGER, "EventType" TEXT, "Payload" TEXT, "CreatedUtc" TEXT, UNIQUE("StreamId","Version"))`,
		`(1,'s',0,'A','{}','2026-03-01T10:00:00Z'), (2,'s',1,'B','{}','2026-03-01T10:00:01Z')`,
		"stream=StreamId,version=Version,position=Id,type=EventType,time=CreatedUtc,data=Payload",
	},
	{
		"names with spaces", `e("Stream Id" TEXT, "Event Number" INTEGER, "Event Type" TEXT, "Data" TEXT, UNIQUE("Stream Id", "Event Number"))`,
		`('s',1,'A','{}'), ('s',2,'B','{}')`,
		"stream=Stream Id,version=Event Number,position=rowid,type=Event Type,data=Data",
	},
	{
		"names that a mapping would take apart", `e("stream,id" TEXT, "version" INTEGER, "event+type" TEXT, "event:data" TEXT, UNIQUE("stream,id", version))`,
		`('s',1,'A','{}'), ('s',2,'B','{}')`,
		`"stream=""stream,id""",version=version,position=rowid,"type=""event+type""","data=""event:data"""`,
	},
	{
		"a prefix before every name", "e(evt_id INTEGER PRIMARY KEY, evt_stream TEXT, evt_type TEXT, evt_payload TEXT, evt_created TEXT)",
		`(1,'s','A','{}','2026-03-01'), (2,'s','B','{}','2026-03-02')`,
		"stream=evt_stream,version=#evt_id,position=evt_id,type=evt_type,time=evt_created,data=evt_payload",
	},
	{
		"a journal of actors", "journal(ordering INTEGER PRIMARY KEY, persistence_id TEXT, sequence_nr INTEGER, manifest TEXT, payload TEXT, UNIQUE(persistence_id, sequence_nr))",
		`(1,'s',1,'A','{}'), (2,'s',2,'B','{}')`,
		"stream=persistence_id,version=sequence_nr,position=ordering,type=manifest,data=payload",
	},
	{
		"positions of two kinds", "messages(stream_name TEXT, position INTEGER, global_position INTEGER PRIMARY KEY, type TEXT, data TEXT, UNIQUE(stream_name, position))",
		`('s',0,1,'A','{}'), ('t',0,2,'B','{}'), ('s',1,3,'B','{}')`,
		"stream=stream_name,version=position,position=global_position,type=type,data=data",
	},
	{
		"an outbox in the order of time", "outbox(id TEXT PRIMARY KEY, aggregatetype TEXT, aggregateid TEXT, type TEXT, payload TEXT, timestamp TEXT)",
		`('e1','acc','1','O','{"n":1}','2026-03-01 10:00:00'), ('e2','acc','1','P','{"n":2}','2026-03-01 10:00:01')`,
		"stream=aggregatetype+aggregateid,version=#time,position=rowid,type=type,id=id,time=timestamp,data=payload",
	},
	{
		"times that contradict the rows", "outbox(id TEXT PRIMARY KEY, aggregate_id TEXT, type TEXT, payload TEXT, created_at TEXT)",
		`('e1','1','O','{"n":1}','2026-03-01 10:00:01'), ('e2','1','P','{"n":2}','2026-03-01 10:00:00')`,
		"stream=aggregate_id,version=#time,type=type,id=id,time=created_at,data=payload or stream=aggregate_id,version=#rowid,type=type,id=id,time=created_at,data=payload",
	},
	{
		"ids that no two types share", "events(id INTEGER PRIMARY KEY, aggregate_type TEXT, aggregate_id TEXT, event TEXT, data TEXT)",
		`(1,'Cart','84bc0033-163c-4496-9cd5-e321c4e0b2a2','A','{}'), (2,'Cart','84bc0033-163c-4496-9cd5-e321c4e0b2a2','B','{}')`,
		"stream=aggregate_id,version=#id,position=id,category=aggregate_type,type=event,data=data",
	},
	{
		"a tenant beside the stream", "events(id INTEGER PRIMARY KEY, tenant_id INT, entity_id INT, event_name TEXT, data TEXT)",
		`(1,1,7,'A','{}'), (2,2,7,'A','{}'), (3,1,7,'B','{}')`,
		"stream=tenant_id+entity_id,version=#id,position=id,type=event_name,data=data",
	},
	{
		"an audit log of any model", "audit_events(id INTEGER PRIMARY KEY, auditable_type TEXT, auditable_id INT, action TEXT, user_id INT, changes TEXT, created_at TEXT)",
		`(1,'Order',7,'create',1,'{"a":1}','2026-03-01 10:00:00'), (2,'Invoice',7,'create',1,'{"a":2}','2026-03-01 10:00:01'), (3,'Order',7,'update',2,'{"a":3}','2026-03-01 10:00:02')`,
		"stream=auditable_type+auditable_id,version=#id,position=id,type=action,time=created_at,data=changes,actor=user_id",
	},
	// The payload and the type.
	{
		"several columns as the payload", "e(account INTEGER, seq INTEGER, kind TEXT, amount NUMERIC, currency TEXT, note TEXT, ts_ms INTEGER, PRIMARY KEY(account, seq))",
		`(7,1,'credit',1.25,'EUR','a',1772359200000), (7,2,'debit',0.75,'EUR',NULL,1772359201000)`,
		"stream=account,version=seq,position=rowid,type=kind,time=ts_ms,data=amount+currency+note",
	},
	{
		"the type within the payload", "e(ref TEXT, body TEXT, stamp TEXT)",
		`('r1','{"meta":{"kind":"Made"},"n":1}','2026-03-01T10:00:00Z'), ('r1','{"meta":{"kind":"Sent"},"n":2}','2026-03-01T10:00:01Z')`,
		"stream=ref,version=#rowid,position=rowid,type=body:/meta/kind,time=stamp,data=body",
	},
	{
		"properties are the payload", "e(id INTEGER PRIMARY KEY, aggregate_uuid TEXT, aggregate_version INTEGER, event_class TEXT, event_properties TEXT, meta_data TEXT, UNIQUE(aggregate_uuid, aggregate_version))",
		`(1,'u',1,'E','{"n":1}','{"by":"me"}')`,
		"stream=aggregate_uuid,version=aggregate_version,position=id,type=event_class,data=event_properties,meta=meta_data",
	},
	{
		"metadata before data", "e(id INTEGER PRIMARY KEY, stream_id TEXT, type TEXT, metadata TEXT, data TEXT)",
		`(1,'u','E','{"by":"me"}','{"n":1}'), (2,'u','E','{"by":"me"}','{"n":2}')`,
		"stream=stream_id,version=#id,position=id,type=type,data=data,meta=metadata",
	},
	{
		"rows without a stream", "e(id INTEGER PRIMARY KEY, aggregate_id TEXT, version INTEGER, type TEXT, payload TEXT)",
		`(1,'a',1,'A','{"n":1}'), (2,NULL,NULL,'Tick','{}'), (3,'a',2,'A','{"n":2}')`,
		"stream=aggregate_id,version=version,position=id,type=type,data=payload",
	},
	{
		"blobs of JSON", "events(stream TEXT, seq INTEGER, type TEXT, data BLOB, PRIMARY KEY(stream, seq))",
		`('s',1,'A',CAST('{"n":1}' AS BLOB)), ('s',2,'A',CAST('{"n":2}' AS BLOB))`,
		"stream=stream,version=seq,position=rowid,type=type,data=data",
	},
	{
		"an empty table with a key", "e(tenant_id TEXT, order_id TEXT, version INTEGER, type TEXT, data TEXT, UNIQUE(tenant_id, order_id, version))", "",
		"stream=tenant_id+order_id,version=version,position=rowid,type=type,data=data",
	},
	// What holds no events.
	{"users", "users(id INTEGER PRIMARY KEY, name TEXT, version INTEGER, data TEXT)", `(1,'ann',3,'{"a":1}'), (2,'bob',1,'{"a":2}')`, "- no column names the entity"},
	{"settings", "settings(key TEXT PRIMARY KEY, value TEXT)", `('k','v')`, "- no column names the entity"},
	{"lines of orders", "order_lines(order_id INT, line_no INT, product TEXT, quantity INT, PRIMARY KEY(order_id, line_no))", `(1,1,'a',2), (1,2,'b',1)`, "- no column has the type"},
	{
		"orders of customers", "orders(id INTEGER PRIMARY KEY, customer_id INT, status TEXT, created_at TEXT, data TEXT)",
		`(1,7,'new','2026-03-01','{}'), (2,7,'paid','2026-03-02','{}')`, "- no column has the type",
	},
	{
		"tickets of projects", "tickets(id INTEGER PRIMARY KEY, project_id INT, type TEXT, title TEXT, body TEXT, created_at TEXT)",
		`(1,7,'bug','a','text','2026-03-01'), (2,7,'task','b','text','2026-03-02')`, "- ",
	},
	{"snapshots", "snapshots(aggregate_id TEXT, version INT, type TEXT, data TEXT, PRIMARY KEY(aggregate_id, version))", `('a',100,'A','{}'), ('a',200,'A','{}')`, "- its name suggests snapshots"},
	{"the latest of each aggregate", "aggregates(aggregate_id TEXT PRIMARY KEY, version INT, type TEXT, data TEXT)", `('a',3,'A','{}'), ('b',2,'A','{}')`, "- no column names the entity"},
	{"an entity a row", "entities(id INTEGER PRIMARY KEY, entity_id TEXT UNIQUE, version INT, type TEXT, data TEXT)", `(1,'a',3,'A','{}'), (2,'b',2,'A','{}')`, "- no column names the entity"},
	{
		"events of a calendar", "events(id INTEGER PRIMARY KEY, venue_id INT, title TEXT, type TEXT, starts_at TEXT, details TEXT)",
		`(1,7,'a','concert','2026-03-01','{}'), (2,7,'b','talk','2026-03-02','{}')`, "- its columns are generic",
	},
	{
		"lines with options", "order_lines(order_id INT, line_no INT, type TEXT, data TEXT, PRIMARY KEY(order_id, line_no))",
		`(1,1,'book','{}'), (1,2,'pen','{}')`, "- its columns are generic",
	},
	{"payloads that are not JSON", "events(id INTEGER PRIMARY KEY, aggregate_id TEXT, event_type TEXT, payload BLOB)", `(1,'a','A',x'0a0b0c'), (2,'a','B',x'0a0b0d')`, "- no column holds a payload"},
	{
		"deliveries to listeners", "event_publication(id TEXT PRIMARY KEY, listener_id TEXT, event_type TEXT, serialized_event TEXT, publication_date TEXT, completion_date TEXT)",
		`('e1','mail.onPaid','Paid','{"n":1}','2026-03-01 10:00:00',NULL), ('e2','mail.onPaid','Paid','{"n":2}','2026-03-01 10:00:01',NULL)`, "- no column names the entity",
	},
	{
		"an activity log of several models", "activity_log(id INTEGER PRIMARY KEY, log_name TEXT, description TEXT, subject_type TEXT, subject_id INTEGER, event TEXT, causer_type TEXT, causer_id INTEGER, properties TEXT, created_at TEXT)",
		`(1,'default','created','Order',7,'created','User',2,'{"n":1}','2026-03-01 10:00:00'), (2,'default','created','Invoice',7,'created','User',2,'{"n":2}','2026-03-01 10:00:01'), (3,'default','paid','Order',7,'updated','User',2,'{"n":3}','2026-03-01 10:00:02')`,
		"stream=subject_type+subject_id,version=#id,position=id,type=event,time=created_at,data=properties",
	},
	{"measurements", "measurements(id INTEGER PRIMARY KEY, sensor_id INT, kind TEXT, value REAL, at TEXT)", `(1,1,'t',1.5,'2026-03-01'), (2,1,'t',1.6,'2026-03-02')`, "- "},
}

// A proposal is right, or there is none and the reason is given.
func TestProposalsForHomeMadeTables(t *testing.T) {
	for _, h := range slices.Concat(homeMades, moreHomeMades, appHomeMades) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "home.db")
			name, _, _ := strings.Cut(h.ddl, "(")
			sql := []string{"CREATE TABLE " + h.ddl}
			if h.rows != "" {
				sql = append(sql, "INSERT INTO "+name+" VALUES "+h.rows)
			}
			testdb.Build(t, path, nil, sql...)
			_, err := Open(t.Context(), path, Options{})
			var unknown *UnknownDialectError
			if !errors.As(err, &unknown) {
				t.Fatalf("%T: %v", err, err)
			}
			checkProposals(t, h, unknown)
			for _, p := range unknown.Proposals {
				proposalConforms(t, path, p)
			}
		})
	}
}

// checkProposals compares what is proposed with what is right.
func checkProposals(t *testing.T, h homeMade, unknown *UnknownDialectError) {
	t.Helper()
	var got []string
	for _, p := range unknown.Proposals {
		got = append(got, source.MapText(p.Map))
		if p.Tried == "" || h.rows != "" && len(p.Proof) == 0 {
			t.Errorf("it was not tried: %+v", p)
		}
	}
	why, none := strings.CutPrefix(h.want, "- ")
	switch {
	case none && (len(got) > 0 || !strings.Contains(unknown.Error(), why)):
		t.Errorf("proposed %q (%v), want none: %s", got, unknown.Missing, why)
	case !none && strings.Join(got, " or ") != h.want:
		t.Errorf("proposed\n%s\n(%v), want\n%s", strings.Join(got, " or "), unknown.Missing, h.want)
	}
}

// proposalConforms opens the store by a proposal, and holds it to the suite.
func proposalConforms(t *testing.T, path string, p source.Proposal) {
	o := Options{Table: p.Table, Map: p.Map}
	r := mustOpen(t, path, o)
	q := replay.Query{}
	if !r.Info().Has("positions") {
		q.Order = replay.ByStream
	}
	var want []replay.Event
	for _, e := range events(t, r, q) {
		want = append(want, *e)
	}
	storetest.Run(t, storetest.Config{
		Name: source.MapText(p.Map), Sample: 60, Path: path, Want: want,
		Open: func(ctx context.Context, path string) (replay.Reader, error) { return Open(ctx, path, o) },
	})
}

var pgHomeMades = []homeMade{
	{
		"counted by a serial id", "e(id bigserial PRIMARY KEY, aggregate_id uuid, event_type varchar(40), payload jsonb, created_at timestamptz)",
		`(1,md5('x')::uuid,'A','{"n":1}','2026-03-01 10:00:00Z'), (2,md5('y')::uuid,'A','{"n":2}','2026-03-01 10:00:01Z'), (3,md5('x')::uuid,'B','{"n":3}','2026-03-01 10:00:02Z')`,
		"stream=aggregate_id,version=#id,position=id,type=event_type,time=created_at,data=payload",
	},
	{
		"two tenants share a number", "e(tenant text, order_no int, seq int, kind text, body json, at timestamp, PRIMARY KEY(tenant, order_no, seq))",
		`('a',1,1,'K','{"n":1}','2026-03-01 10:00:00'), ('b',1,1,'K','{"n":2}','2026-03-01 10:00:01'), ('a',1,2,'K','{"n":3}','2026-03-01 10:00:02')`,
		"stream=tenant+order_no,version=seq,type=kind,time=at,data=body",
	},
	{
		"camel case", `e("entityType" text, "entityId" text, "entityVersion" int, "eventName" text, "eventData" text, "occurredAt" bigint, UNIQUE("entityType","entityId","entityVersion"))`,
		`('Cart','1',1,'Opened','{"n":1}',1772359200000), ('Order','1',1,'Placed','{"n":2}',1772359200500)`,
		"stream=entityType+entityId,version=entityVersion,type=eventName,time=occurredAt,data=eventData",
	},
	{
		"an outbox in the order of time", "outbox(id uuid PRIMARY KEY, aggregatetype text, aggregateid text, type text, payload jsonb, timestamp timestamptz)",
		`(md5('1')::uuid,'acc','1','O','{"n":1}','2026-03-01 10:00:00Z'), (md5('2')::uuid,'acc','1','P','{"n":2}','2026-03-01 10:00:01Z')`,
		"stream=aggregatetype+aggregateid,version=#time,type=type,id=id,time=timestamp,data=payload",
	},
	{
		"several columns as the payload", "e(account int, seq int, kind text, amount numeric, note text, ts timestamptz, PRIMARY KEY(account, seq))",
		`(7,1,'credit',1.250,'a','2026-03-01 10:00:00Z'), (7,2,'debit',0.75,NULL,'2026-03-01 10:00:01Z')`,
		"stream=account,version=seq,type=kind,time=ts,data=amount+note",
	},
	{"users", "users(id serial PRIMARY KEY, name text, version int, data jsonb)", `(1,'ann',3,'{"a":1}'), (2,'bob',1,'{"a":2}')`, "- no column names the entity"},
}

func TestPgProposalsForHomeMadeTables(t *testing.T) {
	for _, h := range pgHomeMades {
		t.Run(h.name, func(t *testing.T) {
			db := newPgDatabase(t)
			name, _, _ := strings.Cut(h.ddl, "(")
			db.Must("CREATE TABLE " + h.ddl)
			db.Must("INSERT INTO " + name + " VALUES " + h.rows)
			_, err := Open(t.Context(), db.DSN, Options{})
			var unknown *UnknownDialectError
			if !errors.As(err, &unknown) {
				t.Fatalf("%T: %v", err, err)
			}
			checkProposals(t, h, unknown)
			for _, p := range unknown.Proposals {
				pgProposalConforms(t, db, p)
			}
		})
	}
}

func pgProposalConforms(t *testing.T, db *pgDatabase, p source.Proposal) {
	o := Options{Table: p.Table, Map: p.Map}
	r := db.open(o)
	q := replay.Query{}
	if !r.Info().Has("positions") {
		q.Order = replay.ByStream
	}
	var want []replay.Event
	for _, e := range events(t, r, q) {
		want = append(want, *e)
	}
	storetest.Run(t, storetest.Config{
		Name: source.MapText(p.Map), Sample: 60, Want: want,
		Open: func(ctx context.Context, _ string) (replay.Reader, error) { return Open(ctx, db.DSN, o) },
	})
}

package store

// appHomeMades are tables as applications of the usual frameworks have them.
var appHomeMades = []homeMade{
	{
		"audit entries of Django, with the action as a number", `auditlog_logentry(id INTEGER PRIMARY KEY AUTOINCREMENT, object_pk varchar(255) NOT NULL, object_id bigint, object_repr text NOT NULL, action smallint unsigned NOT NULL, changes text NOT NULL, timestamp datetime NOT NULL, actor_id integer NULL, content_type_id integer NOT NULL, remote_addr char(39))`,
		`(1,'5',5,'Order 5',0,'{"total":["None","10"]}','2026-03-01 10:00:00',3,12,NULL),(2,'5',5,'Cust 5',0,'{"name":["None","x"]}','2026-03-01 10:00:01',3,13,NULL),(3,'5',5,'Order 5',1,'{"total":["10","12"]}','2026-03-01 10:00:02',3,12,'1.1.1.1')`,
		"- no column has the type",
	},
	{
		"order_events of Rails", `order_events(id INTEGER PRIMARY KEY AUTOINCREMENT, order_id integer NOT NULL, user_id integer, name varchar NOT NULL, payload json DEFAULT '{}', created_at datetime(6) NOT NULL, updated_at datetime(6) NOT NULL)`,
		`(1,10,1,'placed','{"total":5}','2026-03-01 10:00:00.000001','2026-03-01 10:00:00.000001'),(2,11,1,'placed','{"total":6}','2026-03-01 10:00:01.000001','2026-03-01 10:00:01.000001'),(3,10,2,'paid','{"by":"card"}','2026-03-01 10:00:02.000001','2026-03-01 10:00:02.000001')`,
		"stream=order_id,version=#id,position=id,type=name,time=created_at,data=payload,actor=user_id",
	},
	{
		"a table of Prisma", `"DomainEvent"("id" TEXT NOT NULL PRIMARY KEY, "aggregateType" TEXT NOT NULL, "aggregateId" TEXT NOT NULL, "sequence" INTEGER NOT NULL, "eventType" TEXT NOT NULL, "payload" JSONB NOT NULL, "metadata" JSONB, "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, UNIQUE("aggregateType","aggregateId","sequence"))`,
		`('clx1','Cart','a',1,'Opened','{"n":1}','{"userId":"u"}',1772359200000),('clx2','Order','a',1,'Placed','{"n":2}','{"userId":"u"}',1772359201000),('clx3','Cart','a',2,'Added','{"n":3}',NULL,1772359202000)`,
		"stream=aggregateType+aggregateId,version=sequence,position=rowid,type=eventType,id=id,time=createdAt,data=payload,meta=metadata",
	},
	{
		"a table of EF Core", `"EventData"("Id" TEXT NOT NULL PRIMARY KEY, "StreamId" TEXT NOT NULL, "Version" INTEGER NOT NULL, "EventType" TEXT NOT NULL, "Payload" BLOB NOT NULL, "Timestamp" TEXT NOT NULL)`,
		`('3F2504E0-4F89-11D3-9A0C-0305E82C3301','ACC-1',0,'MyApp.Events.Opened, MyApp',CAST('{"Owner":"x"}' AS BLOB),'2026-03-01 10:00:00.1234567'),('3F2504E0-4F89-11D3-9A0C-0305E82C3302','ACC-1',1,'MyApp.Events.Deposited, MyApp',CAST('{"Amount":5.5}' AS BLOB),'2026-03-01 10:00:01.1234567')`,
		"stream=StreamId,version=Version,position=rowid,type=EventType,id=Id,time=Timestamp,data=Payload",
	},
	{
		"entity and entity_id, in Go", `events(ulid TEXT PRIMARY KEY, entity TEXT NOT NULL, entity_id TEXT NOT NULL, verb TEXT NOT NULL, body TEXT NOT NULL, ts INTEGER NOT NULL)`,
		`('01HZX1','invoice','1','created','{"a":1}',1772359200),('01HZX2','customer','1','created','{"a":2}',1772359201),('01HZX3','invoice','1','sent','{"a":3}',1772359202)`,
		"stream=entity+entity_id,version=#time,position=rowid,type=verb,id=ulid,time=ts,data=body",
	},
	{
		"the stream and the type within the payload", `raw_events(id INTEGER PRIMARY KEY, received_at TEXT, message TEXT)`,
		`(1,'2026-03-01T10:00:00Z','{"meta":{"kind":"Opened","aggregate_id":"a"},"n":1}'),(2,'2026-03-01T10:00:01Z','{"meta":{"kind":"Added","aggregate_id":"b"},"n":2}'),(3,'2026-03-01T10:00:02Z','{"meta":{"kind":"Added","aggregate_id":"a"},"n":3}')`,
		"stream=message:/meta/aggregate_id,version=#id,position=id,type=message:/meta/kind,time=received_at,data=message,meta=message:/meta",
	},
	{
		"the stream within the payload", `domain_events(id INTEGER PRIMARY KEY, event_name TEXT, payload TEXT, occurred_on TEXT)`,
		`(1,'Opened','{"aggregate_id":"a","n":1}','2026-03-01T10:00:00Z'),(2,'Added','{"aggregate_id":"b","n":2}','2026-03-01T10:00:01Z'),(3,'Added','{"aggregate_id":"a","n":3}','2026-03-01T10:00:02Z')`,
		"stream=payload:/aggregate_id,version=#id,position=id,type=event_name,time=occurred_on,data=payload",
	},
	{
		"a version over all streams", `change_events(version INTEGER PRIMARY KEY, aggregate_id TEXT, type TEXT, data TEXT)`,
		`(1,'x','A','{}'),(2,'y','A','{}'),(3,'x','B','{}')`,
		"stream=aggregate_id,version=#version,position=version,type=type,data=data",
	},
	{
		"messages of Kafka", `kafka_messages(topic TEXT, partition INTEGER, offset INTEGER, key TEXT, value TEXT, timestamp INTEGER, PRIMARY KEY(topic,partition,offset))`,
		`('orders',0,0,'o1','{"type":"Placed","n":1}',1772359200000),('orders',0,1,'o2','{"type":"Placed","n":2}',1772359201000),('orders',0,2,'o1','{"type":"Paid","n":3}',1772359202000),('orders',1,0,'o3','{"type":"Placed","n":3}',1772359202000)`,
		"stream=topic+partition+key,version=offset,position=rowid,type=value:/type,time=timestamp,data=value",
	},
	{
		"two tenants, and no index", `tenant_events(id INTEGER PRIMARY KEY, tenant_id INTEGER, aggregate_id INTEGER, aggregate_version INTEGER, event_type TEXT, event_data TEXT, created_at TEXT)`,
		`(1,1,1,1,'A','{"n":1}','2026-03-01'),(2,2,1,1,'A','{"n":2}','2026-03-01'),(3,1,1,2,'B','{"n":3}','2026-03-01'),(4,2,1,2,'B','{"n":4}','2026-03-02')`,
		"stream=tenant_id+aggregate_id,version=aggregate_version,position=id,type=event_type,time=created_at,data=event_data",
	},
	{
		"sessions", `sessions(id TEXT PRIMARY KEY, user_id INTEGER, payload TEXT, last_activity INTEGER)`,
		`('a',1,'{"x":1}',1772359200),('b',1,'{"x":2}',1772359300),('c',2,'{"x":2}',1772359300)`,
		"- no column names the entity",
	},
	{
		"jobs of Laravel", `jobs(id INTEGER PRIMARY KEY, queue TEXT, payload TEXT, attempts INTEGER, reserved_at INTEGER, available_at INTEGER, created_at INTEGER)`,
		`(1,'default','{"displayName":"SendMail","job":"x"}',0,NULL,1772359200,1772359200),(2,'default','{"displayName":"SendMail","job":"x"}',1,NULL,1772359201,1772359201)`,
		"- no column names the entity",
	},
	{
		"newest first", `log_events(id INTEGER PRIMARY KEY, entity_id TEXT, event_type TEXT, payload TEXT, occurred_at TEXT)`,
		`(1,'x','C','{"n":3}','2026-03-01T10:00:02Z'),(2,'x','B','{"n":2}','2026-03-01T10:00:01Z'),(3,'x','A','{"n":1}','2026-03-01T10:00:00Z')`,
		"stream=entity_id,version=#time,position=id,type=event_type,time=occurred_at,data=payload or stream=entity_id,version=#id,position=id,type=event_type,time=occurred_at,data=payload",
	},
	{
		"transfers between two accounts", `transfers(id INTEGER PRIMARY KEY, from_account TEXT, to_account TEXT, amount NUMERIC, kind TEXT, created_at TEXT)`,
		`(1,'a','b',5,'wire','2026-03-01'),(2,'b','a',6,'wire','2026-03-02'),(3,'a','c',6,'wire','2026-03-02')`,
		"- no column names the entity",
	},
	{
		"a number for each tenant", `es_events(tenant_id TEXT, seq INTEGER, aggregate_id TEXT, type TEXT, data TEXT, PRIMARY KEY(tenant_id, seq))`,
		`('t',1,'a','A','{"n":1}'),('t',2,'b','A','{"n":2}'),('t',3,'a','B','{"n":3}'),('u',1,'a','A','{"n":4}')`,
		"stream=tenant_id+aggregate_id,version=seq,position=rowid,type=type,data=data",
	},
	{
		"an audit trail of any table", `audit_trail(id INTEGER PRIMARY KEY, table_name TEXT, row_id INTEGER, operation TEXT, old_values TEXT, new_values TEXT, changed_at TEXT, changed_by TEXT)`,
		`(1,'orders',5,'INSERT',NULL,'{"total":5}','2026-03-01 10:00:00','ann'),(2,'customers',5,'INSERT',NULL,'{"name":"x"}','2026-03-01 10:00:00','ann'),(3,'orders',5,'UPDATE','{"total":5}','{"total":6}','2026-03-01 10:00:01','bob')`,
		"stream=table_name+row_id,version=#id,position=id,type=operation,time=changed_at,data=new_values,actor=changed_by",
	},
	{
		"prices and when they held", `price_history(id INTEGER PRIMARY KEY, product_id INTEGER, price NUMERIC, valid_from TEXT, valid_to TEXT)`,
		`(1,1,5.5,'2026-01-01','2026-02-01'),(2,1,6.5,'2026-02-01',NULL),(3,2,1,'2026-01-01',NULL)`,
		"- no column has the type",
	},
	{
		"a number for each tenant, and nothing that tells entities apart", "events(tenant_id TEXT, seq INTEGER, type TEXT, data TEXT, PRIMARY KEY(tenant_id, seq))",
		`('t',1,'A','{"n":1}'), ('t',2,'B','{"n":2}'), ('u',1,'A','{"n":3}')`,
		"- no column names the entity",
	},
	{
		"an inbox, whose source is a service", "inbox(id INTEGER PRIMARY KEY, message_id TEXT UNIQUE, source TEXT, message_type TEXT, body TEXT, received_at TEXT)",
		`(1,'m1','billing','X','{"invoice_id":1}','2026-03-01'), (2,'m2','billing','Y','{"invoice_id":2}','2026-03-01'), (3,'m3','shop','X','{"invoice_id":1}','2026-03-01')`,
		"- no column names the entity",
	},
	{
		"a user's events of several orders", "app_events(id INTEGER PRIMARY KEY, type TEXT, user_id INTEGER, data TEXT, created_at TEXT)",
		`(1,'login',1,'{"ip":"x"}','2026-03-01'), (2,'order.placed',1,'{"order_id":5}','2026-03-02'), (3,'order.paid',1,'{"order_id":5}','2026-03-03')`,
		"- no column names the entity",
	},
	{
		"the type of the root beside its id", "event_store(event_id TEXT PRIMARY KEY, aggregate_root_id TEXT, aggregate_root_type TEXT, playhead INTEGER, event_name TEXT, payload TEXT, recorded_on TEXT)",
		`('1','7','Cart',1,'A','{"n":1}','2026-03-01'), ('2','7','Order',1,'A','{"n":2}','2026-03-01'), ('3','7','Cart',2,'B','{"n":3}','2026-03-01')`,
		"stream=aggregate_root_type+aggregate_root_id,version=playhead,position=rowid,type=event_name,id=event_id,time=recorded_on,data=payload",
	},
}

// appFiles are files of the same kind.
var appFiles = []homeMadeFile{
	{
		"the type in the metadata, the stream in the payload",
		`{"id":"e1","meta":{"kind":"Opened","occurredAt":"2026-03-01T10:00:00Z"},"data":{"aggregate_id":"a","n":1}}
{"id":"e2","meta":{"kind":"Added","occurredAt":"2026-03-01T10:00:01Z"},"data":{"aggregate_id":"b","n":2}}
{"id":"e3","meta":{"kind":"Added","occurredAt":"2026-03-01T10:00:02Z"},"data":{"aggregate_id":"a","n":3}}`,
		"stream=data:/aggregate_id,type=meta:/kind,id=id,time=meta:/occurredAt,data=data,meta=meta",
	},
	{
		"all of it in one member",
		`{"ts":1772359200000,"msg":{"stream":"cart-1","seq":1,"event":{"name":"Opened","body":{"n":1}}}}
{"ts":1772359201000,"msg":{"stream":"cart-2","seq":1,"event":{"name":"Opened","body":{"n":2}}}}
{"ts":1772359202000,"msg":{"stream":"cart-1","seq":2,"event":{"name":"Added","body":{"n":3}}}}`,
		"stream=msg:/stream,version=msg:/seq,type=msg:/event/name,time=ts,data=msg:/event/body",
	},
	{
		"an event and its aggregate",
		`{"event":{"id":"1","type":"Opened"},"aggregate":{"id":"7","type":"Cart","version":1},"payload":{"n":1},"occurredAt":"2026-03-01T10:00:00Z"}
{"event":{"id":"2","type":"Opened"},"aggregate":{"id":"7","type":"Order","version":1},"payload":{"n":2},"occurredAt":"2026-03-01T10:00:00Z"}
{"event":{"id":"3","type":"Added"},"aggregate":{"id":"7","type":"Cart","version":2},"payload":{"n":3},"occurredAt":"2026-03-01T10:00:01Z"}`,
		"stream=aggregate:/type+aggregate:/id,version=aggregate:/version,type=event:/type,id=event:/id,time=occurredAt,data=payload",
	},
	{
		"lines of a log",
		`{"@timestamp":"2026-03-01T10:00:00Z","level":"info","msg":"started","user":{"id":5}}
{"@timestamp":"2026-03-01T10:00:01Z","level":"info","msg":"request","user":{"id":5}}
{"@timestamp":"2026-03-01T10:00:02Z","level":"warn","msg":"slow","user":{"id":6}}`,
		"- no member names the entity",
	},
	{
		"page views",
		`{"event":"page_view","user_id":"u1","ts":1772359200,"properties":{"path":"/"}}
{"event":"click","user_id":"u1","ts":1772359201,"properties":{"path":"/a"}}
{"event":"page_view","user_id":"u2","ts":1772359202,"properties":{"path":"/"}}`,
		"- no member names the entity",
	},
	{
		"entities of Azure tables",
		`{"PartitionKey":"cart-1","RowKey":"0000000001","EventType":"Opened","Data":"{\"n\":1}","Timestamp":"2026-03-01T10:00:00Z"}
{"PartitionKey":"cart-1","RowKey":"0000000002","EventType":"Added","Data":"{\"n\":2}","Timestamp":"2026-03-01T10:00:01Z"}
{"PartitionKey":"cart-2","RowKey":"0000000001","EventType":"Opened","Data":"{\"n\":3}","Timestamp":"2026-03-01T10:00:02Z"}`,
		"stream=PartitionKey,type=EventType,time=Timestamp,data=Data",
	},
	{
		"items of DynamoDB",
		`{"pk":"ORDER#1","sk":"EVENT#001","type":"Placed","payload":{"n":1},"createdAt":"2026-03-01T10:00:00Z"}
{"pk":"ORDER#1","sk":"EVENT#002","type":"Paid","payload":{"n":2},"createdAt":"2026-03-01T10:00:01Z"}
{"pk":"ORDER#2","sk":"EVENT#001","type":"Placed","payload":{"n":3},"createdAt":"2026-03-01T10:00:02Z"}`,
		"stream=pk,type=type,time=createdAt,data=payload",
	},
	{
		"streams that begin later",
		`{"streamId":"a","eventNumber":5,"eventType":"A","data":{"n":1},"created":"2026-03-01T10:00:00Z"}
{"streamId":"a","eventNumber":6,"eventType":"B","data":{"n":2},"created":"2026-03-01T10:00:01Z"}
{"streamId":"b","eventNumber":0,"eventType":"A","data":{"n":3},"created":"2026-03-01T10:00:02Z"}`,
		"stream=streamId,version=eventNumber,type=eventType,time=created,data=data",
	},
	{
		"newest first",
		`{"orderId":"o1","customerId":"c1","eventType":"Paid","data":{"n":3},"timestamp":"2026-03-01T10:00:02Z"}
{"orderId":"o2","customerId":"c1","eventType":"Placed","data":{"n":2},"timestamp":"2026-03-01T10:00:01Z"}
{"orderId":"o1","customerId":"c1","eventType":"Placed","data":{"n":1},"timestamp":"2026-03-01T10:00:00Z"}`,
		"stream=orderId,version=#time,type=eventType,time=timestamp,data=data or stream=orderId,type=eventType,time=timestamp,data=data",
	},
}

package store

// moreHomeMades are tables of the kinds that people write in one language or another.
var moreHomeMades = []homeMade{
	{
		".NET, the type by its CLR name", `Events("Id" INTEGER PRIMARY KEY, "AggregateId" TEXT, "AggregateType" TEXT, "Version" INTEGER, "EventTypeName" TEXT, "EventJson" TEXT, "CreatedOn" TEXT)`,
		`(1,'84bc0033-163c-4496-9cd5-e321c4e0b2a2','Order',1,'Shop.Placed, Shop','{"n":1}','2026-03-01T10:00:00'),(2,'84bc0033-163c-4496-9cd5-e321c4e0b2a2','Order',2,'Shop.Paid, Shop','{"n":2}','2026-03-01T10:00:01')`,
		"stream=AggregateId,version=Version,position=Id,category=AggregateType,type=EventTypeName,time=CreatedOn,data=EventJson",
	},
	{
		".NET, a global sequence", `EventDescriptors("Id" TEXT PRIMARY KEY, "EntityId" TEXT, "EventTypeName" TEXT, "EventJson" TEXT, "Sequence" INTEGER, "TimeStampUtc" TEXT)`,
		`('e1','a','Shop.Placed','{"n":1}',1,'2026-03-01T10:00:00'),('e2','b','Shop.Paid','{"n":2}',2,'2026-03-01T10:00:01'),('e3','a','Shop.Paid','{"n":2}',3,'2026-03-01T10:00:01')`,
		"stream=EntityId,version=#Sequence,position=rowid,type=EventTypeName,id=Id,time=TimeStampUtc,data=EventJson",
	},
	{
		".NET, a stream and a revision", `StoredEvents("EventId" TEXT PRIMARY KEY, "StreamId" TEXT, "StreamRevision" INTEGER, "ClrType" TEXT, "EventJson" TEXT, "OccurredUtc" TEXT)`,
		`('e1','a',0,'Shop.Placed','{"n":1}','2026-03-01T10:00:00'),('e2','b',0,'Shop.Paid','{"n":2}','2026-03-01T10:00:01'),('e3','a',1,'Shop.Paid','{"n":2}','2026-03-01T10:00:01')`,
		"stream=StreamId,version=StreamRevision,position=rowid,type=ClrType,id=EventId,time=OccurredUtc,data=EventJson",
	},
	{
		"Rails, of orders", `order_events(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, name TEXT, sequence INTEGER, payload TEXT, created_at TEXT, updated_at TEXT)`,
		`(1,7,'placed',1,'{"n":1}','2026-03-01 10:00:00','2026-03-01 10:00:00'),(2,8,'placed',1,'{"n":1}','2026-03-01 10:00:00','2026-03-01 10:00:00'),(3,7,'paid',2,'{"n":1}','2026-03-01 10:00:00','2026-03-01 10:00:00')`,
		"stream=order_id,version=sequence,position=id,type=name,time=created_at,data=payload",
	},
	{
		"Rails, a name and no payload", `order_events(order_id INTEGER NOT NULL, name TEXT, sequence INTEGER, UNIQUE(order_id, sequence))`,
		`(7,'placed',1),(8,'placed',1),(7,'paid',2)`,
		"stream=order_id,version=sequence,position=rowid,type=name,data=*",
	},
	{
		"Rails, the payload in columns", `order_events(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, name TEXT, sequence INTEGER, amount_cents INTEGER, created_at TEXT)`,
		`(1,7,'placed',1,500,'2026-03-01 10:00:00'),(2,8,'placed',1,600,'2026-03-01 10:00:01'),(3,7,'paid',2,500,'2026-03-01 10:00:02')`,
		"stream=order_id,version=sequence,position=id,type=name,time=created_at,data=amount_cents",
	},
	{
		"Node, a rev", `events(id INTEGER PRIMARY KEY, stream TEXT, rev INTEGER, type TEXT, payload TEXT, ts INTEGER)`,
		`(1,'a',0,'A','{}',1772359200000),(2,'b',0,'A','{}',1772359200001),(3,'a',1,'B','{}',1772359200002)`,
		"stream=stream,version=rev,position=id,type=type,time=ts,data=payload",
	},
	{
		"Node, documents", `events("_id" TEXT PRIMARY KEY, "aggId" TEXT, "rev" INTEGER, "eventName" TEXT, "body" TEXT, "meta" TEXT)`,
		`('u1','a',0,'A','{}','{}'),('u2','b',0,'A','{}','{}'),('u3','a',1,'B','{}','{}')`,
		"stream=aggId,version=rev,position=rowid,type=eventName,id=_id,data=body,meta=meta",
	},
	{
		"Go, short names", `event_log(seq INTEGER PRIMARY KEY, agg_id TEXT, agg_ver INTEGER, evt_type TEXT, evt_data TEXT, occurred_at TEXT)`,
		`(1,'a',1,'A','{}','2026-03-01'),(2,'b',1,'A','{}','2026-03-01'),(3,'a',2,'B','{}','2026-03-02')`,
		"stream=agg_id,version=agg_ver,position=seq,type=evt_type,time=occurred_at,data=evt_data",
	},
	{
		"transactions of accounts", `transactions(id INTEGER PRIMARY KEY, account_id INTEGER, type TEXT, amount NUMERIC, balance_after NUMERIC, created_at TEXT)`,
		`(1,7,'deposit',5,5,'2026-03-01 10:00:00'),(2,7,'withdraw',3,2,'2026-03-01 10:00:01')`,
		"- its columns are generic: none is named like a stream or an event type",
	},
	{
		"carts by a position", `cart_events(cart_id TEXT, position INTEGER, event_name TEXT, payload TEXT, inserted_at TEXT, PRIMARY KEY(cart_id, position)) WITHOUT ROWID`,
		`('c',0,'A','{}','2026-03-01'),('c',1,'B','{}','2026-03-02'),('d',0,'A','{}','2026-03-01')`,
		"stream=cart_id,version=position,type=event_name,time=inserted_at,data=payload",
	},
	{
		"a history of items", `"ItemHistory"("ItemId" INTEGER, "RevisionNumber" INTEGER, "ChangeType" TEXT, "ChangedBy" TEXT, "ChangedAt" TEXT, "Snapshot" TEXT, PRIMARY KEY("ItemId","RevisionNumber"))`,
		`(1,1,'Insert','ann','2026-03-01','{"a":1}'),(1,2,'Update','bob','2026-03-02','{"a":2}')`,
		"stream=ItemId,version=RevisionNumber,position=rowid,type=ChangeType,time=ChangedAt,data=Snapshot,actor=ChangedBy",
	},
	{
		"an audit log of any table", `audit_log(id INTEGER PRIMARY KEY, table_name TEXT, record_id INTEGER, action TEXT, old_values TEXT, new_values TEXT, user_id INTEGER, created_at TEXT)`,
		`(1,'orders',7,'UPDATE','{"a":1}','{"a":2}',3,'2026-03-01'),(2,'items',7,'UPDATE','{"a":1}','{"a":2}',3,'2026-03-01'),(3,'orders',7,'UPDATE','{"a":2}','{"a":3}',3,'2026-03-01')`,
		"stream=table_name+record_id,version=#id,position=id,type=action,time=created_at,data=new_values,actor=user_id",
	},
	{
		"a single table of DynamoDB", `items(pk TEXT, sk INTEGER, type TEXT, data TEXT, PRIMARY KEY(pk, sk))`,
		`('ORDER#1',1,'Placed','{}'),('ORDER#1',2,'Paid','{}')`,
		"- its columns are generic: none is named like a stream or an event type",
	},
	{
		"an entity by name and id", `es_events(event_id TEXT PRIMARY KEY, entity_name TEXT, entity_id INTEGER, revision INTEGER, name TEXT, attrs TEXT, happened_at TEXT, UNIQUE(entity_name, entity_id, revision))`,
		`('e1','order',7,1,'placed','{"n":1}','2026-03-01'),('e2','order',7,2,'paid','{"n":1}','2026-03-02'),('e3','cart',7,1,'opened','{"n":1}','2026-03-02')`,
		"stream=entity_name+entity_id,version=revision,position=rowid,type=name,id=event_id,time=happened_at,data=attrs",
	},
	{
		"activities of users", `user_activity(id INTEGER PRIMARY KEY, user_id INTEGER, activity TEXT, details TEXT, at TEXT)`,
		`(1,7,'login','{}','2026-03-01'),(2,7,'logout','{}','2026-03-02')`,
		"- too little suggests an event log",
	},
	{
		"steps of a run", `workflow_events(run_id TEXT, step INTEGER, event TEXT, payload TEXT, created_at TEXT, PRIMARY KEY(run_id, step))`,
		`('r',1,'started','{}','2026-03-01'),('r',2,'ended','{}','2026-03-02'),('q',1,'started','{}','2026-03-01')`,
		"stream=run_id,version=step,type=event,time=created_at,data=payload",
	},
	{
		"moves of games", `game_moves(game_id INTEGER, move_no INTEGER, player TEXT, move TEXT, played_at TEXT, PRIMARY KEY(game_id, move_no))`,
		`(1,1,'w','e4','2026-03-01'),(1,2,'b','e5','2026-03-01')`,
		"- no column has the type of an event",
	},
	{
		"a tenant and a category", `events(global_seq INTEGER PRIMARY KEY, tenant TEXT, stream_category TEXT, stream_id TEXT, stream_seq INTEGER, event_type TEXT, event_data TEXT, event_metadata TEXT, recorded_at TEXT, checksum TEXT)`,
		`(1,'t1','cart','c-1',1,'A','{}','{}','2026-03-01','x'),(2,'t2','cart','c-1',1,'A','{}','{}','2026-03-01','y'),(3,'t1','cart','c-1',2,'B','{}','{}','2026-03-01','z')`,
		"stream=tenant+stream_category+stream_id,version=stream_seq,position=global_seq,type=event_type,time=recorded_at,data=event_data,meta=event_metadata",
	},
	{
		"a prefix, and short names", `event(e_id INTEGER PRIMARY KEY, e_agg TEXT, e_no INTEGER, e_kind TEXT, e_json TEXT, e_ts INTEGER)`,
		`(1,'a',1,'A','{}',1772359200),(2,'b',1,'A','{}',1772359200),(3,'a',2,'A','{}',1772359200)`,
		"stream=e_agg,version=e_no,position=e_id,type=e_kind,time=e_ts,data=e_json",
	},
	{
		"measurements of devices", `events(id INTEGER PRIMARY KEY, device_id TEXT, ts TEXT, metric TEXT, value REAL)`,
		`(1,'d','2026-03-01 10:00:00','t',1.5),(2,'d','2026-03-01 10:00:01','t',1.6)`,
		"- no column has the type of an event",
	},
	{
		"an outbox with its deliveries", `outbox_message(id TEXT PRIMARY KEY, aggregate_id TEXT, event_type TEXT, payload TEXT, created_at TEXT, processed_at TEXT, retry_count INTEGER)`,
		`('m1','a','A','{}','2026-03-01 10:00:00','2026-03-01 10:00:05',0),('m2','a','B','{}','2026-03-01 10:00:01',NULL,1)`,
		"stream=aggregate_id,version=#time,position=rowid,type=event_type,id=id,time=created_at,data=payload",
	},
	{
		"the entity within the payload", `events(id INTEGER PRIMARY KEY, type TEXT, payload TEXT, created_at TEXT)`,
		`(1,'A','{"orderId":7}','2026-03-01'),(2,'B','{"orderId":7}','2026-03-02')`,
		"- no column names the entity of a row",
	},
	{
		"events of a payment service", `stripe_events(id TEXT PRIMARY KEY, type TEXT, object_id TEXT, data TEXT, created INTEGER)`,
		`('evt_1','invoice.made','in_1','{}',1772359200),('evt_2','invoice.paid','in_1','{}',1772359201)`,
		"- its columns are generic: none is named like a stream or an event type",
	},
	{
		"transitions of a state machine", `order_transitions(id INTEGER PRIMARY KEY, to_state TEXT, metadata TEXT, sort_key INTEGER, order_id INTEGER, most_recent INTEGER, created_at TEXT)`,
		`(1,'new','{}',10,7,0,'2026-03-01'),(2,'paid','{}',20,7,1,'2026-03-02')`,
		"- no column has the type of an event",
	},
	{
		"a revision beside a sequence", `events(id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, seq INTEGER, type TEXT, data TEXT)`,
		`(1,'a',1,1,'A','{}'),(2,'a',1,2,'A','{}'),(3,'b',2,1,'A','{}'),(4,'a',1,3,'A','{}')`,
		"stream=stream_id,version=seq,position=id,type=type,data=data",
	},
	{
		"versions in tens", `events(id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, data TEXT)`,
		`(1,'a',10,'A','{}'),(2,'a',20,'A','{}'),(3,'b',10,'A','{}'),(4,'a',30,'A','{}')`,
		"stream=stream_id,version=version,position=id,type=type,data=data",
	},
	{
		"versions with a gap", `events(id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, data TEXT)`,
		`(1,'a',1,'A','{}'),(2,'a',2,'A','{}'),(3,'b',1,'A','{}'),(4,'a',4,'A','{}')`,
		"stream=stream_id,version=version,position=id,type=type,data=data",
	},
	{
		"types that are numbers", `events(id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, event_type INTEGER, data TEXT)`,
		`(1,'a',1,3,'{}'),(2,'a',2,4,'{}'),(3,'b',1,3,'{}')`,
		"stream=stream_id,version=version,position=id,type=event_type,data=data",
	},
	{
		"a version of the whole store", `events(version INTEGER PRIMARY KEY, aggregate_id TEXT, type TEXT, data TEXT)`,
		`(1,'a','A','{}'),(2,'b','A','{}'),(3,'a','B','{}')`,
		"stream=aggregate_id,version=#version,position=version,type=type,data=data",
	},
	{
		"rows in another order", `events(stream_id TEXT, version INTEGER, type TEXT, data TEXT, created_at TEXT)`,
		`('a',2,'B','{}','2026-03-02'),('a',1,'A','{}','2026-03-01'),('b',1,'A','{}','2026-03-01')`,
		"stream=stream_id,version=version,type=type,time=created_at,data=data",
	},
	{
		"an order and its customer", `events(id INTEGER PRIMARY KEY, customer_id INTEGER, order_id INTEGER, event_type TEXT, payload TEXT)`,
		`(1,7,1,'A','{}'),(2,7,2,'A','{}'),(3,7,1,'B','{}')`,
		"stream=order_id,version=#id,position=id,type=event_type,data=payload",
	},
	{
		"two ids, either may be it", `events(id INTEGER PRIMARY KEY, customer_id INTEGER, order_id INTEGER, event_type TEXT, payload TEXT)`,
		`(1,7,1,'A','{}'),(2,8,2,'A','{}'),(3,7,1,'B','{}')`,
		"- each of the columns customer_id, order_id may tell which entity a row is of",
	},
	{
		"two ids, and one order each", `events(id INTEGER PRIMARY KEY, customer_id INTEGER, order_id INTEGER, event_type TEXT, payload TEXT)`,
		`(1,7,1,'A','{}'),(2,7,2,'A','{}'),(3,8,3,'B','{}')`,
		"- each of the columns customer_id, order_id may tell which entity a row is of",
	},
	{
		"a history of products", `product_history(id INTEGER PRIMARY KEY, product_id INTEGER, name TEXT, price REAL, changed_at TEXT)`,
		`(1,7,'a',1.5,'2026-03-01'),(2,7,'b',1.6,'2026-03-02')`,
		"- no column has the type of an event",
	},
	{
		"a history of products of a type", `product_history(id INTEGER PRIMARY KEY, product_id INTEGER, type TEXT, data TEXT, changed_at TEXT)`,
		`(1,7,'book','{}','2026-03-01'),(2,7,'pen','{}','2026-03-02')`,
		"- its columns are generic: none is named like a stream or an event type",
	},
	{
		"a calendar of venues", `venue_events(id INTEGER PRIMARY KEY, venue_id INT, title TEXT, type TEXT, starts_at TEXT, details TEXT)`,
		`(1,7,'a','concert','2026-03-01','{}'),(2,7,'b','talk','2026-03-02','{}')`,
		"- its columns are generic: none is named like a stream or an event type",
	},
	{
		"an item in a cart", `"CartItemEvents"("Id" INTEGER PRIMARY KEY, "CartId" INT, "CartItemId" INT, "Kind" TEXT, "Payload" TEXT, "At" TEXT)`,
		`(1,1,7,'A','{}','2026-03-01'),(2,1,8,'A','{}','2026-03-01'),(3,1,7,'B','{}','2026-03-02')`,
		"stream=CartItemId,version=#Id,position=Id,type=Kind,time=At,data=Payload",
	},
	{
		"comments of posts", `comment_events(id INTEGER PRIMARY KEY, post_id INTEGER, comment_id INTEGER, event_type TEXT, payload TEXT, created_at TEXT)`,
		`(1,1,7,'A','{}','2026-03-01'),(2,1,8,'A','{}','2026-03-01'),(3,1,7,'B','{}','2026-03-02')`,
		"stream=comment_id,version=#id,position=id,type=event_type,time=created_at,data=payload",
	},
}

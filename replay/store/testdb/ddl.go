package testdb

// Tables as the libraries create them.
const (
	// NativeDDL is asof's own layout.
	NativeDDL = `CREATE TABLE asof_events(
  position INTEGER PRIMARY KEY, stream TEXT NOT NULL, category TEXT NOT NULL, version INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 1, time TEXT NOT NULL,
  actor TEXT, correlation_id TEXT, causation_id TEXT, data TEXT NOT NULL, metadata TEXT,
  UNIQUE(stream, version));
PRAGMA application_id = 0x61736F66; PRAGMA user_version = 1;`

	// PythonDDL is the layout of Python's eventsourcing.
	PythonDDL = `CREATE TABLE stored_events (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version))`

	// EmmettDDL is the layout of Emmett.
	EmmettDDL = `CREATE TABLE emt_streams(stream_id TEXT NOT NULL, stream_position BIGINT NOT NULL DEFAULT 0, partition TEXT NOT NULL DEFAULT 'global',
	stream_type TEXT NOT NULL, stream_metadata JSONB NOT NULL, is_archived BOOLEAN NOT NULL DEFAULT FALSE, PRIMARY KEY (stream_id, partition, is_archived));
CREATE TABLE emt_messages(stream_id TEXT NOT NULL, stream_position BIGINT NOT NULL, partition TEXT NOT NULL DEFAULT 'global',
	message_kind CHAR(1) NOT NULL DEFAULT 'E', message_data JSONB NOT NULL, message_metadata JSONB NOT NULL, message_schema_version TEXT NOT NULL,
	message_type TEXT NOT NULL, message_id TEXT NOT NULL, is_archived BOOLEAN NOT NULL DEFAULT FALSE, global_position INTEGER PRIMARY KEY,
	created DATETIME DEFAULT CURRENT_TIMESTAMP, UNIQUE (stream_id, stream_position, partition, is_archived))`
)

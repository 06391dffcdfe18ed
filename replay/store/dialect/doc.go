// Package dialect contains the table layouts of event store libraries, one file per
// library and engine. A dialect is recognized by the columns of its tables. To add
// one, write its file and add a line to all.go.
//
// # The native dialect
//
// The layout that asof writes, recognized by its table:
//
//	CREATE TABLE asof_events(
//	  position       INTEGER PRIMARY KEY,   -- place in the store, ascending
//	  stream         TEXT    NOT NULL,
//	  category       TEXT    NOT NULL,
//	  version        INTEGER NOT NULL,      -- place in the stream
//	  id             TEXT    NOT NULL UNIQUE,
//	  type           TEXT    NOT NULL,
//	  revision       INTEGER NOT NULL DEFAULT 1,
//	  time           TEXT    NOT NULL,      -- RFC 3339, UTC: 2026-03-01T09:00:00.123Z
//	  actor          TEXT, correlation_id TEXT, causation_id TEXT,
//	  data           TEXT    NOT NULL,      -- JSON
//	  metadata       TEXT,                  -- a JSON object
//	  UNIQUE(stream, version))
//	PRAGMA application_id = 0x61736F66      -- "asof"
//	PRAGMA user_version = 1                 -- of this layout
package dialect

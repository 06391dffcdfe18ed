// Package store opens event stores and reads them, without ever writing to one.
//
// [Open] looks at what a path holds, not at its name, and returns a
// [replay.Reader]. Each library that writes event stores has its own table
// layout; we call it a dialect, and each has one file here. A dialect is told by
// the columns of its tables. Where none fits, an [UnknownDialectError] says what
// was tried, and proposes a mapping of columns ([Options].Table and Map) that
// would read the store anyway.
//
// # How a store is left as it was
//
// Reading a SQLite database the ordinary way can leave files beside it, and
// reading it the careless way can miss the newest events:
//
//   - Without a -wal file, or with an empty one, a database in WAL mode is opened
//     as immutable. Nothing guards such a read against a writer, so the file's
//     size, time and header are compared at the end of each read; where they
//     moved, the read ends with [ErrMoved] and is to be done again.
//   - With a -wal file that holds events and a -shm file beside it, the database
//     is opened read-only with a read-only -shm: the events in the -wal are part
//     of the history, the writer's checkpoints wait for us, and no byte changes.
//   - With a -wal file and no -shm, or where a crashed writer left a journal to
//     be rolled back, a private copy is read, because SQLite would have to write.
//   - Any other database is opened read-only.
//
// One read transaction lasts as long as the reader, so that all of its answers
// are about the same prefix of the history.
//
// # Payloads
//
// What a column holds is told row by row, by its first bytes: JSON, JSON within a
// string, SQLite's JSONB, any of these compressed by zlib or gzip. What can't be
// one of them has [replay.Event.Opaque]; what begins like an object or an array is
// checked when it is parsed, by [replay.Event.Body]. Summary goes through every
// payload, without building it, and counts those that can't be read.
//
// # PostgreSQL
//
// A connection string (postgres://… or libpq's keywords) opens a database, with the
// environment, password, service and TLS settings of libpq. One transaction, READ
// ONLY and REPEATABLE READ, lasts as long as the reader: the server refuses to
// write, and all answers are one consistent cut. Rows come through server-side
// cursors in batches of about a megabyte. Only what the engines that speak the
// protocol share is used (Citus, YugabyteDB, CockroachDB from 22.2 on): plain SQL
// cursors, savepoints, and text compared with COLLATE "C" where the database's own
// order is another. Positions that are handed out and not yet to be seen are gaps:
// see [replay.Follower].
//
// # The native dialect
//
// The layout that asof itself writes, told by its table:
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
package store

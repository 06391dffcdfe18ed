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
//   - Any other database is opened read-only, which holds SQLite's shared lock: a
//     writer has to wait as long as it is read. What is small, or is asked to be
//     ([Options].Copy), is copied under the lock, and the copy is read.
//
// One read transaction lasts as long as the reader, so that all of its answers
// are about the same prefix of the history.
//
// # Times
//
// All stores have their times read by one reader. Texts are told by their form:
// ISO 8601 and what SQL, Java, Ruby and Go make of it, ISO's basic form, RFC 2822,
// JavaScript's Date. One without a zone is in [Options].TimeZone.
//
// Numbers have the unit of their column: the one in which its newest time is from
// 2001-09-09 to 2099 and its oldest not before 1971. For a file that range is exact;
// for a table it is that of the rows at both ends, and a row that is no such time in
// that unit can't be read. No number is read by a unit of its own. Where no unit
// fits, or Cocoa's might be meant, none is read until the mapping gives one:
// time=at:cocoa.
//
// An event has no time where its column holds nothing, 0, or the first moment of the
// year 1. A time that can't be read is another thing: [replay.Event].NoTime says why.
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
// see [replay.Follower]. A server that does not connect us within 30 seconds, or the
// connect_timeout of its connection string, or that says nothing for 5 minutes
// ([Options].ServerTimeout) is given up.
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

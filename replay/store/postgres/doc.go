// Package postgres reads stores in PostgreSQL and in engines with the same protocol.
//
// A connection string (postgres://… or libpq's keywords) opens a database, together with
// libpq's environment, password, service and TLS settings. One transaction, READ ONLY
// and REPEATABLE READ, lasts as long as the reader: the server refuses to write, and all
// answers are one consistent snapshot. Rows come through server-side cursors in batches
// of about a megabyte. The package uses only features that the engines share (Citus,
// YugabyteDB, CockroachDB from 22.2): plain SQL cursors, savepoints, and COLLATE "C" for
// text if the database has another order. Assigned positions that are not visible yet
// are gaps, see [replay.Follower]. The reader gives up if the server does not accept a
// connection within 30 seconds, or the connect_timeout of its connection string, or is
// silent for 5 minutes (ServerTimeout in the options).
package postgres

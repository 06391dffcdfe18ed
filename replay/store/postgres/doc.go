// Package postgres reads stores in PostgreSQL and in the engines that speak its
// protocol.
//
// A connection string (postgres://… or libpq's keywords) opens a database, with the
// environment, password, service and TLS settings of libpq. One transaction, READ
// ONLY and REPEATABLE READ, lasts as long as the reader: the server refuses to
// write, and all answers are one consistent cut. Rows come through server-side
// cursors in batches of about a megabyte. Only what the engines share is used
// (Citus, YugabyteDB, CockroachDB from 22.2 on): plain SQL cursors, savepoints, and
// text compared with COLLATE "C" where the database's own order is another.
// Positions that are handed out and not yet visible are gaps: see
// [replay.Follower]. A server that does not connect within 30 seconds, or the
// connect_timeout of its connection string, or that says nothing for 5 minutes
// (ServerTimeout of the options) is given up.
package postgres

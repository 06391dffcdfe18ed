// Package mysql reads stores in MySQL and MariaDB.
//
// A connection string (mysql://… or mariadb://…) opens a database. One transaction, READ
// ONLY and WITH CONSISTENT SNAPSHOT, lasts as long as the reader: the server refuses to
// write, and all answers are one snapshot, except of tables whose engine has none.
//
// A connection serves one statement at a time, and rows come in a stream. If another
// statement is asked for in between, the rest of the rows goes to a temporary file first.
// A second connection ends statements of which no more is wanted; the snapshot survives.
//
// The session understands standard SQL: "names" in double quotes, 'text' without
// escapes, and || that joins texts. Text is compared by byte whatever its collation, and
// looked up through its index as well. TIMESTAMP values are in UTC. DATETIME values have
// no zone and are in that of the options, which is UTC by default.
//
// The reader gives up if the server does not accept a connection within 30 seconds, or
// the connect_timeout of its connection string, or is silent for 5 minutes (ServerTimeout
// in the options).
package mysql

// Package table reads events from the tables of a database. A [Layout] is a description
// of where the events are. This package generates the SQL for a query and builds events
// from the rows. It does not depend on any engine or library.
//
// # Row histories
//
// Libraries and triggers record the versions of rows. A [RowHistory] describes where they
// are, and an engine's [RowProbe] makes a layout of it:
//
//   - A stream is a row, TABLE/KEY, with all columns of the key, escaped as by
//     [cell.JoinStream]. Its category is the table.
//   - An event is a version, of type insert, update or delete, or of the library's own.
//     Its payload is the row, or the columns that changed. [Layout].Rows says which, and
//     the merge fold sets the columns. A column that is set to the value that it has is
//     no change. NULL is a value. Where the payload is the row, a column that it no
//     longer has is removed.
//   - The payload of a delete is the row before it, if the library has that. The state
//     after it is an object without columns, which no invariant judges. A row that is
//     created again under the same key continues the same stream.
//   - The user is the actor, the transaction, revision or request is the correlation, and
//     the reason is metadata.
//   - Versions are counted in the stream, from 1. A library with one table of versions
//     has a sequence, which gives the order and the positions, and an append changes
//     neither ([RowHistory].Sequence). Versions with the numbers of transactions are in
//     the order of these, then of table and key, and positions count them. Where each
//     table has a sequence of its own, they are merged by time, then by table and sequence,
//     and positions count the result. A version that is stored later with an earlier time
//     moves those after it, as [Layout].ByClock says, unless a library's sequence is known
//     to order the versions of a row ([RowHistory].Sequenced).
//   - Rows without a key are left out and counted.
//   - A payload that a version does not record is taken from the next version or the live
//     row, and the name of a user from the table of users. An audit seals only what the
//     version itself records ([Layout].Own), because these rows change later.
//
// SQLite orders the versions in a temporary table, which has all but the payloads.
// PostgreSQL and MySQL order them in a subquery, because a read-only transaction has no
// temporary tables. All order all versions even for a question about one row, which
// takes a while if there are millions of them. Only where one table has a sequence, and its
// [RowSource].Columns are known, SQLite looks the row up. If the sequence is that of the
// table's rows, SQLite needs no temporary table for what begins with the first version of all
// or of a row, or asks for the last: [Layout].Straight reads the versions where they are,
// and counts them on the way. The same holds for one table in the order of times that has them
// in the order of its rows, which one pass over the times finds out: [Layout].InOrder.
//
// An event store is preferred to a row history in the same database, see [Matcher].
package table

// Package sqlite reads stores in SQLite files.
//
// # How a store stays unchanged
//
// Reading a SQLite database in the usual way can leave files next to it. Reading it as
// immutable can miss the newest events. This package distinguishes four cases:
//
//   - Without a -wal file, or with an empty one, a database in WAL mode is opened
//     as immutable. Nothing protects such a read against a writer, so the file's
//     size, time and header are compared at the end of each read. If they changed,
//     the read fails with [source.ErrMoved] and must be repeated.
//   - With a -wal file that has events and a -shm file, the database is opened
//     read-only with a read-only -shm. The events in the -wal are part of the
//     history, the writer's checkpoints wait, and no byte changes.
//   - With a -wal file and no -shm, or with the journal of a crashed writer, a
//     private copy is read, because SQLite would have to write first.
//   - Any other database is opened read-only with SQLite's shared lock, so writers
//     wait while it is read. A small database, or one for which the options set
//     Copy, is copied under the lock, and the copy is read.
//
// One read transaction lasts as long as the reader, so that all answers are about the
// same prefix of the history.
package sqlite

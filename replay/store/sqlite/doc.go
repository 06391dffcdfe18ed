// Package sqlite reads stores in SQLite files.
//
// # How a store is left as it was
//
// Reading a SQLite database the ordinary way can leave files beside it, and
// reading it the careless way can miss the newest events:
//
//   - Without a -wal file, or with an empty one, a database in WAL mode is opened
//     as immutable. Nothing guards such a read against a writer, so the file's
//     size, time and header are compared at the end of each read; where they
//     moved, the read ends with [source.ErrMoved] and is to be done again.
//   - With a -wal file that holds events and a -shm file beside it, the database
//     is opened read-only with a read-only -shm: the events in the -wal are part
//     of the history, the writer's checkpoints wait for us, and no byte changes.
//   - With a -wal file and no -shm, or where a crashed writer left a journal to
//     be rolled back, a private copy is read, because SQLite would have to write.
//   - Any other database is opened read-only, which holds SQLite's shared lock: a
//     writer has to wait as long as it is read. What is small, or is asked to be
//     (Copy in the options), is copied under the lock, and the copy is read.
//
// One read transaction lasts as long as the reader, so that all of its answers
// are about the same prefix of the history.
package sqlite

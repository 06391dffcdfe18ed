// Package materialize keeps read models: tables with a row for each state of a projection,
// in a database that is not the store.
//
// A [Target] is one table in one place. It changes as a whole: a [Change] is written aside,
// counted, and swapped in, so that a reader of the table sees all of it before or all of
// it after. The store is only read.
//
// # Going on
//
// A target holds its [Checkpoint] and, for each row, the [Head] that its stream had. The
// next run folds the streams whose heads differ, and leaves the other rows alone. It builds
// all rows again if anything else differs: the fold, the store, the chosen columns, the
// release of the program, or a stream that has lost events. The states of a projection over
// many streams are all folded again when any of its streams has a new event.
//
// An event that is changed in place, with the number and the time that it had, leaves no
// trace in a head: [Job.Rebuild] finds it.
package materialize

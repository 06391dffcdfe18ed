// Package browse is a full-screen view of a store: its streams, and the events, states
// and history of one of them.
//
// # The model
//
// A [Model] is a pure function of messages. It reads nothing: it returns commands, which
// ask questions of package ask in goroutines and return the answers as messages. A
// command carries the context of its purpose, so that a step ends the questions about the
// place that was left.
//
// # What it shows
//
// A panel shows what the verb of the same question prints, made by package render. The
// lists and the tree of the state are its own, from the same answers. Text from the store
// passes through [render.Safe]: it cannot move the cursor.
//
// # A store that changes
//
// Every question opens the store again, so nothing is locked while somebody thinks. The
// session remembers what the store was when it was read first. If it is something else
// now, the answer is dropped and the screen says so, unless the events of the stream up
// to the old head are proved to be the same: see [session].
//
// # Memory
//
// The model holds the page of a list that is on screen and its neighbors, a bounded
// number of states near the current event, and an outline of the timeline of bounded
// size.
package browse

// Package check tests invariants over every stream of a store, in one pass.
//
// [Run] reads the events once, in position order, and gives each stream to one of
// several workers, which folds it and tests the state after every event. A
// [Result] can be written down with [Result.Write], and a later check continues
// from it: only streams with new events are folded again. A store can also be
// checked in shards, whose results [Merge] joins.
package check

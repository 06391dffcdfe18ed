// Package inspect answers questions about timelines with structs.
//
// A question is a function: it takes a [replay.Subject] (a timeline and its fold) and
// returns the whole answer as data. It prints nothing and opens nothing. The same
// struct becomes text in cmd/render and JSON in package wire, so the two cannot drift
// apart.
//
// This package has the questions about single states and events: replay, show, diff,
// log, blame and trace. Those that test states are in check, bisect and whatif, and
// share its [Condition].
//
// A question costs one pass over its events and the memory of its answer: the changes
// of an event come from the state's journal, never from a comparison of whole states.
package inspect

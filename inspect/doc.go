// Package inspect asks questions of timelines and answers them with structs.
//
// A question is a function: it takes a [replay.Subject] (a timeline and the way it
// is folded) and returns an answer that holds everything there is to say, as data.
// It prints nothing and opens nothing. The same struct is turned into text and
// into JSON by cmd/render, so the two can't drift.
//
// This package has the questions about single states and events: replay, show,
// diff, log, blame and trace. Those that test states are in check, bisect and
// whatif, and share its [Condition].
//
// Questions cost one pass over the events they are about and the memory of what
// they answer: what an event changed comes from the state's journal, never from
// comparing whole states.
package inspect

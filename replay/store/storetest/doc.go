// Package storetest checks readers of event stores.
//
// [Run] is the conformance suite that every dialect passes: it asks a
// [replay.Reader] several hundred questions and compares each answer with the one
// that the expected history gives. What it is most afraid of is a reader that
// stops early and says nothing.
//
// [Memory] is a reader over a slice of events, for tests of what stands on
// readers. It is strict where the contract is: an event is overwritten when the
// next one is asked for, and what a query skips is blank.
package storetest

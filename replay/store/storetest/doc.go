// Package storetest checks readers of event stores.
//
// [Run] is the conformance suite for every dialect. It asks a [replay.Reader] several
// hundred questions and compares each answer with the expected history. Its main target
// is a reader that stops early without an error.
//
// [Memory] is a reader over a slice of events, for tests of code that uses readers. It
// enforces the contract: an event is overwritten when the next one is requested, and
// skipped fields are blank.
package storetest

// Package js makes reducers, predicates and upcasters of JavaScript:
//
//   - A [Script] is a projection file for KurrentDB ([Load]), a function of state
//     and event, or statements on a command line ([LoadInline]).
//   - A [Predicate] is an expression over a state and an event.
//   - An [Upcaster] turns events of older revisions into the present ones.
//
// # Scripts
//
// A script does not get the state: it gets objects that stand for the nodes of
// the tree, one for each, so that identity holds. What it reads is made when it is
// read; what it writes goes through the node into the journal. Objects of the
// script's own that it puts in the state stay its own until the end of the event,
// when JSON has its say and the nodes that stood for them are filled. Payloads are
// copied when they are put in the state, and can't be used after their event.
//
// What handlers are mostly written in does without the engine: package quick runs
// it on the tree itself, and hands an event over as soon as anything is out of the
// ordinary. A script that may keep something outside of its state is the engine's
// alone.
//
// # Projections
//
// A projection is run as KurrentDB's server runs it, by its engine V2, whose state
// is JSON after every event: of a value its own enumerable properties are stored,
// whatever it is; types that begin with a dollar sign reach no $any; an event that
// is JSON without data reaches no handler. A plain function has JavaScript's own
// JSON instead: toJSON is called, a Date is its text.
//
// A clock that a script reads as it is loaded stands at the first event's time, for
// which the script is loaded once more.
//
// Partitions that share state are one fold, see [Script.AllPartitions].
//
// # Numbers, and what is bounded
//
// A number that a double can't hold is an object that carries it: stored, compared
// with itself, used as a key or as text it is exact; arithmetic takes the nearest
// double, and that is a warning. Decimal(x) calculates exactly, and what a fold puts
// into the state as a Decimal it reads as one again: the tree marks it, and its JSON is
// the number alone. To a test it is a number. A number that is
// only carried keeps its text (0.10 stays 0.10). What a script puts in the state is
// told by its name and value: an integer that was read as 8.00 stays so under the
// same name, and elsewhere is the script's own 8.
//
// A fold has to be repeatable: the clock is the event's time, in UTC; random
// numbers come from the event; there are no files, no network, no code from
// strings. What a projection would emit or link is collected as an [replay.Effect] and
// never done. Time and memory are bounded, see [Limits].
//
// The engine can be stopped between two steps of a script, and not within one
// built-in function. So these are bounded before they begin (bounds.js), as are the
// operators that make large BigInts. What is left, such as built-in functions that
// call each other without end, or a large array within an object that is written as
// JSON, is stuck. Its host decides what happens: see Stuck in [Limits], [Within],
// and Note, which tells which script took a process down.
//
// Several scripts may run at once in one process, each in its own engine. The
// runtime cannot tell which of them allocates, so a script is charged only with
// what the heap grows by while it runs alone; see Together in [Limits].
//
// Arrays of the state differ from JavaScript's in this: they have no holes (what
// is skipped or deleted reads as undefined), no properties beside their elements,
// and a length that is set to something odd is not an error.
package js

import ()

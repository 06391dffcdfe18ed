// Package js runs JavaScript as reducers, predicates and upcasters:
//
//   - A [Script] is a KurrentDB projection file ([Load]), a function of state and
//     event, or statements from the command line ([LoadInline]).
//   - A [Predicate] is an expression over a state and an event.
//   - An [Upcaster] converts events of older schema revisions to the current one.
//
// # Scripts
//
// A script sees wrappers, not the state itself: one object for each node of the
// tree, so that === works. Properties are converted when they are read; writes go
// through the node into the journal. An object that the script creates and puts in
// the state remains the script's until the end of the event. It is then converted
// as JSON.stringify would and fills the node that stood for it. Payloads are copied
// when they are put in the state and cannot be used after their event.
//
// Most handlers run without the engine: package quick runs them directly on the
// tree and leaves an event to the engine when it meets anything unusual. A script
// that may keep data outside its state always runs in the engine.
//
// # Projections
//
// A projection runs as in engine V2 of KurrentDB, whose state is JSON after every
// event. A value is stored as its own enumerable properties, whatever its class.
// Types that begin with a dollar sign do not reach $any. A JSON event without data
// reaches no handler. A plain function gets JavaScript's own JSON instead: toJSON
// is called, and a Date becomes text.
//
// If a script reads the clock while it is loaded, the clock shows the time of the
// first event, and the script is loaded again for it.
//
// Partitions that share state are a single fold, see [Script.AllPartitions].
//
// # Numbers and limits
//
// A number that a double cannot represent becomes an object that carries it. It is
// exact when stored, compared with itself, or used as a key or text; arithmetic
// uses the nearest double and adds a warning. Decimal(x) calculates exactly. The
// state stores it as a number, and numbers have the methods of Decimals, which take
// them as they are written: s.total.plus(x) is exact, s.total === 0 compares. A sum
// by + or - that joins two decimal texts, or that a double rounds, adds a warning once
// for each place in the script, with the exact form (sums.go). A number that a script only copies keeps its text (0.10 stays 0.10). The text is
// looked up by property name and value: an integer read as 8.00 is stored as 8.00
// under the same name, and as 8 under another.
//
// # Strings
//
// Half of a surrogate pair, as in "\ud83d", is kept in values, and two halves that a
// script joins are their character. The runtime hands over the names of members as
// UTF-8, where a half is U+FFFD: a script that reads or writes such a name in the
// engine gets an exception, unless no half can be meant. Package quick has the names.
//
// # Repeatability
//
// A fold must be repeatable. The clock is the event's time, in UTC; random numbers
// are derived from the event; there are no files, no network and no code from
// strings. What a projection emits or links is collected as a [replay.Effect] and
// never done. Time and memory are bounded, see [Limits].
//
// The engine can stop a script between two steps, but not inside a built-in
// function. bounds.js therefore limits the arguments of built-in functions, and of
// the operators that make large BigInts. A script can still get stuck, for example
// in built-in functions that call each other endlessly, or in a large array inside
// an object that is written as JSON. The host decides what happens: see Stuck in
// [Limits], [Within], and Note, which records the script that took a process down.
//
// Several scripts may run at once in one process, each in its own engine. The
// runtime cannot tell which of them allocates, so a script is charged only for heap
// growth while it runs alone; see Together in [Limits].
//
// Arrays of the state differ from JavaScript's: they have no holes (skipped or
// deleted elements read as undefined), no properties except their elements, and
// ignore an invalid length instead of throwing.
package js

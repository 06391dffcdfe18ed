// Package query answers SQL over the events, streams and states of a store. The SQL is
// SQLite's; the tables are virtual, and nothing can be written.
//
// # Tables
//
// A store has the tables events and streams. Each [Projection] NAME has three more:
//
//	NAME          a row for each stream: its state at the moment
//	NAME_history  a row for each event: the state after it, and until when that state held
//	NAME_changes  a row for each change that an event made to the state
//
// States have a column for each member, named by it, and state with the whole as JSON. A
// member whose name is taken gets a number, such as version_2. A projection with
// transformBy or filterBy has result as well: the state is the one before these.
//
// # The moment
//
// All tables show one moment of the store, [Question].At. A table that is called as a
// function has its own: cart('2026-03-01').
//
// # Values
//
// Integers are INTEGER. Other numbers are REAL if a double gives back the number that
// was written, and text otherwise, so that no digit is lost. sum, total and avg add in
// decimal arithmetic. Times are text in UTC with nine digits of a second, so that their
// order as text is their order in time. Booleans are 1 and 0, null and an absent member
// are NULL, arrays and objects are JSON.
package query

// Package store opens event stores and reads them, without ever writing to one.
//
// [Open] looks at what a path holds, not at its name, and returns a
// [replay.Reader]. What opens one kind of store is a source; each has a package
// here, and this one lists them. Where no dialect of a source fits, an
// [UnknownDialectError] says what was tried, and proposes a mapping of columns
// ([Options].Table and Map) that would read the store anyway.
package store

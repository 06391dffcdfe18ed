// Package store opens event stores and reads them. It never writes to a store.
//
// [Open] detects a store by its contents, not its name, and returns a [replay.Reader].
// Each kind of store has a source in its own package, and this package lists the
// sources. If no dialect of a source matches, an [UnknownDialectError] lists the
// attempts and proposes a mapping of columns ([Options].Table and Map) that may read the
// store anyway.
package store

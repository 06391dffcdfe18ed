// Package cell reads one stored value: a time, an id, a payload, a member of a JSON
// object, whatever engine or file it comes from.
//
// # Times
//
// All stores have their times read by [Times]. Texts are recognized by their form:
// ISO 8601 and what SQL, Java, Ruby and Go make of it, ISO's basic form, RFC 2822,
// JavaScript's Date. One without a zone is in the zone of the options.
//
// Numbers have the unit of their column: the one in which its newest time is from
// 2001-09-09 to 2099 and its oldest not before 1971. For a file that range is exact;
// for a table it is that of the rows at both ends, and a row that is no such time in
// that unit can't be read. No number is read by a unit of its own. Where no unit
// fits, or Cocoa's might be meant, none is read until the mapping gives one:
// time=at:cocoa.
//
// An event has no time where its column holds nothing, 0, or the first moment of the
// year 1. A time that can't be read is another thing: [replay.Event].NoTime says why.
//
// # Payloads
//
// The form of a payload is recognized row by row, by its first bytes: JSON, JSON
// within a string, SQLite's JSONB, any of these compressed by zlib or gzip. What
// can't be one of them has [replay.Event.Opaque]; what begins like an object or an
// array is checked when it is parsed, by [replay.Event.Body].
package cell

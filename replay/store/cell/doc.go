// Package cell decodes one stored value, such as a time, an id, a payload or a member
// of a JSON object, independent of the engine or file it comes from.
//
// # Times
//
// [Times] reads the times of all stores. It recognizes texts by their form: ISO 8601
// and its variants in SQL, Java, Ruby and Go, ISO's basic form, RFC 2822 and
// JavaScript's Date. A text without a zone is in the zone of the options.
//
// Numbers have the unit of their column: the unit in which the newest time is between
// 2001-09-09 and 2099 and the oldest is not before 1971. For a file, that range is
// exact. For a table, it is the range of the rows at both ends, and a number outside
// the plausible times of that unit is unreadable. Rows never have different units.
// Where no unit fits, or where Cocoa's might be meant, no number is read until the
// mapping gives a unit: time=at:cocoa.
//
// An event has no time if its column is empty, 0, or the first moment of the year 1.
// For an unreadable time, [replay.Event].NoTime gives the reason.
//
// # Payloads
//
// The form of a payload is detected for each row by its first bytes: JSON, JSON within
// a string, SQLite's JSONB, or any of these compressed by zlib or gzip. A payload in no
// known form has [replay.Event.Opaque]. A payload that begins like an object or an
// array is validated when it is parsed, by [replay.Event.Body].
package cell

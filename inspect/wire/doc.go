// Package wire is asof's answers as JSON: the contract that programs rely on.
//
// Each answer has a struct, whose json tags are the contract, and a constructor
// from what the engine answers. A front end that takes a schema from a type, or
// marshals with encoding/json, uses the structs as they are. [Writer] writes them
// in asof's own spelling: one value a line, keys sorted, times in RFC 3339 UTC,
// numbers as they are stored, nothing that acts on a terminal. A list that may be
// longer than memory allows is written as it is made.
//
// A pointer or [Value] is null where the store has nothing to say. A slice is never
// nil unless the contract says null.
//
// # What the contract promises
//
// Within a major version of asof
//
//   - a field keeps its name, its type and its meaning;
//   - a field that can be null says so from its first version on;
//   - a field with omitempty or omitzero is the only kind that may be missing;
//   - an answer may gain fields, and an enumeration may gain values: a program
//     ignores fields that it does not know;
//   - the order of keys, the spelling of strings and the white space of a line are
//     not promised, although they are kept.
//
// Anything else is a new major version. The table in the README is generated from
// [Contract]; a test fails when the two differ.
package wire

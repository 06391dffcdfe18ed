// Package wire defines asof's answers as JSON, the contract that programs rely on.
//
// Each answer has a struct, whose json tags are the contract, and a constructor that
// converts the answer of the engine. A front end that derives a schema from a type, or
// marshals with encoding/json, uses the structs directly. [Writer] writes them in
// asof's format: one value per line, sorted keys, times in RFC 3339 UTC, numbers as
// stored, and no characters that control a terminal. A list that may exceed memory is
// streamed.
//
// A pointer or a [Value] is null if the store does not have the value. A slice is never
// nil unless the contract allows null.
//
// # What the contract promises
//
// Within a major version of asof
//
//   - a field keeps its name, its type and its meaning;
//   - a field that can be null is documented as such from its first version on;
//   - only a field with omitempty or omitzero may be missing;
//   - an answer may gain fields, and an enumeration may gain values: programs must
//     ignore unknown fields;
//   - the order of keys, the escapes in strings and the white space are stable, but not
//     promised.
//
// Any other change needs a new major version. The table in the README is generated
// from [Contract]; a test fails if the two differ.
package wire

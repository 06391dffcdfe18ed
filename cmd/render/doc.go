// Package render turns an answer into text for people; asof/inspect/wire turns the same
// answer into JSON.
//
// A [Printer] writes to one stream. It has a method for each kind of answer. The caller
// passes the terminal's width and whether to use color; a Printer never detects either.
// [Printer.Flush] returns the first write error.
//
// Three rules hold for all text:
//
//   - Text from a store or a command line is escaped before it reaches the terminal, see
//     [Safe]. The type system enforces this: all printed text is a constant or has type
//     safe.
//   - Color never carries meaning alone: + - ~ and the brackets around changed words are
//     always printed.
//   - Shortened text says how much is missing. The state printed by replay is never
//     shortened.
//
// This package has its own table layout instead of a library's: a log of a million events
// is printed while it is read, the last column must not be padded, and the width of a
// character must not depend on the locale.
package render

// Package render turns an answer into text for people; asof/inspect/wire turns the same
// answer into JSON.
//
// A [Printer] writes to one stream. It has a method for each kind of answer, and
// it is told, never finds out, whether there is a terminal, how wide it is and
// whether to colour. The first error of a write is kept and returned by
// [Printer.Flush].
//
// Three rules hold for all text:
//
//   - Nothing that comes from a store or a command line reaches the terminal as
//     it is: see [Safe]. Inside the package this is a matter of types: what is
//     printed is a constant or has the type safe.
//   - Colour never carries meaning alone: + - ~ and the brackets around changed
//     words always stand.
//   - What is cut says how much was cut. The state that replay prints is never
//     cut.
//
// Text is laid out by a table of this package and not by a library: a log of a
// million events has to be printed as it is read, the last column must not be
// padded, and the width of a character must not depend on the locale.
package render

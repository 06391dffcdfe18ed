// Package exec lets an external command fold: a [Reducer] starts it, asks it over
// its standard input and reads answers from its standard output, one JSON value a
// line.
package exec

// Package exec folds with an external command. A [Reducer] starts the command,
// writes questions to its standard input and reads answers from its standard
// output, one JSON object per line.
package exec

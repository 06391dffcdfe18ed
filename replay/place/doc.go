// Package place says where a store is: a path, standard input or a connection
// string. A [Location] is parsed once, and every way to print it leaves its
// secrets out; only [Location.Reveal] gives them, to whoever connects.
//
// Where a text is ambiguous, more of it is hidden rather than less: a password of
// a URL ends at the last @, and of the parameters only those are shown that are
// known to hold no secret.
package place

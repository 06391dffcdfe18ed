// Package place parses where a store is: a path, standard input or a connection
// string. A [Location] never prints its secrets; only [Location.Reveal] returns
// them, to the code that connects.
//
// If a text is ambiguous, more of it is hidden rather than less: the password in a
// URL ends at the last @, and only parameters known to hold no secret are shown.
package place

// Package source contains what the kinds of stores share before they read events: the
// options to open a store, the fields of a mapping, the detection of files by their
// first bytes, the identity of their contents, and the error of a store that no dialect
// fits.
package source

// Package rowdoc works out the row after a version from the documents that a library
// records: the row before it, what changed, and the live row.
package rowdoc

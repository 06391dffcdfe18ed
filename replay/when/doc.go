// Package when parses dates, times and zones as people write them. It accepts all of
// a text or none of it. An ambiguous text is an error that says what to write.
package when

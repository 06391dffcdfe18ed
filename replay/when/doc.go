// Package when reads dates, times and zones as people write them: all of a text or
// none of it. A text with two meanings is refused, and the error says what to write.
package when

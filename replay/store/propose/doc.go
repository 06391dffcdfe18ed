// Package propose works out a mapping for a table that nobody described, from the names
// of its columns, its unique indexes and a sample of its rows. It reads no store: an
// engine hands it the sample, and tries what it proposes before it is shown.
package propose

// Package live compares a history of rows with the rows as they are now.
//
// A library or a trigger writes a history of rows next to the rows. A statement that
// bypasses it changes a row and leaves no version. [Run] finds such rows: it reads the
// history and the live rows in the order of their streams, both from one snapshot, and
// compares the last recorded state of each row with the row.
//
// Only what both sides have is compared. A column that only one side has, and a table
// without a live one, are part of the answer.
package live

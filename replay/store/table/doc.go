// Package table reads events from the tables of a database: a [Layout] says as data
// where the events are, and this package writes the SQL for a question about them
// and makes events of the rows. It knows no engine and no library.
package table

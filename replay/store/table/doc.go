// Package table reads events from the tables of a database. A [Layout] is a description
// of where the events are. This package generates the SQL for a query and builds events
// from the rows. It does not depend on any engine or library.
package table

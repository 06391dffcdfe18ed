// Package testdb makes the databases that tests of stores read: SQLite files, and
// databases of their own on a PostgreSQL server.
package testdb

// Package testdb creates the databases that tests of stores read: SQLite files, and
// separate databases on a PostgreSQL or a MariaDB server.
package testdb

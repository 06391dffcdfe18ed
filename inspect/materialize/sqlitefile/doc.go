// Package sqlitefile keeps read models in a SQLite file.
//
// A change is made to a copy of the file, which then takes its name: the file is whole at
// every moment, and other tables, views and indexes in it stay. Next to the read models,
// the file has two tables:
//
//	asof_checkpoint  a row for each read model: what its rows are, and as of which position
//	asof_streams     a row for each row of a read model: how far its stream was
//
// Values are those that SQL over the store gives: integers, reals where they are exact,
// and texts. The columns have no types, so that SQLite converts none.
package sqlitefile

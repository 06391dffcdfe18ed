// Package postgres keeps read models in PostgreSQL.
//
// A change is one transaction. Its rows are copied to a temporary table and counted; then
// they replace those of the table, in the same transaction. Readers see the old rows until
// it is over, and the server undoes it if the connection ends before.
//
// A table whose columns stay the same keeps its views, indexes and grants. Otherwise it is
// dropped and made again, which fails if a view depends on it.
//
// The types of columns follow the values: boolean, bigint, numeric, text, timestamptz, and
// jsonb for arrays, objects and values of several kinds. Next to the read models, their
// schema has the tables asof_checkpoint and asof_streams, see package sqlitefile.
package postgres

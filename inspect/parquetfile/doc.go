// Package parquetfile writes rows as Parquet files.
//
// A Parquet column has one type, and rows say what it is only when all of them are known.
// [Rows] therefore keeps them in a temporary file, and [Rows.WriteTo] writes them with the
// narrowest type that holds every value of a column as it is:
//
//	BOOLEAN  booleans, and columns without any value, which readers of several files widen
//	INT64    integers
//	DOUBLE   numbers that a double gives back as written
//	STRING   texts; other numbers, as text; values of several kinds
//	BYTES    binary values, and texts that are not UTF-8; other values with them, as text.
//	         With [Rows.Quoted], a text with half of a surrogate pair is JSON in a STRING
//
// Every column may be NULL. The columns are in the order in which they are given.
package parquetfile

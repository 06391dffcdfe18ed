// Package format writes and reads the Parquet files of asof: flat columns of five types,
// each of which may be NULL.
//
// A [Writer] collects values in pages of a quarter of a mebibyte, compresses each when it is
// full, and writes the pages of a row group together. Booleans and numbers are stored plainly,
// texts with their lengths before them, which compresses better. A chunk says how many NULLs
// it has and, if they are short, its least and greatest values; so does the index of its
// pages. Other readers skip what they need not read by them.
//
// [Open] reads such files, also those that were written with the library that asof used
// before. It takes no other Parquet files, and believes nothing that a file says about its
// sizes until the bytes are there.
//
// A library for all of Parquet would add seven megabytes of codecs and schemas to the
// program, and start with it each time.
package format

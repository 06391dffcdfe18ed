// Package folder is the target of read models in a folder of Parquet files, for engines that
// read many files as one table.
//
// Each shard has a folder of its own in it, such as 2-of-4; the whole is 1-of-1. It has the
// files states.parquet, history.parquet and changes.parquet, with the columns of the tables
// NAME, NAME_history and NAME_changes, and manifest.json, which says what they are. The
// columns of history and changes that hold any value, from and to, are JSON.
//
// A shard is written aside and replaced as a whole. manifest.json beside the shards is
// there while all of them are as of the same moment.
//
// # One table
//
// All shards together are one table: their files have the same columns, those of one run over
// all streams. A shard is first written with what its own states need, and its manifest says
// where it found each member. The run that finds all shards there, as of the same moment, rewrites
// those whose columns are not those of all ([Target] does so before it writes the
// manifest of all). The members of a row are then read from its state, which is whole.
package folder

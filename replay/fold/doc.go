// Package fold makes the reducers that turn events into state. How they do that
// is the user's knowledge, so it comes from the user, in the language it is in:
//
//   - [Merge] needs nothing: each payload is a merge patch.
//   - Package js: JavaScript, as a projection file for KurrentDB, a function of
//     state and event, or statements on a command line.
//   - Package exec: an external command, asked over lines of JSON.
//
// Package project reads the folds that asof.toml describes.
package fold

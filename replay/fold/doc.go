// Package fold says how events are folded. Only the user knows that, so the user
// supplies the fold, in one of three forms:
//
//   - [Merge] needs no code: each payload is a merge patch.
//   - Package js runs JavaScript: a KurrentDB projection file, a function of state
//     and event, or statements from the command line.
//   - Package exec runs an external command that exchanges lines of JSON.
//
// Package project reads the folds that asof.toml describes.
package fold

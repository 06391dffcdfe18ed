// Package scaffold writes a first project for a store: an asof.toml, a projection for
// each category and the invariants that history supports.
//
//   - [Look] reads every event once and looks into some payloads of each type. The
//     answer is a [Survey].
//   - [New] writes a [Draft] from a survey: what the fields and the names of the types
//     suggest. [Draft.Script] is the projection of a category.
//   - The caller folds the store by the draft. It takes back what does not run, with
//     [Draft.Simplify], and the invariants that do not hold, with [Draft.Drop].
//   - [Draft.Files] is the project.
//
// Payloads are quoted in comments. They are the store's own data, and nothing in them
// ends a comment: they are written as JSON on one line.
package scaffold

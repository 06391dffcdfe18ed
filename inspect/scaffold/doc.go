// Package scaffold writes a first project for a store: an asof.toml, a projection for
// each category and invariants that hold in its history.
//
//   - [Look] reads every event once and inspects some payloads of each type. The
//     answer is a [Survey].
//   - [New] writes a [Draft] from a survey, based on field and type names.
//     [Draft.Script] is the projection of a category.
//   - The caller folds the store with the draft. [Draft.Simplify] replaces handlers
//     that fail, and [Draft.Drop] removes invariants that do not hold.
//   - [Draft.Files] is the project.
//
// Payloads are quoted in comments. They are the store's own data, and cannot end a
// comment: they are written as JSON on one line.
package scaffold

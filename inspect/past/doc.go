// Package past reads a history backwards, for questions about what set a value last.
//
// Events can only be folded forwards. So the history is divided into runs of events. Each
// run has a state at its beginning and knows which paths its events may have changed; only a
// run that may have set what is looked for is folded again, with the changes of each event.
//
// Kept states (see [replay.Snapshots]) divide the history already and say what was touched
// between them: a search costs what lies between the end and its answer, and of that only the
// runs that matter. Without them, or before the first of them, the history is folded once.
//
// That two states have the same value does not mean that no event set it between them, so
// states are never compared.
package past

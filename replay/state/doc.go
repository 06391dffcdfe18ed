// Package state is the state that events are folded into: a JSON tree with a
// journal.
//
// A [State] is edited in place. The first write to a container during an event
// saves what it held; [State.Commit] compares, at the end of the event, each
// container that was touched with what it held before: containers by identity,
// scalars by value. What comes out is exactly what the event changed, as a list
// of [Change], whatever was done in between: an array spliced, sorted or
// filtered into a new one, a subtree moved to another place. The cost is that of
// what was touched, not of what is there.
//
// Values know nothing of each other's places. A container that is put in two
// places is copied at the end of the event, so that a state is always a tree; a
// container that holds itself is a [CycleError].
//
// Numbers are kept as they were written (9007199254740993, 0.10) and compared as
// numbers (1.0 = 1).
package state

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
// An array is compared by what was done to it, whatever its values are:
//
//   - An element that was set by its index is a change of that place, also where
//     another place holds an equal value now, or the same container.
//   - What [Node.Splice], [Node.Append] and [Node.Truncate] put in is added, what
//     they take out is removed. Where both are in one place they are paired off in
//     order; there alone containers are known by their keys or their identity.
//   - [Node.Reorder] moves elements. The longest row of them that is in the old
//     order stays, the others are removed and added.
//   - Only a new array is aligned with the old one by values: by the identity of
//     containers and equal scalars, then by keys, then by content. An array that was
//     emptied and filled anew in one event is a new array.
//
// So an element that is taken out and put in again with an equal value is no change
// in the same place, as a member that is set to what it was, and is removed and added
// in another.
//
// Values know nothing of each other's places. A container that is put in two
// places is copied at the end of the event, so that a state is always a tree; a
// container that holds itself is a [CycleError].
//
// A tree takes many times the memory of its text, so that both are bounded by what
// they take: a payload by [MaxTree], a state by [MaxState].
//
// Numbers are kept as they were written (9007199254740993, 0.10) and compared as
// numbers (1.0 = 1). One that was calculated as a decimal is marked, see [DecimalValue].
package state

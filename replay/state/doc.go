// Package state implements the state that events are folded into: a JSON tree with
// a journal.
//
// A [State] is edited in place. The first write to a container during an event saves
// its old content. At the end of the event, [State.Commit] compares each touched
// container with its old content: containers by identity, scalars by value. The
// result is exactly what the event changed, as a list of [Change], even if it
// spliced, sorted or filtered an array into a new one, or moved a subtree. The cost
// depends on what was touched, not on the size of the state.
//
// An array is compared by the operations on it, not by its values:
//
//   - Setting an element by index is a change at that index, even if another index
//     now has an equal value or the same container.
//   - [Node.Splice], [Node.Append] and [Node.Truncate] add and remove elements. At the
//     same index, removed and added elements are paired in order; only there are
//     containers matched by their keys or identity.
//   - [Node.Reorder] moves elements. The longest run in the old order stays; the
//     others are removed and added.
//   - Only a new array is aligned with the old one by values: by identity of
//     containers and equal scalars, then by keys, then by content. An array that was
//     emptied and refilled in one event counts as new.
//
// Removing an element and adding an equal value at the same index is therefore not a
// change, like setting a member to its old value. At another index it is a removal
// and an addition.
//
// A container that is put in two places is copied at the end of the event, so a
// state is always a tree. A container that contains itself is a [CycleError].
//
// A tree takes many times the memory of its text, so memory is limited: [MaxTree] for
// a payload, [MaxState] for a state.
//
// Numbers keep their text (9007199254740993, 0.10) and are compared as numbers
// (1.0 = 1).
package state

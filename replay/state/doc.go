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
//
// # Paths with keys
//
// A [Path] names an element of an array by its index or by a key, one of its members:
// /items[sku=a]/qty. A [Labeler] gives a change such a path, its label. What it promises:
//
//   - A label names one element in the state that the change speaks of: the state before
//     the event for a removal, after it otherwise. Read as a path there, it gives the value
//     of the change. Where that is not sure, there is no label, and the path is shown.
//   - A member is a key of an array if every element is an object that has it, as a string
//     or number of at most 80 bytes, each with another value. It must be so before the
//     event and after it, unless the array was empty. Of several keys the order is:
//     [DiffOptions.ArrayKeys], [DefaultArrayKeys], names that end as the name of an id
//     does, and name. An element without a key keeps its index.
//   - A label depends on the key's value alone: a string that reads as a number, true, false
//     or null is quoted, and so is one with brackets, outer blanks or what is not printed as
//     it is. In quotes, the escapes are those of JSON.
//   - As a path, a key may be any member. Without quotes a number names elements with that
//     number, or else with that text. [Path.Find] refuses what names no element or several.
//     A member of an object that is called items[sku=a] comes before a key.
//   - [Path.Touched] follows a key through a history: at each event it names the elements
//     that have the key then, and a change of the key itself counts.
//
// Folding does not pay for labels. A labeler has its own copy of the state, makes the
// changes on it and counts the values of keys as it does, so that an event costs what it
// changed even in a large array. Only what is shown is labeled.
package state

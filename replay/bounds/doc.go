// Package bounds keeps bounds of what some states have in them: of each member of their
// objects, the kinds of its values, the lowest and the highest number, the distinct texts if
// they are few, and the lengths of arrays.
//
// Bounds may be wider than the states, but never narrower: what holds of all values within
// them holds of each of the states. They say nothing of the elements of arrays, nor of objects
// that are deep, have many members, or come after many other parts. A [Tracker] follows the
// states of a fold, at a cost that depends on what each event changes.
package bounds

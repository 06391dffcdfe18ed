// Package whatif folds histories that never happened.
//
// [Run] simulates the state with events dropped, changed, inserted or swapped. [Shrink]
// drops events until the rest is minimal for a bad state. Both are simulations: nothing
// is written to a store.
package whatif

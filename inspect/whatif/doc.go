// Package whatif folds histories that never happened.
//
// [Run] answers what a state would be if events were dropped, changed, inserted or
// swapped. [Shrink] drops events until only those are left that a bad state needs.
// Both are simulations: no store holds what they fold.
package whatif

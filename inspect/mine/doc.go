// Package mine proposes invariants that a store's history suggests, in Daikon's sense.
//
// A [Survey] watches a fold of every stream and keeps a few counters for each path of the
// state and each pair of event types: how many streams tried a property, and how many broke
// it. [Survey.Propose] makes rules of them. A rule about the state is an expression that a
// check can evaluate; the caller tests it with a check, and the rules about order with a
// [Test], before it shows them.
//
// # Confidence
//
// A rule that many streams would break may hold in the few streams there are. [Luck] is the
// chance that at most this many of the streams break a rule that, in truth, every tenth
// stream breaks, times the number of rules that were tried. A rule of a set or a bound that
// was itself read from the streams pays for each value it was read from. Rules by luck over
// [MaxLuck] are left out and counted.
//
// # What is left out
//
// What always holds says nothing: members of every state, sets of one number, rules that
// follow from others. A rule that more than one stream in [mostBroken] breaks is not a rule.
package mine

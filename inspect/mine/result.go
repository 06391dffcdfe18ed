package mine

import "asof/replay"

// A Result is the rules of each projection.
type Result struct {
	At      replay.Moment // of the whole store
	Untaken int64         // streams that no target has
	Targets []Target
}

// A Target is the rules of the streams of one projection.
type Target struct {
	Projection string // empty: streams as they are folded anyway
	Fold       string // without a projection: as asof.toml names it; empty: it cannot
	Rules      []Rule // that hold, the most telling first
	Streams    int64
	Events     int64
	Tried      int64 // rules that could have held
	More       int   // rules that may hold, and were not tested, because there are too many
	Cut        int64 // paths and types that were left out
	Failed     int   // streams that could not be folded or read to their end
}

// Settle recomputes the luck of tested rules, and drops those that do not hold after all.
func (t *Target) Settle(rules []Rule) {
	for _, r := range rules {
		r.Luck = Luck(r.Streams, r.Broken, r.read, t.Tried)
		if r.Streams > 0 && r.Broken*mostBroken <= r.Streams && r.Luck <= MaxLuck {
			t.Rules = append(t.Rules, r)
		}
	}
}

package browse

import (
	"testing"

	"asof/replay"
	"asof/replay/state"
)

// TestSavesStaySpread: after many looks at one end of a long timeline, there are still
// states to start from near every part of it, and no more than are allowed.
func TestSavesStaySpread(t *testing.T) {
	k := &saves{}
	save := func(v replay.Version) {
		k.add(replay.SavedState{Checkpoint: replay.Checkpoint{Version: v, State: state.NullValue()}, Begun: true})
	}
	const events = 1_000_000
	for v := replay.Version(saveEvery); v <= events; v += replay.Version(k.spacing()) {
		save(v)
	}
	for v := replay.Version(1); v <= 5000; v++ {
		save(events - v)
		if v%100 == 0 {
			save(v)
		}
	}
	if len(k.all) > maxSaves {
		t.Errorf("%d states are saved", len(k.all))
	}
	for v := replay.Version(0); v < events; v += events / 100 {
		near, _ := k.nearest(v)
		if v-near.Version > 4*saveEvery {
			t.Errorf("the state nearest to %d is at %d", v, near.Version)
		}
	}
	nodes := 0
	for _, one := range k.all {
		nodes += one.nodes
	}
	if nodes != k.nodes {
		t.Errorf("%d nodes are counted, there are %d", k.nodes, nodes)
	}
}

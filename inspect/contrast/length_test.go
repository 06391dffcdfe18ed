package contrast_test

import (
	"testing"

	"asof/inspect/contrast"
	"asof/replay"
)

// TestLongerHistories claims nothing where only the number of events makes bad.
func TestLongerHistories(t *testing.T) {
	claimed, all := 0, 5*rounds(1)
	for seed := range all {
		f := newFleet(uint64(2000+seed), 400, 0, nil)
		last := map[replay.StreamID]replay.Version{}
		for _, e := range f.events {
			if last[e.Stream] = e.Version; f.bad[e.Stream] == 0 && f.rng.Float64() < 0.0006*float64(e.Version)*float64(e.Version)/4 {
				f.bad[e.Stream] = e.Version
			}
		}
		if x := f.study(t, contrast.Options{}, 2); len(x.Findings) > 0 {
			claimed++
			t.Logf("seed %d: %s, %d of %d, %d of %d", seed, x.Findings[0].Text(), x.Findings[0].Bad, x.Bad, x.Findings[0].Good, x.Good)
		}
	}
	t.Logf("claimed in %d of %d", claimed, all)
	if claimed*100 > 5*all+100 { // one is luck
		t.Errorf("claimed in %d of %d", claimed, all)
	}
}

package cmd

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// gcMost is how far the heap may grow, in percent of what is live, before
	// garbage is collected: a fold leaves much that is gone at once.
	gcMost, gcLeast = 300, 50
	// gcSlack is how far in bytes, where there is more than that: so the program
	// takes little more than the states it holds.
	gcSlack = 32 << 20
)

// tuneGC makes collections rare while the heap is small, and as usual or more
// frequent when it is not.
func tuneGC() {
	debug.SetGCPercent(gcMost)
	retuneAfterGC(gcMost)
}

func retuneAfterGC(now int) {
	type sentinel struct{ _ [64]byte } // large enough to be an object of its own
	runtime.AddCleanup(&sentinel{}, func(now int) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		want := gcMost
		if n := live[0].Value.Uint64(); n > 0 {
			want = int(min(gcMost, max(gcLeast, gcSlack*100/n)))
		}
		if want < now*9/10 || want > now*11/10 { // setting it stops the program for a moment
			debug.SetGCPercent(want)
			now = want
		}
		retuneAfterGC(now)
	}, now)
}

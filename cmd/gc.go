package cmd

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// gcMax is how far the heap may grow before a collection, in percent of the live
	// heap. A fold produces much short-lived garbage.
	gcMax, gcMin = 300, 50
	// gcSlack is the same limit in bytes for a large heap, which keeps memory use
	// close to the size of the states.
	gcSlack = 20 << 20
)

// tuneGC makes collections rare while the heap is small, and normal or more frequent
// when it is large.
//
// A fixed percentage and [debug.SetMemoryLimit] do not replace it. A replay of 300,000
// events into one large state takes 286 MB and 7.7 s of CPU. With a limit of 128 MiB it
// takes 239 MB and 13.0 s, because a live heap near the limit is collected again and
// again; without a limit it takes 368 MB.
func tuneGC() {
	debug.SetGCPercent(gcMax)
	retuneAfterGC(gcMax)
}

func retuneAfterGC(now int) {
	type sentinel struct{ _ [64]byte } // too large for the tiny allocator, which shares objects
	runtime.AddCleanup(&sentinel{}, func(now int) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		want := gcMax
		if n := live[0].Value.Uint64(); n > 0 {
			want = int(min(gcMax, max(gcMin, gcSlack*100/n)))
		}
		if want < now*9/10 || want > now*11/10 { // setting it briefly stops the world
			debug.SetGCPercent(want)
			now = want
		}
		retuneAfterGC(now)
	}, now)
}

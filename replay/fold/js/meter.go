package js

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

// The runtime measures the heap of the whole process and does not record who
// allocates. A script is therefore charged for growth only while no other script
// runs. Growth while several scripts run counts toward their common limit.

// activity counts calls of scripts in all engines of the process: running calls in
// the low bits, calls ever begun above them.
var activity atomic.Uint64

const (
	oneRunning = 1
	oneBegun   = 1 << 16
)

// A sample is the size of the heap at one moment, with the activity of other
// scripts.
type sample struct {
	heap
	begun   uint64 // calls of others so far
	running uint64 // others that run now
}

// read takes a sample for the script with the given beat. A call that begins or ends
// meanwhile may count as another script's; the next sample corrects that.
func read(beat uint64) sample {
	a := activity.Load()
	return sample{heapNow(), a/oneBegun - (beat+1)/2, a%oneBegun - beat%2}
}

// alone reports whether no other script ran from one sample to the next.
func (r sample) alone(next sample) bool {
	return r.running == 0 && next.running == 0 && r.begun == next.begun
}

// heap is the size of the heap, in bytes.
type heap struct {
	bytes uint64 // including garbage
	live  uint64 // without garbage, after the last collection
	goal  uint64 // size at which the next collection starts
}

func heapNow() heap {
	m := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/goal:bytes"},
	}
	metrics.Read(m)
	return heap{m[0].Value.Uint64(), m[1].Value.Uint64(), m[2].Value.Uint64()}
}

// collecting is set while a collection that grew started is running.
var collecting atomic.Bool

// grew reports whether the heap grew by more than this many bytes without garbage.
// It does not wait for a collection: meanwhile a script could double a string again.
func (h heap) grew(before heap, by uint64) bool {
	most := before.bytes + by
	if h.bytes <= most {
		return false
	}
	if h.live > most || h.bytes-by > max(before.goal, before.bytes) {
		return true
	}
	if collecting.CompareAndSwap(false, true) {
		go func() {
			defer collecting.Store(false)
			runtime.GC()
		}()
	}
	return false
}

// A bill is the heap growth charged to one event of a script.
type bill struct {
	start  heap // when the event began
	before heap // start plus growth while other scripts ran
	shared bool // other scripts ran during the event
	steady bool // the event was running at two samples
}

// add accounts for the growth from one sample to the next.
func (c *bill) add(last, next sample) {
	if last.alone(next) {
		return
	}
	c.shared = true
	c.before.bytes = max(c.before.bytes+next.bytes, last.bytes) - last.bytes
	c.before.goal = max(c.before.goal, next.goal)
}

// over returns the limit that the script exceeds, or nil.
func (c *bill) over(h heap, l Limits) error {
	if h.grew(c.before, l.Memory) {
		return &stopError{fmt.Sprintf("it took more than %d MiB of memory", l.Memory>>20)}
	}
	if c.shared && c.steady && h.grew(c.start, l.Together) {
		return &stopError{fmt.Sprintf("it and the scripts that ran at the same time took more than %d MiB of memory", l.Together>>20)}
	}
	return nil
}

// far reports whether the heap is so far over its limit that there is no time to
// wait for the script to stop.
func (c *bill) far(h heap, l Limits) bool {
	return h.bytes > c.before.bytes+l.Memory/2*3 || c.shared && h.bytes > c.start.bytes+l.Together/2*3
}

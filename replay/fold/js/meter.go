package js

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

// The runtime measures the heap of the whole process and cannot tell who
// allocated what. So growth is charged to a script only for the time in which no
// other script ran. Growth while several ran is charged to none of them, until it
// passes what they may take together.

// activity counts calls of scripts, of all engines of the process: in the low bits
// those that run now, above them those that ever began.
var activity atomic.Uint64

const (
	oneRunning = 1
	oneBegun   = 1 << 16
)

// A sample is the size of the heap at one moment, and what other scripts did
// until then.
type sample struct {
	heap
	begun   uint64 // calls of others so far
	running uint64 // others that run now
}

// read takes a sample for the script whose beat this is. A call that begins or
// ends meanwhile may be taken for one of another script: that makes a moment
// shared which was not, and the next sample is right again.
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
	bytes uint64 // with garbage
	live  uint64 // without, when it was last collected
	goal  uint64 // at which it is collected: there is not much more garbage
}

func heapNow() heap {
	m := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/goal:bytes"},
	}
	metrics.Read(m)
	return heap{m[0].Value.Uint64(), m[1].Value.Uint64(), m[2].Value.Uint64()}
}

// collecting is set while a collection runs that was asked for here.
var collecting atomic.Bool

// grew reports whether the heap grew by more than this many bytes, garbage not
// counted. It does not wait to see what is garbage: a script that doubles a text
// would have doubled it again.
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

// A bill is what one event of a script is charged with.
type bill struct {
	start  heap // when the event began
	before heap // start, and what grew while other scripts ran
	shared bool // others ran meanwhile
	steady bool // the event was running at two samples
}

// add takes into account what happened from one sample to the next.
func (c *bill) add(last, next sample) {
	if last.alone(next) {
		return
	}
	c.shared = true
	c.before.bytes = max(c.before.bytes+next.bytes, last.bytes) - last.bytes
	c.before.goal = max(c.before.goal, next.goal)
}

// over returns why a script has to stop that took more than it may, or nil.
func (c *bill) over(h heap, l Limits) error {
	if h.grew(c.before, l.Memory) {
		return &stopError{fmt.Sprintf("it took more than %d MiB of memory", l.Memory>>20)}
	}
	if c.shared && c.steady && h.grew(c.start, l.Together) {
		return &stopError{fmt.Sprintf("it and the scripts that ran at the same time took more than %d MiB of memory", l.Together>>20)}
	}
	return nil
}

// far reports whether the heap is so much larger than it may be that there is no
// time to wait for the script to stop.
func (c *bill) far(h heap, l Limits) bool {
	return h.bytes > c.before.bytes+l.Memory/2*3 || c.shared && h.bytes > c.start.bytes+l.Together/2*3
}

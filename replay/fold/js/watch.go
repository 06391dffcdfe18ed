package js

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/fault"
)

// Limits bound what one call of a script may take. Zero fields take the
// defaults.
type Limits struct {
	Time   time.Duration // for one event: 5 seconds, and at most that
	Memory uint64        // bytes by which the heap may grow during one event: 512 MiB

	// Stuck, when set, is called from another goroutine when a script does not
	// stop although it was told to: it is inside one huge built-in operation,
	// which can only be left by ending the process. The error is a
	// [replay.FoldError] that names the script and the event, unless the caller
	// has given up.
	Stuck func(error)

	// Note, when set, returns where one script notes what it is doing. A note that
	// outlives the process tells which script took it down.
	Note func(script string) Running
}

// Running is a note of what one script is doing.
type Running interface {
	Enter(ev *replay.Event) // the script runs, for this event or for none
	Leave()                 // it returned
}

const (
	defaultTime   = 5 * time.Second
	maxTime       = 5 * time.Second
	defaultMemory = 512 << 20
	// patience is how long a script that was told to stop may take for it.
	patience = 2 * time.Second
)

// regexTimeout bounds one match of a regular expression that needs
// backtracking. The engine takes a match that was cut short for none, so it must
// be longer than any Limits.Time: the script is stopped before it can tell.
var regexTimeout = maxTime + time.Second

var boundRegex = sync.OnceFunc(func() { regexp2.DefaultMatchTimeout = regexTimeout })

func (o Limits) orDefault() Limits {
	if o.Time <= 0 {
		o.Time = defaultTime
	}
	o.Time = min(o.Time, maxTime)
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	return o
}

// errStopped is in every error of a script that was stopped by its limits.
var errStopped = errors.New("stopped")

// A stopError says which limit a script ran into.
type stopError struct{ reason string }

func (e *stopError) Error() string { return e.reason }
func (e *stopError) Unwrap() error { return errStopped }

// watchEvery is how often a running script is looked at; watchClosely, one that
// has the heap grow: the next doubling of a text must not pass unseen.
const (
	watchEvery   = 20 * time.Millisecond
	watchClosely = time.Millisecond
)

// A watch stops scripts that do not return. An event costs it a few atomic
// operations: a timer looks, now and then, whether the same event is still
// running, and stops itself when nothing runs.
type watch struct {
	rt     *goja.Runtime
	beat   atomic.Uint64 // odd while a script runs
	fired  atomic.Bool   // an interrupt was, or is about to be, set
	armed  atomic.Bool
	lastCx context.Context // the runner's: what ctx was set to
	name   string          // of the script
	note   Running         // nil: nobody wants to know
	event  atomic.Pointer[replay.Event]

	mu      sync.Mutex
	options Limits
	ctx     context.Context
	timer   *time.Timer
	last    heap      // at the last look
	seen    uint64    // the beat at that time
	since   time.Time // of the first look at that beat
	before  heap      // at the look before that
	told    time.Time // when it was interrupted; zero: not
}

func (w *watch) setOptions(o Limits) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.options = o.orDefault()
	if o.Note != nil {
		w.note = o.Note(w.name)
	}
}

// begin is called before a script runs.
func (w *watch) begin(ctx context.Context, ev *replay.Event) {
	w.event.Store(ev)
	if w.note != nil {
		w.note.Enter(ev)
	}
	if ctx != w.lastCx {
		w.lastCx = ctx
		w.mu.Lock()
		w.ctx = ctx
		w.mu.Unlock()
	}
	w.beat.Add(1)
	if !w.armed.Load() && w.armed.CompareAndSwap(false, true) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.last = heapNow()
		if w.timer == nil {
			w.timer = time.AfterFunc(watchEvery, w.look)
		} else {
			w.timer.Reset(watchEvery)
		}
	}
}

// end is called after it returned. No interrupt outlives it: look sets fired
// before it checks the beat, so either it sees the new beat or its mark is seen
// here.
func (w *watch) end() {
	w.beat.Add(1)
	if w.note != nil {
		w.note.Leave()
	}
	if w.fired.Load() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.rt.ClearInterrupt()
		w.fired.Store(false)
		w.told = time.Time{}
	}
}

func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, h := time.Now(), heapNow()
	b := w.beat.Load()
	isNew := b != w.seen
	if isNew {
		w.seen, w.since, w.before = b, now, w.last
	}
	w.last = h
	if b%2 == 1 {
		if reason := w.over(now, h); reason != nil {
			w.stop(b, reason, now, h)
		}
	} else if !isNew {
		w.armed.Store(false)
		if w.beat.Load() == b || !w.armed.CompareAndSwap(false, true) {
			return // idle, or armed anew by begin
		}
	}
	if h.bytes > w.before.bytes+w.options.Memory/8 {
		w.timer.Reset(watchClosely)
	} else {
		w.timer.Reset(watchEvery)
	}
}

// over returns why the script that is running has to stop, or nil.
func (w *watch) over(now time.Time, h heap) error {
	if w.ctx != nil && w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	if h.grew(w.before, w.options.Memory) {
		return &stopError{fmt.Sprintf("it took more than %d MiB of memory", w.options.Memory>>20)}
	}
	if now.Sub(w.since) >= w.options.Time {
		return &stopError{fmt.Sprintf("it did not return within %v", w.options.Time)}
	}
	return nil
}

// stop tells the script to stop, or its owner that it does not.
func (w *watch) stop(beat uint64, reason error, now time.Time, h heap) {
	if !w.told.IsZero() {
		late := now.Sub(w.told) > min(patience, w.options.Time)
		if stuck := w.options.Stuck; stuck != nil && (late || h.bytes > w.before.bytes+w.options.Memory/2*3) {
			if err := w.stuck(beat, reason); err != nil {
				w.options.Stuck = nil
				go stuck(err)
			}
		}
		return
	}
	w.fired.Store(true)
	if w.beat.Load() != beat {
		w.fired.Store(false)
		return
	}
	w.told = now
	w.rt.Interrupt(reason)
}

// stuck is the error of a script that can't be stopped; nil when it returned just
// now. The event is the script's own until then.
func (w *watch) stuck(beat uint64, reason error) error {
	f := &replay.FoldError{
		By: w.name, Err: reason,
		Next: fault.Try("look for one operation that takes very long or very much: the script could only be stopped with the program"),
	}
	var stopped *stopError
	if !errors.As(reason, &stopped) {
		return reason
	}
	if ev := w.event.Load(); ev != nil {
		f.At = ev.Moment()
	}
	if w.beat.Load() != beat {
		return nil
	}
	return f
}

// heap is the size of the heap, in bytes.
type heap struct {
	bytes uint64 // with garbage
	live  uint64 // without, when it was last collected
	goal  uint64 // at which it is collected: there is not much more garbage
}

func heapNow() heap {
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/goal:bytes"},
	}
	metrics.Read(s)
	return heap{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64()}
}

// collecting is set while a collection runs that was asked for here.
var collecting atomic.Bool

// grew reports whether the heap grew by more than so many bytes, garbage not
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

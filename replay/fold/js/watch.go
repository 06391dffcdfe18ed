package js

import (
	"context"
	"errors"
	"fmt"
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
	Memory uint64        // bytes by which a script alone may grow the heap during one event: 512 MiB

	// Together is by how many bytes the heap may grow during one event while other
	// scripts of the process run, which cannot be told apart: twice Memory. The
	// scripts whose event has lasted all that time are stopped then.
	Together uint64

	// Stuck, when set, is called from another goroutine when a script does not
	// stop although it was told to: it is inside one huge built-in operation. What
	// happens then is for the host to decide: it can end the process, or leave the
	// script to itself and go on, see [Within]. The error is a [replay.FoldError]
	// that names the script and the event, unless the caller has given up.
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
	if o.Together == 0 {
		o.Together = 2 * o.Memory
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
	last    sample    // at the last look
	seen    uint64    // the beat at that time
	since   time.Time // of the first look at that beat
	bill    bill      // of the event with that beat
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
	activity.Add(oneBegun + oneRunning)
	w.beat.Add(1)
	if !w.armed.Load() && w.armed.CompareAndSwap(false, true) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.last = read(w.beat.Load())
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
	activity.Add(^uint64(oneRunning - 1))
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
	b := w.beat.Load()
	now, r := time.Now(), read(b)
	isNew := b != w.seen
	if isNew {
		w.seen, w.since, w.bill = b, now, bill{start: w.last.heap, before: w.last.heap}
	}
	w.bill.steady = !isNew
	w.bill.add(w.last, r)
	w.last = r
	if b%2 == 1 {
		if reason := w.over(now); reason != nil {
			w.stop(b, reason, now)
		}
	} else if !isNew {
		w.armed.Store(false)
		if w.beat.Load() == b || !w.armed.CompareAndSwap(false, true) {
			return // idle, or armed anew by begin
		}
	}
	if r.bytes > w.bill.start.bytes+w.options.Memory/8 {
		w.timer.Reset(watchClosely)
	} else {
		w.timer.Reset(watchEvery)
	}
}

// over returns why the script that is running has to stop, or nil.
func (w *watch) over(now time.Time) error {
	if w.ctx != nil && w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	if err := w.bill.over(w.last.heap, w.options); err != nil {
		return err
	}
	if now.Sub(w.since) >= w.options.Time {
		return &stopError{fmt.Sprintf("it did not return within %v", w.options.Time)}
	}
	return nil
}

// stop tells the script to stop, or its owner that it does not.
func (w *watch) stop(beat uint64, reason error, now time.Time) {
	if !w.told.IsZero() {
		late := now.Sub(w.told) > min(patience, w.options.Time)
		if stuck := w.options.Stuck; stuck != nil && (late || w.bill.far(w.last.heap, w.options)) {
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

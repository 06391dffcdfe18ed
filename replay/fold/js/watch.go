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

// Limits bound one call of a script. Zero fields mean the defaults.
type Limits struct {
	Time   time.Duration // for one event; 5 seconds is the default and the maximum
	Memory uint64        // heap growth of one script during one event, in bytes; default 512 MiB

	// Together bounds heap growth during one event while other scripts of the
	// process run too, in bytes; default twice Memory. Beyond it, every script
	// whose event lasted the whole time is stopped.
	Together uint64

	// Stuck, if set, is called from another goroutine when a script does not stop
	// because it is inside a long built-in operation. The host can end the process,
	// or abandon the script and continue, see [Within]. The error is a
	// [replay.FoldError] that names the script and the event, or the error of the
	// context that ended.
	Stuck func(error)

	// Ended, if set, returns the error of the context of the question once it has ended.
	// A script that runs is then stopped, and no other starts.
	Ended func() error

	// Note, if set, returns the record of what one script is doing. A record that
	// outlives the process names the script that took it down.
	Note func(script string) Running
}

// Running records what one script is doing.
type Running interface {
	Enter(ev *replay.Event) // the script starts; ev is nil outside of events
	Leave()                 // the script returned
}

const (
	defaultTime   = 5 * time.Second
	defaultMemory = 512 << 20
	// patience is how long an interrupted script may take to stop, and haste how long if
	// the question has ended.
	patience = 2 * time.Second
	haste    = 500 * time.Millisecond
)

// maxTime bounds Limits.Time.
var maxTime = defaultTime

// regexTimeout bounds one match of a regular expression that needs backtracking.
// The engine treats a match that times out as no match. The timeout is therefore
// longer than any Limits.Time, so that the script is stopped first.
var regexTimeout = maxTime + time.Second

var boundRegex = sync.OnceFunc(func() { regexp2.DefaultMatchTimeout = regexTimeout })

// ended returns the error of a question that has ended.
func (o Limits) ended() error {
	if o.Ended == nil {
		return nil
	}
	return o.Ended()
}

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

// isEnd reports whether an error is that of a context that has ended.
func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// errStopped is wrapped by every error about a limit.
var errStopped = errors.New("stopped")

// A stopError says which limit a script exceeded.
type stopError struct{ reason string }

func (e *stopError) Error() string { return e.reason }
func (e *stopError) Unwrap() error { return errStopped }

// watchEvery is the interval between checks of a running script. watchClosely is
// the interval while the heap grows, short enough to see a string double.
const (
	watchEvery   = 20 * time.Millisecond
	watchClosely = time.Millisecond
)

// A watch stops scripts that do not return. It costs a few atomic operations per
// event: a timer checks at intervals whether the same event is still running, and
// stops when no script runs.
type watch struct {
	rt     *goja.Runtime
	beat   atomic.Uint64 // odd while a script runs
	fired  atomic.Bool   // an interrupt was, or is about to be, set
	armed  atomic.Bool
	lastCx context.Context // the value of ctx, for the script's goroutine
	name   string          // of the script
	note   Running         // nil: not recorded
	limits Limits          // as they were given
	event  atomic.Pointer[replay.Event]

	mu      sync.Mutex
	options Limits
	ctx     context.Context
	timer   *time.Timer
	last    sample    // at the last check
	seen    uint64    // beat at the last check
	since   time.Time // first check of that beat
	bill    bill      // for the event with that beat
	told    time.Time // when the script was interrupted; zero: not interrupted
}

func (w *watch) setOptions(o Limits) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.options, w.limits = o.orDefault(), o
	if o.Note != nil {
		w.note = o.Note(w.name)
	}
}

// begin starts the watch before a script runs.
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

// end ends the watch after the script returned. No interrupt outlives it: look sets
// fired before it checks the beat, so either look sees the new beat or end sees
// fired.
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
			return // idle, or begin has armed it again
		}
	}
	if r.bytes > w.bill.start.bytes+w.options.Memory/8 {
		w.timer.Reset(watchClosely)
	} else {
		w.timer.Reset(watchEvery)
	}
}

// over returns why the running script must stop, or nil.
func (w *watch) over(now time.Time) error {
	if w.ctx != nil && w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	if err := w.limits.ended(); err != nil {
		return err
	}
	if err := w.bill.over(w.last.heap, w.options); err != nil {
		return err
	}
	if now.Sub(w.since) >= w.options.Time {
		return &stopError{fmt.Sprintf("it did not return within %v", w.options.Time)}
	}
	return nil
}

// stop interrupts the script, or reports it as stuck if an interrupt did not help.
func (w *watch) stop(beat uint64, reason error, now time.Time) {
	if !w.told.IsZero() {
		most := min(patience, w.options.Time)
		if isEnd(reason) {
			most = haste
		}
		late := now.Sub(w.told) > most
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

// stuck returns the error of a script that does not stop; nil if it has just
// returned. Until then the event stays valid.
func (w *watch) stuck(beat uint64, reason error) error {
	f := &replay.FoldError{
		By: w.name, Err: reason,
		Next: fault.Try("look for a single built-in operation that takes very long or a lot of memory"),
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

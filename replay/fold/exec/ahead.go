package exec

import (
	"context"
	"errors"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// How much is asked at a time. An answer takes a command some microseconds, so
// that most of the time would go into waiting for each other; but what is asked
// is worked for, though the caller may stop before it comes to it.
const (
	aheadTime    = 50 * time.Millisecond // about how long the answers may take
	aheadBytes   = 256 << 10             // of questions, about
	aheadAnswers = 4 << 20               // bytes of answers, about
	aheadLimit   = 8 * aheadAnswers      // no more than that

	// lingerTime is how long at most is waited for an answer too many.
	lingerTime = time.Millisecond
)

// errIrregular is what was asked together and not answered one line each.
var errIrregular = errors.New("not one line for each question")

// ahead are events that were asked about together. An answer has nothing in it
// that tells which question it is to, so that one too few or too many would shift
// the others. They are counted before the first is used; where they don't tally,
// the command is started anew and asked one by one, as it is where it fails.
// Between calls of Apply no answer is owed.
type ahead struct {
	next []*replay.Event // foretold
	got  lines           // the answers to the first of these
	size int             // how many may be asked about at a time
	wary bool            // the last ones didn't tally
}

// lines are the answers that are not used yet.
type lines struct {
	text []byte // of all
	used int    // bytes of it
	ends []int  // of the unused ones
}

func (l *lines) add(line []byte) {
	l.text = append(l.text, line...)
	l.ends = append(l.ends, len(l.text))
}

func (l *lines) take() []byte {
	line := l.text[l.used:l.ends[0]]
	l.used, l.ends = l.ends[0], l.ends[1:]
	return line
}

func (l *lines) reset() {
	const keep = 1 << 20
	if l.used, l.ends, l.text = 0, l.ends[:0], l.text[:0]; cap(l.text) > keep {
		l.text = nil
	}
}

// Prefetch tells which events come next.
func (x *Reducer) Prefetch(events []*replay.Event) {
	x.forget()
	x.ahead.next, x.ahead.wary = events, false
}

// forget drops the answers that are not used.
func (x *Reducer) forget() {
	if len(x.ahead.got.ends) > 0 {
		x.st, x.root = nil, state.Value{} // the process is further on
		if x.proc != nil {
			x.proc.beyond = true
		}
	}
	x.ahead.got.reset()
	x.ahead.next = nil
}

// foretold returns the line that answers what an event does to st, if it is the
// one that was foretold and could be asked about together with others. If ok is
// false it is to be asked for by itself.
func (x *Reducer) foretold(ctx context.Context, st *state.State, e *replay.Event) (line []byte, ok bool, err error) {
	a := &x.ahead
	if len(a.next) == 0 || a.next[0] != e || len(a.got.ends) > 0 && !x.holds(st) {
		x.forget()
		return nil, false, nil
	}
	if len(a.got.ends) == 0 {
		if err := x.collect(ctx, st); err != nil {
			x.drop()
			x.forget()
			a.wary = true
			return nil, false, ctx.Err() // without one, what was wrong shows when it is asked again
		}
	}
	a.next = a.next[1:]
	if len(a.got.ends) == 0 {
		return nil, false, nil
	}
	return a.got.take(), true, nil
}

// askAll writes questions about the next events to x.ask, as many as are good to
// be asked together, and returns how many. One that can't be asked about is an
// error in its turn.
func (x *Reducer) askAll(st *state.State) (n int) {
	most := min(x.ahead.size, len(x.ahead.next))
	if most < 2 || x.proc == nil {
		return 0
	}
	b, err := x.question(st, x.ahead.next[0])
	for n = 0; err == nil; {
		x.ask = b
		if n++; n >= most || len(b) >= aheadBytes {
			break
		}
		b, err = appendApply(b, x.ahead.next[n])
	}
	return n
}

// collect asks about the next events together, where that is good.
func (x *Reducer) collect(ctx context.Context, st *state.State) error {
	n := x.askAll(st)
	if n < 2 || x.proc.surplus() != nil { // an error, when it is asked by itself
		return nil
	}
	defer x.proc.until(ctx)()
	got := &x.ahead.got
	got.reset()
	start := time.Now()
	// One that takes long is waited for when it is asked by itself.
	err := x.proc.exchangeAll(x.ask, n, got, x.o.Timeout/4, min(x.limit, aheadLimit))
	x.pace(n, len(got.text), time.Since(start))
	return err
}

// pace notes how long so many answers took and how large they were.
func (x *Reducer) pace(n, bytes int, took time.Duration) {
	each := max(took/time.Duration(n), 1)
	x.ahead.size = int(min(aheadTime/each, time.Duration(aheadAnswers*n/max(bytes, 1))))
}

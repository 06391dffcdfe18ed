package exec

import (
	"context"
	"errors"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// Questions are sent in batches. A command answers in microseconds, so waiting for
// each answer would take most of the time. Batches stay small because the caller
// may stop before it needs the answers.
const (
	aheadTime    = 50 * time.Millisecond // target time for a batch
	aheadBytes   = 256 << 10             // target size of the questions
	aheadAnswers = 4 << 20               // target size of the answers
	aheadLimit   = 8 * aheadAnswers      // maximum size of the answers

	// lingerTime is the longest wait for a surplus answer.
	lingerTime = time.Millisecond
)

// errIrregular is the error of a batch that did not get one line per question.
var errIrregular = errors.New("not one line for each question")

// ahead is a batch of events. Answers do not name their question, so a missing or
// surplus one would shift the others. They are counted before the first is used. If
// the count is wrong, or the command fails, it is restarted and asked one by one.
// Between calls of Apply no answer is outstanding.
type ahead struct {
	next []*replay.Event // events announced by Prefetch
	got  lines           // the answers to the first of these
	size int             // how many events to ask about in one batch
	wary bool            // the last batch failed
}

// lines are the unused answers.
type lines struct {
	text []byte // all answers
	used int    // bytes of text that are used
	ends []int  // where each unused answer ends in text
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

// Prefetch announces the next events.
func (x *Reducer) Prefetch(events []*replay.Event) {
	x.forget()
	x.ahead.next, x.ahead.wary = events, false
}

// forget drops the unused answers and the announced events.
func (x *Reducer) forget() {
	if len(x.ahead.got.ends) > 0 {
		x.st, x.root = nil, state.Value{} // the process has folded further
		if x.proc != nil {
			x.proc.beyond = true
		}
	}
	x.ahead.got.reset()
	x.ahead.next = nil
}

// foretold returns the answer line for an event if Prefetch announced the event and
// a batch answered it. If ok is false, the caller asks about the event alone.
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
			return nil, false, ctx.Err() // asking again reports any other error
		}
	}
	a.next = a.next[1:]
	if len(a.got.ends) == 0 {
		return nil, false, nil
	}
	return a.got.take(), true, nil
}

// askAll writes a batch of questions about the next events to x.ask and returns how
// many. It stops before an event that it cannot write: that error is reported when
// the event's turn comes.
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

// collect asks about the next events in a batch, if that is worthwhile.
func (x *Reducer) collect(ctx context.Context, st *state.State) error {
	n := x.askAll(st)
	if n < 2 || x.proc.surplus() != nil { // asking alone reports the surplus
		return nil
	}
	defer x.proc.until(ctx)()
	got := &x.ahead.got
	got.reset()
	start := time.Now()
	// A slow answer gets the full timeout when its event is asked about alone.
	err := x.proc.exchangeAll(x.ask, n, got, x.o.Timeout/4, min(x.limit, aheadLimit))
	x.pace(n, len(got.text), time.Since(start))
	return err
}

// pace sizes the next batch by the time and bytes that n answers took.
func (x *Reducer) pace(n, bytes int, took time.Duration) {
	each := max(took/time.Duration(n), 1)
	x.ahead.size = int(min(aheadTime/each, time.Duration(aheadAnswers*n/max(bytes, 1))))
}

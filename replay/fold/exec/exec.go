package exec

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// Options say how an external command is run. The zero value is good.
type Options struct {
	Dir     string        // where it runs; empty: where asof does
	Timeout time.Duration // for one answer; 0 is 10 s
	Name    string        // for messages; empty: "exec:" and the command
}

const (
	execTimeout = 10 * time.Second
	execGrace   = time.Second // to end by itself once its input has ended
)

// A Reducer is a [replay.Reducer] that leaves folding to an external command: the
// application's own code, in whatever language it is written.
//
// The command is a filter. It reads one JSON object a line on its standard
// input, and answers each with one JSON object a line on its standard output,
// which it has to flush. There are two questions:
//
//	{"op":"init"}
//	{"op":"apply","event":{…}}
//	{"op":"apply","state":…,"event":{…}}
//
// and these answers:
//
//	{"state":…}          the state now: any JSON value; null after init is {}
//	{"unchanged":true}   the state is as it was
//	{"unhandled":true}   so it is, and the event is of no concern
//	{"error":"…"}        the event can't be folded, and why
//
// The command remembers the state that it answered last. Where that is not the
// state to go on from, because several are folded in turn, the question brings
// the one that is. The event has the members stream, category, version,
// position, id, type, revision, time, actor, correlation_id, causation_id, data
// and metadata; what there is none of is null. Numbers are as the store has them.
//
// Several questions may be written before the first is answered, about events
// that in the end are not needed, and the same question may come again: a command
// that has effects besides its answers is none for this. What it writes to
// standard error is told with an error, or by [Reducer.StderrTail].
//
// In Python that is
//
//	import json, sys
//	state = None
//	for line in sys.stdin:
//	    ask = json.loads(line)
//	    if ask["op"] == "init":
//	        state = {"total": 0}
//	    else:
//	        state = fold(ask.get("state", state), ask["event"])
//	    print(json.dumps({"state": state}), flush=True)
//
// The command starts when a state is first needed, in a process group of its
// own that is killed when an answer takes too long, is no answer, or when the
// context of Apply ends. A later call starts it anew. It ends with [Reducer.Close].
type Reducer struct {
	argv []string
	o    Options
	proc *process // nil: not running

	// The state that the process holds: the one that it answered last.
	st   *state.State
	root state.Value

	ahead      ahead
	ask        []byte // what is to be asked
	parser     state.Parser
	limit      int // of an answer, in bytes
	stderrTail string
}

var _ replay.Prefetcher = (*Reducer)(nil)

// New returns a reducer that runs a command, of which argv[0] is the
// program. It starts nothing yet.
func New(argv []string, o Options) *Reducer {
	if o.Timeout == 0 {
		o.Timeout = execTimeout
	}
	if o.Name == "" {
		o.Name = Prefix + strings.Join(argv, " ")
	}
	return &Reducer{argv: argv, o: o, limit: maxAnswer}
}

// Name returns the command, for messages.
func (x *Reducer) Name() string { return x.o.Name }

// Init asks the command for the state before the first event.
func (x *Reducer) Init(ctx context.Context, st *state.State) error {
	x.forget()
	x.ask = append(x.ask[:0], `{"op":"init"}`+"\n"...)
	line, err := x.exchange(ctx)
	var a answer
	if err == nil {
		a, err = x.parse(line)
	}
	if err == nil && (a.kind == answerUnchanged || a.kind == answerUnhandled) {
		err = x.garbled("it answered init without a state", nil)
	}
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return x.failed(replay.Moment{}, err)
	}
	v := a.state
	if v.Kind() == state.Null {
		st.SetRoot(st.NewObject().Value())
		x.st = nil // the command may well keep its null: the first event brings the {}
		return nil
	}
	x.hold(st, v)
	return nil
}

// Apply asks the command to fold one event, unless it has been asked already.
func (x *Reducer) Apply(ctx context.Context, st *state.State, e *replay.Event) (handled bool, err error) {
	a, err := x.fold(ctx, st, e)
	if err != nil {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		return false, x.failed(e.Moment(), err)
	}
	switch a.kind {
	case answerState:
		x.hold(st, a.state)
	default:
		// It may have been given the state just now.
		x.st, x.root = st, st.Root()
	}
	return a.kind != answerUnhandled, nil
}

func (x *Reducer) fold(ctx context.Context, st *state.State, e *replay.Event) (answer, error) {
	if err := ctx.Err(); err != nil {
		x.drop()
		return answer{}, err
	}
	if x.proc != nil && x.proc.interrupted.Load() {
		x.drop()
	}
	line, ok, err := x.foretold(ctx, st, e)
	if err == nil && !ok {
		if _, err = x.question(st, e); err != nil {
			return answer{}, err
		}
		if x.ahead.wary && x.proc != nil {
			x.proc.linger(lingerTime)
		}
		start := time.Now()
		if line, err = x.exchange(ctx); err == nil {
			x.pace(1, len(line), time.Since(start))
		}
	}
	if err != nil {
		return answer{}, err
	}
	return x.parse(line)
}

// Close ends the command: its input ends, and if that doesn't end it within a
// second it is killed. That the command has written more than it was asked for
// is an error: its answers may have been taken for those to other events.
func (x *Reducer) Close() error {
	x.forget()
	if x.stderrTail = ""; x.proc == nil {
		return nil
	}
	p := x.proc
	x.proc, x.st, x.root, x.ahead = nil, nil, state.Value{}, ahead{}
	surplus := p.close(execGrace)
	if !p.beyond {
		x.stderrTail = p.stderr.String()
	}
	if len(surplus) > 0 {
		return fmt.Errorf("states may be wrong: %s: %w", x.o.Name, surplusError(surplus))
	}
	return nil
}

// StderrTail returns the last lines that the command wrote to its standard error, fit
// for a terminal, once Close has ended it. What it said before it failed is in
// the error instead. There is nothing if it was asked about events that were not
// applied: it may be about these.
func (x *Reducer) StderrTail() string { return x.stderrTail }

// hold makes v the state, and notes that the process has it.
func (x *Reducer) hold(st *state.State, v state.Value) {
	st.SetRoot(st.Adopt(v))
	x.st, x.root = st, st.Root()
}

// holds reports whether a process runs and has the state of st.
func (x *Reducer) holds(st *state.State) bool {
	return x.proc != nil && !x.proc.interrupted.Load() && x.st == st && x.root == st.Root()
}

// question writes the question about an event to x.ask.
func (x *Reducer) question(st *state.State, e *replay.Event) ([]byte, error) {
	const keep = 1 << 20
	if cap(x.ask) > keep {
		x.ask = nil
	}
	b := append(x.ask[:0], applyStart...)
	if !x.holds(st) {
		b = append(b, `"state":`...)
		b = append(state.AppendJSON(b, st.Root()), ',')
	}
	b, err := appendQuestion(b, e)
	x.ask = b
	return b, err
}

// exchange sends x.ask and returns the line that answers it, valid until the
// next. After an error there is no process.
func (x *Reducer) exchange(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		x.drop()
		return nil, err
	}
	if x.proc == nil {
		p, err := startProcess(x.argv, x.o.Dir)
		if err != nil {
			return nil, err
		}
		x.proc = p
	}
	release := x.proc.until(ctx)
	line, err := x.proc.exchange(x.ask, x.o.Timeout, x.limit)
	release()
	if err != nil {
		x.drop()
	}
	return line, err
}

// parse reads an answer, valid until the next. After an error that the command
// did not itself report there is no process.
func (x *Reducer) parse(line []byte) (answer, error) {
	a, err := parseAnswer(&x.parser, line)
	var reported *reportedError
	switch {
	case errors.As(err, &reported):
		x.st, x.root = nil, state.Value{}
	case err != nil:
		x.drop()
	}
	return a, err
}

// drop kills the process, if there is one.
func (x *Reducer) drop() {
	if x.proc != nil {
		x.proc.kill()
		x.proc = nil
	}
	x.st, x.root = nil, state.Value{}
}

// garbled is an error about what the command wrote.
func (x *Reducer) garbled(what string, line []byte) error { return &answerError{what, excerpt(line)} }

// failed makes a FoldError of what went wrong.
func (x *Reducer) failed(at replay.Moment, err error) error {
	e := &replay.FoldError{At: at, By: x.o.Name, Err: err}
	var ended *CommandError
	var garbled *answerError
	switch {
	case errors.As(err, &ended):
		e.Next = fault.Try(ended.next)
		if strings.Contains(ended.Stderr, "\n") { // else the message has it all
			e.Source = ended.Stderr
		}
	case errors.As(err, &garbled):
		e.Next = fault.Try(`it must answer each line with one, as in {"state": …}; what is for people goes to standard error`)
	}
	return e
}

// A CommandError is an external command that did not start, ended, or did not
// answer.
type CommandError struct {
	Reason string // "exited with status 1", …
	Stderr string // the last lines of its standard error, fit for a terminal
	Err    error  // the cause, if there is one beside Reason; its text is in Reason

	next string
}

func (e *CommandError) Error() string {
	if e.Stderr == "" {
		return e.Reason
	}
	return fmt.Sprintf("%s; it said: %s", e.Reason, e.Stderr[strings.LastIndexByte(e.Stderr, '\n')+1:])
}

// Class returns [fault.Fold].
func (e *CommandError) Class() fault.Class { return fault.Fold }

// Remedy returns what to do next.
func (e *CommandError) Remedy() fault.Remedy { return fault.Try(e.next) }

// Unwrap returns the cause.
func (e *CommandError) Unwrap() error { return e.Err }

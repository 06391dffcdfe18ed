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

// Options say how to run an external command. The zero value is usable.
type Options struct {
	Dir     string        // working directory; empty: that of asof
	Timeout time.Duration // for one answer; 0: 10 s
	Name    string        // for messages; empty: "exec:" and the command
}

const (
	execTimeout = 10 * time.Second
	execGrace   = time.Second // to exit once its input is closed
)

// A Reducer is a [replay.Reducer] that folds with an external command: the
// application's own code, in any language.
//
// The command is a filter. It reads one JSON object per line from its standard
// input and answers each with one JSON object on a line of its standard output,
// which it must flush. There are two questions:
//
//	{"op":"init"}
//	{"op":"apply","event":{…}}
//	{"op":"apply","state":…,"event":{…}}
//
// and these answers:
//
//	{"state":…}          the new state, any JSON value; null after init means {}
//	{"unchanged":true}   the event does not change the state
//	{"unhandled":true}   no handler takes the event
//	{"error":"…"}        the event cannot be folded, and why
//
// The command remembers the state of its last answer. The question includes the
// state if it is a different one, as when several are folded in turn. The event has
// the members stream, category, version, position, id, type, revision, time, actor,
// correlation_id, causation_id, data and metadata; missing values are null. Numbers
// are written as the store has them.
//
// The command may receive several questions before it answers the first, questions
// about events that nobody needs in the end, and the same question twice: it must
// not have side effects. Its standard error is part of an error, or returned by
// [Reducer.StderrTail].
//
// In Python:
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
// The command starts with the first question, in its own process group. The group
// is killed when an answer takes too long or is invalid, or when the context of
// Apply ends. The next call restarts the command. [Reducer.Close] ends it.
type Reducer struct {
	argv []string
	o    Options
	proc *process // nil: not running

	// The state that the process remembers: that of its last answer.
	st   *state.State
	root state.Value

	ahead      ahead
	ask        []byte // questions to write
	parser     state.Parser
	limit      int // maximum size of an answer, in bytes
	deadline   func(*process, time.Duration) time.Time
	stderrTail string
}

var _ replay.Prefetcher = (*Reducer)(nil)

// New returns a reducer that runs the command argv, whose first word is the
// program. It does not start the command.
func New(argv []string, o Options) *Reducer {
	if o.Timeout == 0 {
		o.Timeout = execTimeout
	}
	if o.Name == "" {
		o.Name = Prefix + strings.Join(argv, " ")
	}
	return &Reducer{argv: argv, o: o, limit: maxAnswer, deadline: byClock}
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
		x.st = nil // the command may remember null: the first question includes the {}
		return nil
	}
	x.hold(st, v)
	return nil
}

// Apply asks the command to fold one event, or uses the answer of a batch.
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
		// The question may have included the state.
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

// Close closes the command's input and kills it unless it exits within a second.
// Output beyond the last answer is an error: some answers may have been used for
// the wrong events.
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

// StderrTail returns the last lines of the command's standard error, printable,
// once Close has ended it. If the command failed, they are in the error instead.
// They are empty if the command was asked about events that were not applied, which
// the lines may be about.
func (x *Reducer) StderrTail() string { return x.stderrTail }

// hold makes v the state and records that the process has it.
func (x *Reducer) hold(st *state.State, v state.Value) {
	st.SetRoot(st.Adopt(v))
	x.st, x.root = st, st.Root()
}

// holds reports whether a process is running and remembers the state of st.
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

// exchange sends x.ask and returns the answer line, valid until the next call.
// After an error no process is running.
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
		p.deadline = x.deadline
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

// parse parses an answer, valid until the next call. After an error that the
// command did not report itself, no process is running.
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

// drop kills the process, if one is running.
func (x *Reducer) drop() {
	if x.proc != nil {
		x.proc.kill()
		x.proc = nil
	}
	x.st, x.root = nil, state.Value{}
}

// garbled returns an error about an invalid answer.
func (x *Reducer) garbled(what string, line []byte) error { return &answerError{what, excerpt(line)} }

// failed returns a FoldError for an event.
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
		e.Next = fault.Try(`answer each line with one line, such as {"state": …}; write messages for people to standard error`)
	}
	return e
}

// A CommandError is an external command that did not start, ended, or did not
// answer.
type CommandError struct {
	Reason string // "exited with status 1", …
	Stderr string // the last lines of its standard error, printable
	Err    error  // the cause or nil; its text is in Reason

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

// Fault returns [fault.KindFoldFailed].
func (*CommandError) Fault() fault.Kind { return fault.KindFoldFailed }

// Remedy returns what to do next.
func (e *CommandError) Remedy() fault.Remedy { return fault.Try(e.next) }

// Unwrap returns the cause.
func (e *CommandError) Unwrap() error { return e.Err }

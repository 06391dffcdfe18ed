package fold

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// ExecOptions say how an external command is run. The zero value is good.
type ExecOptions struct {
	Dir     string        // where it runs; empty: where asof does
	Timeout time.Duration // for one answer; 0 is 10 s
	Stderr  io.Writer     // gets what it writes to its standard error, from a goroutine; nil: nobody
	Name    string        // for messages; empty: "exec:" and the command
}

const (
	execTimeout = 10 * time.Second
	execGrace   = time.Second // to end by itself once its input has ended
)

// An Exec is a [replay.Reducer] that leaves folding to an external command: the
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
// context of Apply ends. A later call starts it anew. It ends with [Exec.Close].
type Exec struct {
	argv []string
	o    ExecOptions
	proc *process // nil: not running

	// The state that the process holds: the one that it answered last.
	st   *state.State
	root state.Value

	ask    []byte
	parser state.Parser
	limit  int // of an answer, in bytes
}

// NewExec returns a reducer that runs a command, of which argv[0] is the
// program. It starts nothing yet.
func NewExec(argv []string, o ExecOptions) *Exec {
	if o.Timeout == 0 {
		o.Timeout = execTimeout
	}
	if o.Name == "" {
		o.Name = ExecPrefix + strings.Join(argv, " ")
	}
	return &Exec{argv: argv, o: o, limit: maxAnswer}
}

// Name returns the command, for messages.
func (x *Exec) Name() string { return x.o.Name }

// Init asks the command for the state before the first event.
func (x *Exec) Init(ctx context.Context, st *state.State) error {
	x.ask = append(x.ask[:0], `{"op":"init"}`+"\n"...)
	a, err := x.answer(ctx)
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

// Apply asks the command to fold one event.
func (x *Exec) Apply(ctx context.Context, st *state.State, e *replay.Event) (handled bool, err error) {
	if err := x.question(st, e); err != nil {
		return false, x.failed(e.Moment(), err)
	}
	a, err := x.answer(ctx)
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

// Close ends the command: its input ends, and if that doesn't end it within a
// second it is killed. That the command has written more than it was asked for
// is an error: its answers may have been taken for those to other events.
func (x *Exec) Close() error {
	if x.proc == nil {
		return nil
	}
	p := x.proc
	x.proc, x.st, x.root = nil, nil, state.Value{}
	if surplus := p.close(execGrace); surplus != "" {
		return x.failed(replay.Moment{}, x.garbled("it wrote more than one line for a question", []byte(surplus)))
	}
	return nil
}

// hold makes v the state, and notes that the process has it.
func (x *Exec) hold(st *state.State, v state.Value) {
	st.SetRoot(st.Adopt(v))
	x.st, x.root = st, st.Root()
}

// question writes the question about an event to x.ask.
func (x *Exec) question(st *state.State, e *replay.Event) error {
	b := append(x.ask[:0], `{"op":"apply"`...)
	if x.proc == nil || x.proc.interrupted.Load() || x.st != st || x.root != st.Root() {
		b = append(b, `,"state":`...)
		b = state.AppendJSON(b, st.Root())
	}
	b = append(b, `,"event":`...)
	b, err := appendEvent(b, e)
	x.ask = append(b, "}\n"...)
	return err
}

// answer sends x.ask and returns the answer, which is valid until the next. After
// an error there is no process.
func (x *Exec) answer(ctx context.Context) (answer, error) {
	a, err := x.exchange(ctx)
	const keep = 1 << 20
	if cap(x.ask) > keep {
		x.ask = nil
	}
	var said *commandSaid
	if err != nil && !errors.As(err, &said) {
		if x.proc != nil {
			x.proc.kill()
		}
		x.proc = nil
	}
	if err != nil {
		x.st, x.root = nil, state.Value{}
	}
	return a, err
}

func (x *Exec) exchange(ctx context.Context) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	if x.proc != nil && x.proc.interrupted.Load() { // as its last answer came in
		x.proc.kill()
		x.proc = nil
	}
	if x.proc == nil {
		p, err := startProcess(x.argv, x.o.Dir, x.o.Stderr)
		if err != nil {
			return answer{}, err
		}
		x.proc = p
	}
	stop := context.AfterFunc(ctx, x.proc.interrupt)
	defer stop()
	line, err := x.proc.exchange(x.ask, x.o.Timeout, x.limit)
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(&x.parser, line)
}

// garbled is an error about what the command wrote.
func (x *Exec) garbled(what string, line []byte) error { return &answerError{what, excerpt(line)} }

// failed makes a FoldError of what went wrong.
func (x *Exec) failed(at replay.Moment, err error) error {
	e := &replay.FoldError{At: at, By: x.o.Name, Err: err}
	var ended *CommandError
	var garbled *answerError
	switch {
	case errors.As(err, &ended):
		e.Source, e.Next = ended.Stderr, ended.next
	case errors.As(err, &garbled):
		e.Next = `it must answer each line with one, as in {"state": …}; what is for people goes to standard error`
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

// Unwrap returns the cause.
func (e *CommandError) Unwrap() error { return e.Err }

package exec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// runExec returns a reducer that runs the command of that name, and the test
// fails if it leaves a goroutine running.
func runExec(t *testing.T, name string, o Options) *Reducer {
	t.Helper()
	t.Setenv(execEnv, name)
	x := New([]string{os.Args[0]}, defaults(name, o))
	t.Cleanup(func() {
		_ = x.Close()
		for range 6000 {
			buf := make([]byte, 1<<20)
			stacks := buf[:runtime.Stack(buf, true)]
			if !bytes.Contains(stacks, []byte("exec.startProcess")) && !bytes.Contains(stacks, []byte("exec.(*process)")) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Error("a goroutine of the process is left")
	})
	return x
}

// runParallel is runExec for a test that waits for a timeout: it runs with others, and
// only TestMain finds the goroutines that it leaves.
func runParallel(t *testing.T, name string, o Options) *Reducer {
	t.Helper()
	x := New([]string{os.Args[0], execEnv + "=" + name}, defaults(name, o))
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func defaults(name string, o Options) Options {
	if o.Name == "" {
		o.Name = "exec:" + name
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute // a slow machine is no failure
	}
	return o
}

func execEvent(version int, typ, data string) *replay.Event {
	return &replay.Event{
		Stream: "cart-1", Version: replay.Version(version), Position: replay.NoPosition,
		Type: typ, Data: []byte(data),
	}
}

func initState(t *testing.T, x *Reducer) *state.State {
	t.Helper()
	st := state.New()
	if err := x.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	commit(t, st)
	return st
}

func commit(t *testing.T, st *state.State) []state.Change {
	t.Helper()
	changes, err := st.Commit(true)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func rootJSON(st *state.State) string { return string(state.AppendJSON(nil, st.Root())) }

func TestExec(t *testing.T) {
	x := runExec(t, "sum", Options{})
	if x.Name() != "exec:sum" {
		t.Errorf("name %q", x.Name())
	}
	st := initState(t, x)
	for i, c := range []struct {
		typ, data string
		handled   bool
		want      string
		changes   int
	}{
		{"Added", `{"x":5}`, true, `{"N":1,"Sum":5}`, 2},
		{"Ignored", `{"x":5}`, false, `{"N":1,"Sum":5}`, 0},
		{"Nothing", `{"x":5}`, true, `{"N":1,"Sum":5}`, 0},
		{"Added", "{\n\"x\": 0}", true, `{"N":2,"Sum":5}`, 1},
	} {
		handled, err := x.Apply(t.Context(), st, execEvent(i+1, c.typ, c.data))
		if err != nil {
			t.Fatal(err)
		}
		changes := commit(t, st)
		if handled != c.handled || rootJSON(st) != c.want || len(changes) != c.changes {
			t.Errorf("%s: handled %v, %s, changes %v", c.typ, handled, rootJSON(st), changes)
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

// The command holds one state; where another is folded, it is brought.
func TestExecSeveralStates(t *testing.T) {
	x := runExec(t, "sum", Options{})
	a, b := initState(t, x), initState(t, x)
	apply := func(st *state.State, typ string) {
		t.Helper()
		if _, err := x.Apply(t.Context(), st, execEvent(1, typ, `{"x":1}`)); err != nil {
			t.Fatal(err)
		}
	}
	apply(a, "Added")
	commit(t, a)
	apply(b, "Added")
	commit(t, b)
	apply(a, "Ignored")
	apply(a, "Added")
	a.Rollback()
	apply(a, "Added")
	commit(t, a)
	if err := x.Close(); err != nil { // starts anew, with no memory
		t.Fatal(err)
	}
	apply(a, "Added")
	commit(t, a)
	if rootJSON(a) != `{"N":3,"Sum":3}` || rootJSON(b) != `{"N":1,"Sum":1}` {
		t.Errorf("a %s, b %s", rootJSON(a), rootJSON(b))
	}
}

// What the command said it can't fold leaves the state, and the command, as they
// were.
func TestExecError(t *testing.T) {
	x := runExec(t, "sum", Options{})
	st := initState(t, x)
	_, err := x.Apply(t.Context(), st, execEvent(7, "Refused", `{}`))
	var e *replay.FoldError
	if !errors.As(err, &e) || err.Error() != "exec:sum failed at cart-1@7 (Refused): it said: no \ufffd[31mway" {
		t.Fatal(err)
	}
	if _, err := x.Apply(t.Context(), st, execEvent(8, "Added", `{"x":2}`)); err != nil || rootJSON(st) != `{"N":1,"Sum":2}` {
		t.Errorf("%s, %v", rootJSON(st), err)
	}
}

func TestExecEventShape(t *testing.T) {
	x := runExec(t, "echo", Options{})
	st := initState(t, x)
	if got, want := rootJSON(st), `{"asked":{"op":"init"}}`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	e := &replay.Event{
		Stream: "cart-1", Category: "cart", Version: 0, Position: 48210, ID: "3f2a", Type: "Item\"Added",
		Revision: 2, Time: time.Date(2026, 3, 1, 14, 0, 0, 5000, time.FixedZone("", 3600)),
		Data: []byte("{\"price\": 0.10,\n \"id\": 9007199254740993}"),
		Meta: replay.Meta{Actor: "ann", Correlation: "c1", Causation: "c0", Raw: []byte("{\n\"user\": 1}")},
	}
	if _, err := x.Apply(t.Context(), st, e); err != nil {
		t.Fatal(err)
	}
	commit(t, st)
	want := `{"asked":{"op":"apply","event":{"stream":"cart-1","category":"cart","version":0,"position":48210,` +
		`"id":"3f2a","type":"Item\"Added","revision":2,"time":"2026-03-01T13:00:00.000005Z","actor":"ann",` +
		`"correlation_id":"c1","causation_id":"c0","data":{"price":0.10,"id":9007199254740993},"metadata":{"user":1}}}}`
	if got := rootJSON(st); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, err := x.Apply(t.Context(), st, execEvent(1, "", `[]`)); err != nil {
		t.Fatal(err)
	}
	want = `{"asked":{"op":"apply","event":{"stream":"cart-1","category":null,"version":1,"position":null,` +
		`"id":null,"type":null,"revision":null,"time":null,"actor":null,` +
		`"correlation_id":null,"causation_id":null,"data":[],"metadata":null}}}`
	if got := rootJSON(st); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestExecNullStart(t *testing.T) {
	x := runExec(t, "null", Options{})
	st := initState(t, x)
	if got := rootJSON(st); got != "{}" {
		t.Errorf("start %s", got)
	}
	if _, err := x.Apply(t.Context(), st, execEvent(1, "A", `1`)); err != nil {
		t.Fatal(err)
	}
	if got := rootJSON(st); !strings.HasPrefix(got, `{"asked":{"op":"apply","state":{},"event":`) {
		t.Errorf("asked %s", got)
	}
}

func TestExecFailures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, msg string // without who and where
		hint      string
		source    string
		timeout   time.Duration
	}{
		{
			name: "exit", msg: "ended without an answer (exit status 4); it said: KeyError: \ufffd'sku'",
			hint: "the command must read", source: "Traceback:\n  line 7\nKeyError: \ufffd'sku'",
		},
		{name: "exit0", msg: "ended without an answer (exit status 0)", hint: "the command must read"},
		{name: "half", msg: "ended without an answer (exit status 0)", hint: "the command must read"},
		{name: "closed", msg: "closed its output without an answer", hint: "the command must read"},
		{name: "hang", msg: "did not answer within 300ms", hint: "flush", timeout: 300 * time.Millisecond},
		{
			name: "garbage", hint: "answer each line with one line",
			msg: "its answer is not JSON: unexpected 'd' where a value should be at byte 0: " +
				`"debug: \x1b[31m` + strings.Repeat("x", 108) + `"… (513 bytes)`,
		},
		{
			name: "nostate", hint: "answer each line with one line",
			msg: `its answer must have one of "state", "unchanged", "unhandled" and "error": "{\"State\":{}}\n"`,
		},
		{
			name: "both", hint: "answer each line with one line",
			msg: `its answer must have one of "state", "unchanged", "unhandled" and "error": "{\"state\":{},\"unchanged\":true}\n"`,
		},
		{name: "list", msg: `its answer is not an object: "[1]\n"`, hint: "answer each line with one line"},
		{name: "false", msg: `"unchanged" in its answer must be true: "{\"unchanged\":false}\n"`, hint: "answer each line with one line"},
		{name: "errnumber", msg: `"error" in its answer must be a string: "{\"error\":1}\n"`, hint: "answer each line with one line"},
		{
			name: "large", hint: "answer each line with one line",
			msg: `its answer is larger than 100000 bytes: "{\"state\":\"` + strings.Repeat("x", 110) + `"… (131072 bytes)`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := runParallel(t, c.name, Options{})
			x.limit = 100_000
			st := initState(t, x)
			if c.timeout > 0 {
				x.o.Timeout = c.timeout // no answer comes, however long it takes
			}
			before := 0
			var err error
			for before < 5 && err == nil {
				_, err = x.Apply(t.Context(), st, execEvent(before+1, "A", `{}`))
				before++
			}
			var e *replay.FoldError
			if !errors.As(err, &e) {
				t.Fatalf("%v, want a FoldError", err)
			}
			if want := fmt.Sprintf("exec:%s failed at cart-1@%d (A): %s", c.name, before, c.msg); err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
			if !strings.HasPrefix(e.Next.Text, c.hint) || e.Source != c.source {
				t.Errorf("hint %q, source %q", e.Next, e.Source)
			}
			if x.proc != nil {
				t.Error("the process still runs")
			}
		})
	}
}

func TestExecDoesNotStart(t *testing.T) {
	x := New([]string{"/nowhere/at all"}, Options{})
	err := x.Init(t.Context(), state.New())
	var e *replay.FoldError
	if !errors.As(err, &e) || !errors.Is(err, os.ErrNotExist) || e.Next.Text == "" ||
		!strings.HasPrefix(err.Error(), "exec:/nowhere/at all failed before the first event: did not start: ") {
		t.Error(err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	x = runExec(t, "badinit", Options{})
	if err := x.Init(t.Context(), state.New()); err == nil ||
		err.Error() != "exec:badinit failed before the first event: it answered init without a state" {
		t.Error(err)
	}
}

// An answer too many could be taken for that to the next event. If it comes too
// late to be noticed then, it is noticed at the end.
func TestExecAnswersTwice(t *testing.T) {
	x := runExec(t, "twice", Options{})
	st := initState(t, x)
	_, err := x.Apply(t.Context(), st, execEvent(1, "A", `{}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.Apply(t.Context(), st, execEvent(2, "A", `{}`))
	if err == nil {
		err = x.Close()
	}
	if err == nil || !strings.Contains(err.Error(), `: it wrote more than one line for a question: "{\"state\":2}`) {
		t.Error(err)
	}
}

func TestExecCancel(t *testing.T) {
	x := runExec(t, "hang", Options{})
	st := initState(t, x)
	pid := x.proc.cmd.Process.Pid
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := x.Apply(ctx, st, execEvent(1, "A", `{}`))
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wantGone(t, pid)
	if _, err := x.Apply(ctx, st, execEvent(1, "A", `{}`)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	// Interrupted just after an answer: the next call starts it anew.
	t.Setenv(execEnv, "sum")
	st = initState(t, x)
	pid = x.proc.cmd.Process.Pid
	x.proc.interrupt()
	if _, err := x.Apply(t.Context(), st, execEvent(1, "A", `{"x":3}`)); err != nil || rootJSON(st) != `{"N":1,"Sum":3}` {
		t.Errorf("%s, %v", rootJSON(st), err)
	}
	wantGone(t, pid)
}

// A command that reads nothing blocks the write of a question.
func TestExecIgnoresInput(t *testing.T) {
	x := runExec(t, "deaf", Options{})
	st := initState(t, x)
	x.o.Timeout = 200 * time.Millisecond
	_, err := x.Apply(t.Context(), st, execEvent(1, "A", `"`+strings.Repeat("x", 1<<20)+`"`))
	if err == nil || !strings.HasSuffix(err.Error(), ": did not answer within 200ms") {
		t.Error(err)
	}
}

// What the command has started ends with it, though it holds the output open.
func TestExecKillsGroup(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"stubborn", "parent"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := runParallel(t, name, Options{})
			st := initState(t, x)
			if _, err := x.Apply(t.Context(), st, execEvent(1, "A", `{}`)); err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(st.Root().Node().Get("pid").Text())
			if err != nil {
				t.Fatal(err)
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
			wantGone(t, pid)
		})
	}
}

// wantGone fails the test if there is such a process, as a zombie too, unless it
// is gone soon.
func wantGone(t *testing.T, pid int) {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc")
	}
	var stat []byte
	for range 500 {
		var err error
		if stat, err = os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat")); err != nil {
			return
		}
		// What it started is for init to reap, which may not run in a container.
		if f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); f[0] == "Z" && f[1] == "1" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there: %s", pid, stat)
}

// What the command says for people is kept until it ends.
func TestExecStderr(t *testing.T) {
	x := runExec(t, "chatty", Options{})
	st := initState(t, x)
	for i := range 3 {
		if _, err := x.Apply(t.Context(), st, execEvent(i+1, "A", `{}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil || x.StderrTail() != "event 1\nevent 2\nevent 3" {
		t.Errorf("%v, said %q", err, x.StderrTail())
	}
}

func TestExecDir(t *testing.T) {
	dir := t.TempDir()
	x := runExec(t, "where", Options{Dir: dir})
	st := initState(t, x)
	if _, err := x.Apply(t.Context(), st, execEvent(1, "A", `{}`)); err != nil {
		t.Fatal(err)
	}
	want, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := st.Root().Text(); got != want {
		t.Errorf("ran in %s, want %s", got, want)
	}
}

func TestTail(t *testing.T) {
	var text strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&text, "line %d\r\n", i)
	}
	var said tail
	said.listen(strings.NewReader(text.String()))
	var want []string
	for i := 1990; i < 2000; i++ {
		want = append(want, fmt.Sprintf("line %d", i))
	}
	if got := said.String(); got != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
	said = tail{}
	said.listen(io.LimitReader(zeros{}, 1<<20))
	if got := said.String(); len(got) > 4*tailBytes {
		t.Errorf("%d bytes", len(got))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func BenchmarkExec(b *testing.B) {
	b.Setenv(execEnv, "sum")
	x := New([]string{os.Args[0]}, Options{})
	defer x.Close()
	st := state.New()
	if err := x.Init(b.Context(), st); err != nil {
		b.Fatal(err)
	}
	e := execEvent(1, "Added", `{"x":1}`)
	for b.Loop() {
		if _, err := x.Apply(b.Context(), st, e); err != nil {
			b.Fatal(err)
		}
		if _, err := st.Commit(false); err != nil {
			b.Fatal(err)
		}
	}
}

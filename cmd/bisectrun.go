package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/fault"
	fold "asof/replay/fold/exec"
	"asof/replay/state"
)

// The exit codes of a test command, which are those of git bisect run.
const (
	runGood     = 0
	runSkip     = 125
	runCantExec = 126 // of a shell: found, but can't be run
	runNotFound = 127
	runAborts   = 128 // and above
)

// runTester judges a state by a shell command.
type runTester struct {
	app     *app
	command string
	timeout time.Duration
	from    replay.Moment // whose state is known to be good: it shows whether the command works
	dir     string        // of the state's file
}

// newRunTester makes a folder for the state, which close removes.
func (b *bisection) newRunTester(from replay.Moment) (*runTester, error) {
	dir, err := os.MkdirTemp("", "asof-bisect-*")
	if err != nil {
		return nil, noTemp(err)
	}
	return &runTester{app: b.app, command: b.o.run, timeout: b.o.timeout, from: from, dir: dir}, nil
}

func (t *runTester) close() { _ = os.RemoveAll(t.dir) }

// Test runs the command on a state: as JSON on its standard input, and in the
// file that $ASOF_STATE names.
func (t *runTester) Test(ctx context.Context, st state.Value, at replay.Moment) (bisect.Mark, error) {
	path := t.dir + string(os.PathSeparator) + "state.json"
	if err := os.WriteFile(path, append(state.AppendJSON(nil, st), '\n'), 0o600); err != nil {
		return "", err
	}
	code, err := t.exit(ctx, path, at)
	if err != nil {
		return "", err
	}
	isFrom := at.IsStart() && t.from.IsStart() || !at.IsStart() && !t.from.IsStart() && at.Version() == t.from.Version()
	switch {
	case code == runGood:
		return bisect.MarkGood, nil
	case code == runSkip:
		return bisect.MarkSkip, nil
	case code >= runAborts:
		return "", t.failed(at, fmt.Errorf("it exited with %d, which ends the search", code), "exit with 0 for good, 125 for a state that can't be judged, 1 to 127 for bad")
	case isFrom && (code == runCantExec || code == runNotFound):
		return "", t.failed(at, fmt.Errorf("it exited with %d at a state that is taken to be good: the command itself does not work", code), "try it on its own: sh -c "+commandLine([]string{t.command}))
	}
	return bisect.MarkBad, nil
}

func (t *runTester) failed(at replay.Moment, err error, next string) error {
	return &replay.FoldError{At: at, By: "--run " + t.command, Err: err, Next: fault.Try(next)}
}

// exit runs the command and returns its exit code. Whatever becomes of it,
// nothing that it started is left.
func (t *runTester) exit(ctx context.Context, path string, at replay.Moment) (int, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errRunTime)
	defer cancel()
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	c := exec.CommandContext(ctx, "sh", "-c", t.command)
	c.Stdin, c.Stdout, c.Stderr, c.Dir = in, t.app.Err, t.app.Err, t.app.Dir
	version := "start"
	if !at.IsStart() {
		version = strconv.FormatInt(int64(at.Version()), 10)
	}
	c.Env = append(os.Environ(), "ASOF_STATE="+path, "ASOF_STREAM="+at.Stream, "ASOF_VERSION="+version)
	fold.OwnGroup(c)
	c.Cancel = func() error { fold.KillGroup(c); return nil }
	c.WaitDelay = time.Second // for what holds on to its output
	if err := c.Start(); err != nil {
		return 0, t.failed(at, err, "--run needs a shell, sh")
	}
	err = c.Wait()
	fold.KillGroup(c)
	if ctx.Err() != nil {
		if errors.Is(context.Cause(ctx), errRunTime) {
			return 0, t.failed(at, fmt.Errorf("it did not end within %v and was stopped", t.timeout), "--timeout allows more")
		}
		return 0, ctx.Err()
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		if code := exit.ExitCode(); code >= 0 {
			return code, nil
		}
		return 0, t.failed(at, fmt.Errorf("it was ended by a signal: %v", exit), "")
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return 0, t.failed(at, err, "")
	}
	return 0, nil
}

var errRunTime = errors.New("the time for one run is up")

// external searches with a command.
func (b *bisection) external() (*bisect.Result, error) {
	o, err := b.prepare(b.o.foldFlags)
	if err != nil {
		return nil, err
	}
	defer b.target.Close()
	n, err := bisect.NewSession(b.ctx, b.target.Subject, o.From, o.To)
	if err != nil {
		return nil, err
	}
	t, err := b.newRunTester(o.From)
	if err != nil {
		return nil, err
	}
	defer t.close()
	record := b.record()
	b.save(record, n)
	err = n.Run(b.ctx, t, func(m replay.Moment, mark bisect.Mark) {
		b.progressLine(n, m, mark)
		b.save(record, n)
	})
	if err == nil && b.o.verify {
		err = n.Verify(b.ctx, t)
	}
	if err != nil {
		return nil, err
	}
	ans, err := n.Answer(b.ctx, b.o.run)
	if err != nil {
		return nil, err
	}
	b.target.NoteGuess()
	b.restsOn(b.target)
	return ans, nil
}

// progressLine says how one test went, on standard error.
func (b *bisection) progressLine(n *bisect.Session, m replay.Moment, mark bisect.Mark) {
	places, tests := n.Search.Left()
	text := fmt.Sprintf("%s is %s", m.Label(), b.term(mark))
	if _, more := n.Search.Next(); more {
		text += fmt.Sprintf("; %d left, about %d more", places, tests)
	}
	b.note("test", text)
}

// term is what a mark is called.
func (b *bisection) term(m bisect.Mark) string {
	switch {
	case m == bisect.MarkGood && b.o.termOld != "":
		return b.o.termOld
	case m == bisect.MarkBad && b.o.termNew != "":
		return b.o.termNew
	case m == bisect.MarkSkip:
		return "skipped"
	}
	return string(m)
}

package ask

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
	"asof/replay/workspace"
)

// Exit codes of a test command, as in git bisect run.
const (
	exitGood     = 0
	exitSkip     = 125
	exitCantExec = 126 // from the shell: found, but not executable
	exitNotFound = 127
	exitAborts   = 128 // and above
)

// A commandTester tests states with a shell command.
type commandTester struct {
	w       *workspace.Workspace
	command string
	timeout time.Duration
	from    replay.Moment // its state is known to be good, so it shows whether the command works
	file    string        // holds the state
}

// Test runs the command on a state, as JSON on standard input and in the file
// $ASOF_STATE.
func (t *commandTester) Test(ctx context.Context, st state.Value, at replay.Moment) (bisect.Mark, error) {
	if err := os.WriteFile(t.file, append(state.AppendJSON(nil, st), '\n'), 0o600); err != nil {
		return "", err
	}
	code, err := t.run(ctx, at)
	if err != nil {
		return "", err
	}
	isFrom := at.IsStart() && t.from.IsStart() || !at.IsStart() && !t.from.IsStart() && at.Version() == t.from.Version()
	switch {
	case code == exitGood:
		return bisect.MarkGood, nil
	case code == exitSkip:
		return bisect.MarkSkip, nil
	case code >= exitAborts:
		return "", t.failed(at, fmt.Errorf("it exited with %d, which ends the search", code),
			fault.Try("exit with 0 for good, 125 to skip, any other code up to 127 for bad"))
	case isFrom && (code == exitCantExec || code == exitNotFound):
		return "", t.failed(at, fmt.Errorf("it exited with %d on a state assumed good: the command itself fails", code),
			fault.Try("try it on its own: sh -c "+workspace.Quoted(t.command)))
	}
	return bisect.MarkBad, nil
}

func (t *commandTester) failed(at replay.Moment, err error, next fault.Remedy) error {
	return &replay.FoldError{At: at, By: t.w.Option("run") + " " + t.command, Err: err, Next: next}
}

// run runs the command and returns its exit code. No process it started survives.
func (t *commandTester) run(ctx context.Context, at replay.Moment) (int, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errCommandTime)
	defer cancel()
	in, err := os.Open(t.file)
	if err != nil {
		return 0, err
	}
	defer in.Close() //nolint:errcheck // only read
	c, err := t.w.Shell(ctx, t.command)
	if err != nil {
		return 0, err
	}
	version := "start"
	if !at.IsStart() {
		version = strconv.FormatInt(int64(at.Version()), 10)
	}
	c.Stdin = in
	c.Env = append(c.Environ(), "ASOF_STATE="+t.file, "ASOF_STREAM="+at.Stream, "ASOF_VERSION="+version)
	if err := c.Start(); err != nil {
		return 0, t.failed(at, err, fault.Try(t.w.Option("run")+" needs a shell, sh"))
	}
	err = c.Wait()
	fold.KillGroup(c)
	if ctx.Err() != nil {
		if errors.Is(context.Cause(ctx), errCommandTime) {
			return 0, t.failed(at, fmt.Errorf("it did not finish within %v and was stopped", t.timeout), fault.Try(t.w.Option("timeout")+" allows more"))
		}
		return 0, ctx.Err()
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		if code := exit.ExitCode(); code >= 0 {
			return code, nil
		}
		return 0, t.failed(at, fmt.Errorf("it was killed by a signal: %v", exit), fault.Remedy{})
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return 0, t.failed(at, err, fault.Remedy{})
	}
	return 0, nil
}

var errCommandTime = errors.New("time limit of one run reached")

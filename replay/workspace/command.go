package workspace

import (
	"context"
	osexec "os/exec"
	"time"

	"asof/replay/fold/exec"
)

// Shell prepares a command that a question names, to be run by the shell in the
// host's folder. What it prints goes to the host's Stderr. When ctx is done, the
// command is ended with all that it started; [exec.KillGroup] ends what it left.
func (w *Workspace) Shell(ctx context.Context, command string) (*osexec.Cmd, error) {
	if err := w.MayRun("test the states with an expression"); err != nil {
		return nil, err
	}
	c := osexec.CommandContext(ctx, "sh", "-c", command)
	c.Stdout, c.Stderr, c.Dir = w.host.Stderr, w.host.Stderr, w.host.Dir
	exec.OwnGroup(c)
	c.Cancel = func() error { exec.KillGroup(c); return nil }
	c.WaitDelay = time.Second // for processes that hold on to its output
	return c, nil
}

// MayRun refuses a question that names a command, where the host runs none.
func (w *Workspace) MayRun(next string) error {
	if w.host.NoCommands {
		return Usagef(next, "a question may not run a command")
	}
	return nil
}

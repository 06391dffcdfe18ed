package workspace

import (
	"context"
	osexec "os/exec"
	"time"

	"asof/replay/fold/exec"
)

// Shell prepares a command that the shell runs in the host's folder. Its output goes
// to the host's Stderr. When ctx is done, the command and its child processes are
// killed; [exec.KillGroup] kills those that outlive the command.
func (w *Workspace) Shell(ctx context.Context, command string) (*osexec.Cmd, error) {
	if err := w.MayRun("test the states with an expression"); err != nil {
		return nil, err
	}
	c := osexec.CommandContext(ctx, "sh", "-c", command)
	c.Stdout, c.Stderr, c.Dir = w.host.Stderr, w.host.Stderr, w.host.Dir
	exec.OwnGroup(c)
	c.Cancel = func() error { exec.KillGroup(c); return nil }
	c.WaitDelay = time.Second // a child process may keep the output open
	return c, nil
}

// MayRun returns an error if the host does not allow questions to name a command.
func (w *Workspace) MayRun(next string) error {
	if w.host.NoCommands {
		return Usagef(next, "a question may not run a command")
	}
	return nil
}

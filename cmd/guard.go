package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold"
	"asof/replay/project"
)

// A single script operation can end its process: the engine can't stop one that
// exhausts memory or overflows the stack. A verb that may run scripts therefore runs
// in a child process, and the process that the user started waits for it: see [guard].

// A crash describes a child process that ended abnormally.
type crash struct {
	running    []replay.FoldError // what its scripts were doing
	stderrTail string             // last output of its Go runtime
	signal     string             // that ended it; empty if none did
	code       int                // exit code if no script is to blame
}

// endedError ends the run silently with the exit code of the child process.
type endedError struct{ code int }

func (*endedError) Error() string { return "ended" }

// runGuarded runs the verb in a child process if it may run scripts. It returns nil
// if the verb must run in this process.
func (a *app) runGuarded(c *cobra.Command) error {
	if a.Guard == nil || !a.runsScripts(c) {
		return nil
	}
	return a.Guard()
}

// runsScripts reports whether a verb may run a script from its flags or from
// asof.toml.
func (a *app) runsScripts(c *cobra.Command) bool {
	fl := c.Flags()
	if fl.Lookup("fold") == nil && fl.Lookup("projection") == nil {
		return false // the verb doesn't fold
	}
	for _, name := range []string{"bad", "good", "where"} {
		if f := fl.Lookup(name); f != nil && f.Changed {
			return true
		}
	}
	if folds, err := fl.GetStringArray("fold"); err == nil {
		for _, text := range folds {
			if fold.ParseSource(text).IsScript() {
				return true
			}
		}
	}
	if a.config != "" || a.Env("ASOF_CONFIG") != "" {
		return true
	}
	_, found := project.Find(a.path("."), a.Env("ASOF_CEILING"))
	return found
}

// error returns the failure of the script that caused the crash, or nil if no script
// did, which makes it a bug.
func (c *crash) error() error {
	cause := c.cause()
	if cause == "" || len(c.running) == 0 {
		return nil
	}
	failed := c.running[0]
	failed.Err = errors.New(cause)
	if len(c.running) > 1 {
		var others []string
		for _, o := range c.running[1:] {
			others = append(others, o.By+" at "+o.At.Label())
		}
		failed.Err = fmt.Errorf("%s (or %s, which ran at the same time)", cause, strings.Join(others, ", "))
	}
	failed.Next = fault.Try("look for endless recursion, or an operation that takes too much memory")
	return &failed
}

// cause describes what a script may have done to its process. It returns "" if no
// script can be the cause.
func (c *crash) cause() string {
	switch {
	case strings.Contains(c.stderrTail, "stack overflow"), strings.Contains(c.stderrTail, "goroutine stack exceeds"):
		return "its operations nest too deeply for the engine"
	case strings.Contains(c.stderrTail, "out of memory"), strings.Contains(c.stderrTail, "cannot allocate memory"):
		return "it ran out of memory"
	case c.signal == "killed":
		return "its process was killed, perhaps for taking too much memory"
	}
	return ""
}

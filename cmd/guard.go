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

// A script may ask the engine for one operation that can't be stopped: one that
// takes more memory than there is, or nests deeper than the stack, ends its
// process. So what may run scripts runs in a process of its own, and the one that
// the user started only waits for it: see [guard].

// A fall is a process that was taken down.
type fall struct {
	running []replay.FoldError // what its scripts were doing
	last    string             // what its runtime said
	signal  string             // that ended it, if one did
	code    int                // to exit with, where it was no script
}

// endedError ends a run that another process did: with its exit code, in silence.
type endedError struct{ code int }

func (*endedError) Error() string { return "ended" }

// guarded has the verb run in a process of its own if it may run scripts. It
// returns nil when the verb is to run in this one.
func (a *app) guarded(c *cobra.Command) error {
	if a.Guard == nil || !a.runsScripts(c) {
		return nil
	}
	return a.Guard()
}

// runsScripts reports whether a verb may run a script: one of its flags, or one of
// asof.toml.
func (a *app) runsScripts(c *cobra.Command) bool {
	fl := c.Flags()
	if fl.Lookup("fold") == nil && fl.Lookup("projection") == nil {
		return false // it folds nothing
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

// error is what to say of a process that was taken down: a script's failure if a
// script ran, else a bug.
func (f *fall) error() error {
	cause := f.cause()
	if cause == "" || len(f.running) == 0 {
		return nil
	}
	failed := f.running[0]
	failed.Err = errors.New(cause)
	if len(f.running) > 1 {
		var others []string
		for _, o := range f.running[1:] {
			others = append(others, o.By+" at "+o.At.Label())
		}
		failed.Err = fmt.Errorf("%s (or it was %s, which ran at the same time)", cause, strings.Join(others, ", "))
	}
	failed.Next = fault.Try("look for an operation that takes too much memory, or for endless recursion")
	return &failed
}

// cause says what a script may have done to its process, or "".
func (f *fall) cause() string {
	switch {
	case strings.Contains(f.last, "stack overflow"), strings.Contains(f.last, "goroutine stack exceeds"):
		return "its operations nest too deep for the engine"
	case strings.Contains(f.last, "out of memory"), strings.Contains(f.last, "cannot allocate memory"):
		return "it asked for more memory than there is"
	case f.signal == "killed":
		return "its process was killed, perhaps because it took too much memory"
	}
	return ""
}

//go:build unix

package cmd

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
)

const (
	// guardedArg, before all others, marks the process that is waited for. Its
	// standard error is the runtime's alone, which has the last word there: its own
	// and its notes come after the three streams.
	guardedArg = "--guarded-process"
	errorsFD   = 3
	notesFD    = 4
	// maxStack bounds a stack, in bytes: it grows by doubling, and is copied.
	maxStack = 64 << 20
	// maxLast bounds what is read of the runtime's last words.
	maxLast = 1 << 20
)

// guard runs the program once more with the same arguments and waits for it. It
// returns nil when that can't be done.
func guard(args []string, stderr io.Writer) error {
	f, err := notesFile()
	if err != nil {
		return nil //nolint:nilerr // without a place for notes there is no guard
	}
	defer f.Close() //nolint:errcheck // it has no name any more
	self, err := os.Executable()
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	last, lastWords, err := os.Pipe()
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	defer last.Close() //nolint:errcheck // only read
	shown, hidden := hideArgs(append([]string{guardedArg}, args...))
	c := exec.Cmd{
		Path: self, Args: append([]string{os.Args[0]}, shown...),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: lastWords,
		ExtraFiles: []*os.File{os.Stderr, f}, SysProcAttr: diesWithParent(),
	}
	if hidden != "" {
		c.Env = append(os.Environ(), hidden)
	}
	runtime.LockOSThread() // the system takes the thread for the parent
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := c.Start(); err != nil {
		lastWords.Close() //nolint:errcheck // nothing was written
		return nil        //nolint:nilerr // as above
	}
	lastWords.Close() //nolint:errcheck // the other process has its own
	go func() {
		for s := range signals {
			_ = c.Process.Signal(s) // it may have ended
		}
	}()
	stderrTail, _ := io.ReadAll(io.LimitReader(last, maxLast)) // what came so far
	_, _ = io.Copy(io.Discard, last)
	return outcome(c.Wait(), f, stderrTail, stderr)
}

// outcome says how the process that was waited for has ended.
func outcome(err error, f *os.File, stderrTail []byte, stderr io.Writer) error {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	ended, running, nerr := readNotes(f)
	if nerr == nil && ended {
		code := 0
		if exit != nil {
			code = exit.ExitCode()
		}
		_, _ = stderr.Write(stderrTail) // what a library says there
		return &endedError{code}
	}
	fell := fall{running: running, last: string(stderrTail), code: exitBug}
	if exit != nil {
		if st, ok := exit.Sys().(syscall.WaitStatus); ok && st.Signaled() {
			fell.signal, fell.code = st.Signal().String(), 128+int(st.Signal())
		}
	}
	if err := fell.error(); err != nil {
		return err
	}
	_, _ = stderr.Write(stderrTail) // there is nowhere left to say that this failed
	return &endedError{fell.code}
}

// isGuarded reports whether this process is the one that is waited for, and if so
// prepares it and returns the arguments that are the user's.
func isGuarded(args []string, io *IO) (rest []string, n *notes) {
	if len(args) == 0 || args[0] != guardedArg {
		return args, nil
	}
	n, err := openNotes(os.NewFile(notesFD, "notes"))
	if err != nil {
		return args[1:], nil
	}
	syscall.CloseOnExec(errorsFD)
	io.Err = os.NewFile(errorsFD, os.Stderr.Name())
	debug.SetMaxStack(maxStack)
	return args[1:], n
}

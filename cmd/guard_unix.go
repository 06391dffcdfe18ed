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
	// guardedArg is the first argument of the child process. Only the Go runtime
	// writes to the child's standard error; the verb's errors and the notes have
	// descriptors after the three standard streams.
	guardedArg = "--guarded-process"
	errorsFD   = 3
	notesFD    = 4
	// maxStack limits a goroutine's stack, in bytes. A stack doubles when it grows, and
	// the old one is copied.
	maxStack = 64 << 20
	// maxStderrTail limits how much of the child's standard error is kept, in bytes.
	maxStderrTail = 1 << 20
)

// guard runs the program with the same arguments in a child process and waits for
// it. It returns nil if the child can't be started.
func guard(args []string, stderr io.Writer) error {
	f, err := notesFile()
	if err != nil {
		return nil //nolint:nilerr // without notes, a crash can't be explained
	}
	defer f.Close() //nolint:errcheck // the file is already removed
	self, err := os.Executable()
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	stderrRead, stderrWrite, err := os.Pipe()
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	defer stderrRead.Close() //nolint:errcheck // only read
	shown, hidden := hideArgs(append([]string{guardedArg}, args...))
	c := exec.Cmd{
		Path: self, Args: append([]string{os.Args[0]}, shown...),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: stderrWrite,
		ExtraFiles: []*os.File{os.Stderr, f}, SysProcAttr: diesWithParent(),
	}
	if hidden != "" {
		c.Env = append(os.Environ(), hidden)
	}
	runtime.LockOSThread() // Pdeathsig counts the thread as the parent
	defer runtime.UnlockOSThread()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, endings()...)
	defer signal.Stop(signals)
	terminal := terminalModeOf(os.Stdin)
	if err := c.Start(); err != nil {
		stderrWrite.Close() //nolint:errcheck // nothing was written
		return nil          //nolint:nilerr // as above
	}
	stderrWrite.Close() //nolint:errcheck // the child has its own descriptor
	go func() {
		for s := range signals {
			_ = c.Process.Signal(s) // it may have ended
		}
	}()
	stderrTail, _ := io.ReadAll(io.LimitReader(stderrRead, maxStderrTail)) // an error leaves what was read so far
	_, _ = io.Copy(io.Discard, stderrRead)
	ended := c.Wait()
	terminal.restore(os.Stdout)
	return outcome(ended, f, stderrTail, stderr)
}

// outcome returns how the child process ended, as an error that carries its exit code.
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
		_, _ = stderr.Write(stderrTail) // a library may have written there
		return &endedError{code}
	}
	crashed := crash{running: running, stderrTail: string(stderrTail), code: exitBug}
	if exit != nil {
		if st, ok := exit.Sys().(syscall.WaitStatus); ok && st.Signaled() {
			crashed.signal, crashed.code = st.Signal().String(), 128+int(st.Signal())
		}
	}
	if err := crashed.error(); err != nil {
		return err
	}
	_, _ = stderr.Write(stderrTail) // a failure here can't be reported
	return &endedError{crashed.code}
}

// isGuarded reports whether this process is the child, by a non-nil n. It prepares the
// child and returns the user's arguments.
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

package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"asof/replay/fault"
)

// An output whose reader has gone away is no error, in no verb. The rest of the
// answer is let go, what still reads the store is ended, and the exit code is that
// of the answer: 1 where it has findings. A standard output that was closed from the
// start (>&-) is the same: the Go runtime opens /dev/null in its place.

// errGone is why a run ends early: nobody reads its answer.
var errGone = errors.New("nobody reads the output")

// A counter counts what is written, and keeps why nothing can be any more.
type counter struct {
	io.Writer
	n    int64
	gone context.CancelCauseFunc // ends the run; may be nil
	over bool                    // the reader has gone
	err  error                   // any other failure, the first
}

func (c *counter) Write(p []byte) (int, error) {
	if c.over {
		return len(p), nil
	}
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, syscall.EPIPE):
		c.over = true
		if c.gone != nil {
			c.gone(errGone)
		}
		return len(p), nil
	case c.err == nil:
		c.err = &outputError{err}
	}
	return n, c.err
}

// An outputError is an answer that could not be written.
type outputError struct{ err error }

func (e *outputError) Error() string { return "the answer could not be written: " + e.err.Error() }

// Class returns [fault.Usage].
func (e *outputError) Class() fault.Class { return fault.Usage }

// Remedy returns nothing: the message says it all.
func (e *outputError) Remedy() fault.Remedy { return fault.Remedy{} }
func (e *outputError) Unwrap() error        { return e.err }

// survivePipes lets a write to a pipe that nobody reads fail with an error, where
// the system would end the process. Commands that are started are not affected.
func survivePipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

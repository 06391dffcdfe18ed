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

// A closed pipe on standard output is not an error in any verb. The rest of the answer
// is discarded, reads of the store are canceled, and the exit code is that of the
// answer: 1 if it has findings. A standard output closed from the start (>&-) behaves
// the same: the Go runtime opens /dev/null in its place.

// errGone is the cause of a run that is canceled because its output has no reader.
var errGone = errors.New("nobody reads the output")

// A counter counts the bytes written and keeps the first error.
type counter struct {
	io.Writer
	n          int64
	gone       context.CancelCauseFunc // cancels the run; may be nil
	readerGone bool
	err        error // the first error that is not a closed pipe
}

func (c *counter) Write(p []byte) (int, error) {
	if c.readerGone {
		return len(p), nil
	}
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, syscall.EPIPE):
		c.readerGone = true
		if c.gone != nil {
			c.gone(errGone)
		}
		return len(p), nil
	case c.err == nil:
		c.err = &outputError{err}
	}
	return n, c.err
}

// An outputError is a failure to write the answer.
type outputError struct{ err error }

func (e *outputError) Error() string { return "the answer could not be written: " + e.err.Error() }

// Class returns [fault.Usage].
func (e *outputError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindCantWrite].
func (*outputError) Fault() fault.Kind { return fault.KindCantWrite }

// Remedy returns the zero Remedy: there is nothing to suggest.
func (e *outputError) Remedy() fault.Remedy { return fault.Remedy{} }
func (e *outputError) Unwrap() error        { return e.err }

// survivePipes makes a write to a closed pipe return an error instead of ending the
// process. It doesn't affect child processes.
func survivePipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

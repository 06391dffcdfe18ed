package cmd

import (
	"bytes"
	"context"
	"os"
	"time"
)

// sameInterrupt is how long after an interrupt another one is taken for the same: the
// terminal sends it, and so may the parent process.
const sameInterrupt = 500 * time.Millisecond

// interruptibly calls f with a context that an interrupt ends.
func (p *queryPrompt) interruptibly(f func() bool) bool {
	select {
	case <-p.interrupted: // no statement was running
	default:
	}
	ctx, cancel := context.WithCancel(p.whole)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-p.interrupted:
				if time.Since(p.last) > sameInterrupt {
					p.last = time.Now()
					cancel()
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	p.ctx = ctx
	defer func() {
		cancel()
		<-watched
		p.ctx = p.whole
	}()
	return f()
}

// promptKeys are the keys of a prompt, with Ctrl-C as keys that drop the line. A terminal
// takes it for the end of the input.
type promptKeys struct {
	in      *os.File
	rest    []byte
	dropped bool // the line that is being read
}

// dropLine goes to the end of the line, deletes it, and enters it.
const ctrlC, dropLine = 3, "\x05\x15\r"

// Read implements io.Reader. The terminal reads on when it has no line, so what comes
// before a Ctrl-C ends no line, and a read of its own tells which one is dropped.
func (k *promptKeys) Read(b []byte) (int, error) {
	if len(k.rest) == 0 {
		keys := make([]byte, 256)
		n, err := k.in.Read(keys)
		if err != nil {
			return 0, err
		}
		k.rest = keys[:n]
	}
	if k.rest[0] == ctrlC && len(b) >= len(dropLine) {
		k.rest, k.dropped = k.rest[1:], true
		return copy(b, dropLine), nil
	}
	n := bytes.IndexByte(k.rest, ctrlC)
	if n <= 0 {
		n = len(k.rest)
	}
	n = copy(b, k.rest[:n])
	k.rest = k.rest[n:]
	return n, nil
}

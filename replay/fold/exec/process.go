package exec

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"asof/replay"
)

// maxAnswer is the largest answer accepted, in bytes.
const maxAnswer = 256 << 20

// A process is a running command. One goroutine calls its methods, except
// interrupt, which any may call.
type process struct {
	cmd *exec.Cmd
	in  *os.File
	out *os.File
	r   *bufio.Reader
	buf []byte // for answers longer than r's buffer

	beyond      bool                                              // it was asked about events that were not applied
	deadline    func(p *process, timeout time.Duration) time.Time // of an answer
	stderr      tail
	exited      chan struct{} // closed once it has ended and stderr is complete
	interrupted atomic.Bool
}

// startProcess starts a command. Its error is a [CommandError].
func startProcess(argv []string, dir string) (*process, error) {
	var pipes [3]struct{ r, w *os.File }
	closeAll := func() {
		for _, p := range pipes {
			if p.r != nil {
				_, _ = p.r.Close(), p.w.Close()
			}
		}
	}
	for i := range pipes {
		var err error
		if pipes[i].r, pipes[i].w, err = os.Pipe(); err != nil {
			closeAll()
			return nil, notStarted(err)
		}
	}
	in, out, diag := pipes[0], pipes[1], pipes[2]
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, in.r, out.w, diag.w
	OwnGroup(cmd)
	if err := cmd.Start(); err != nil {
		closeAll()
		return nil, notStarted(err)
	}
	_, _, _ = in.r.Close(), out.w.Close(), diag.w.Close()
	p := &process{
		cmd: cmd, in: in.w, out: out.r,
		r: bufio.NewReaderSize(out.r, 64<<10), exited: make(chan struct{}),
	}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		p.stderr.listen(diag.r)
	}()
	go func() {
		_ = cmd.Wait() // cmd.ProcessState says how it ended
		KillGroup(cmd) // processes that it left running
		_ = diag.r.SetReadDeadline(time.Now().Add(execGrace))
		<-heard
		_ = diag.r.Close()
		close(p.exited)
	}()
	return p, nil
}

func notStarted(err error) error {
	return &CommandError{
		Reason: "did not start: " + err.Error(), Err: err,
		next: "name a program and its arguments: no shell is involved",
	}
}

// byClock is the deadline of an answer that may take as long as timeout.
func byClock(_ *process, timeout time.Duration) time.Time { return time.Now().Add(timeout) }

// interrupt makes the exchange in progress and all later ones fail.
func (p *process) interrupt() {
	p.interrupted.Store(true)
	p.signal()
	now := time.Now()
	_, _ = p.in.SetWriteDeadline(now), p.out.SetReadDeadline(now)
}

// until interrupts the process if the context ends before release is called.
func (p *process) until(ctx context.Context) (release func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		p.interrupt()
	})
	return func() {
		if !stop() {
			<-done // no interrupt comes after release
		}
	}
}

// signal kills the process unless it has ended.
func (p *process) signal() {
	select {
	case <-p.exited:
	default:
		KillGroup(p.cmd)
	}
}

// kill ends the process and waits for its end.
func (p *process) kill() {
	p.signal()
	<-p.exited
	_, _ = p.in.Close(), p.out.Close()
}

// close closes the input and gives the process about grace to exit before it kills
// it. It returns the beginning of any output beyond the last answer.
func (p *process) close(grace time.Duration) (surplus []byte) {
	_ = p.in.Close()
	_ = p.out.SetReadDeadline(time.Now().Add(grace))
	var rest bytes.Buffer
	_, _ = io.CopyN(&rest, p.r, 4<<10)
	_, _ = io.Copy(io.Discard, p.r)
	select {
	case <-p.exited:
	case <-time.After(grace):
	}
	p.kill()
	return bytes.TrimSpace(rest.Bytes())
}

// surplus returns an error if there is output beyond the last answer.
func (p *process) surplus() error {
	if p.r.Buffered() == 0 {
		return nil
	}
	line, _ := p.r.Peek(p.r.Buffered())
	return surplusError(line)
}

func surplusError(line []byte) error {
	return &answerError{"it wrote more than one line for a question", excerpt(bytes.TrimSpace(line))}
}

// exchange writes a question and returns the answer line, valid until the next
// call. After an error the process is unusable.
func (p *process) exchange(ask []byte, timeout time.Duration, limit int) ([]byte, error) {
	if err := p.surplus(); err != nil {
		return nil, err
	}
	deadline := p.deadline(p, timeout)
	_, _ = p.in.SetWriteDeadline(deadline), p.out.SetReadDeadline(deadline)
	if p.interrupted.Load() {
		return nil, os.ErrDeadlineExceeded
	}
	_, err := p.in.Write(ask)
	if err == nil {
		var line []byte
		if line, err = p.line(limit); err == nil {
			return line, nil
		}
	}
	var wrong *answerError
	switch {
	case errors.As(err, &wrong):
		return nil, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.kill()
		return nil, &CommandError{
			Reason: fmt.Sprintf("did not answer within %s", timeout), Stderr: p.stderr.String(), Err: err,
			next: "flush standard output after each line, as print(…, flush=True) does in Python",
		}
	}
	return nil, p.ended(err)
}

// exchangeAll writes n questions and appends the answer lines, limit bytes at most.
// It writes and reads at the same time: the process may block until its answers are
// read. At the end it waits about as long as one answer took for a surplus one.
// After an error the process has ended.
func (p *process) exchangeAll(asks []byte, n int, answers *lines, patience time.Duration, limit int) error {
	start := time.Now()
	_ = p.in.SetWriteDeadline(time.Time{})
	wrote := make(chan error, 1)
	go func() {
		_, err := p.in.Write(asks)
		wrote <- err
	}()
	err := p.answers(n, answers, patience, limit)
	if err != nil {
		p.kill() // which ends the write
		<-wrote
		return err
	}
	_ = p.in.SetWriteDeadline(p.deadline(p, patience))
	err = <-wrote // on failure, the process answered questions it had not read
	if p.linger(min(time.Since(start)/time.Duration(n), lingerTime)); err != nil || p.r.Buffered() > 0 {
		p.kill()
		return errIrregular
	}
	return nil
}

// linger waits briefly for output beyond the last answer, for surplus to find.
func (p *process) linger(within time.Duration) {
	_ = p.out.SetReadDeadline(time.Now().Add(within + lingerTime/10))
	_, _ = p.r.Peek(1)
}

// answers reads n lines into to.
func (p *process) answers(n int, to *lines, patience time.Duration, limit int) error {
	for range n {
		_ = p.out.SetReadDeadline(p.deadline(p, patience))
		if p.interrupted.Load() {
			return os.ErrDeadlineExceeded
		}
		line, err := p.line(limit - len(to.text))
		if err != nil {
			return err
		}
		to.add(line)
	}
	return nil
}

// line reads the next line, without its line break.
func (p *process) line(limit int) ([]byte, error) {
	p.buf = p.buf[:0]
	for {
		part, err := p.r.ReadSlice('\n')
		if len(p.buf)+len(part) > limit {
			return nil, &answerError{fmt.Sprintf("its answer is larger than %d bytes", limit), excerpt(append(p.buf, part...))}
		}
		switch {
		case err == nil && len(p.buf) == 0:
			return part, nil
		case err == nil:
			line := append(p.buf, part...)
			if p.buf = line; cap(line) > 1<<20 {
				p.buf = nil
			}
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull):
			p.buf = append(p.buf, part...)
		default:
			return nil, err
		}
	}
}

// ended returns an error that says how the process ended, once its input or output
// is closed.
func (p *process) ended(err error) error {
	reason := "closed its output without an answer"
	select {
	case <-p.exited:
		reason = fmt.Sprintf("ended without an answer (%s)", p.cmd.ProcessState)
	case <-time.After(execGrace):
	}
	p.kill()
	return &CommandError{
		Reason: reason, Stderr: p.stderr.String(), Err: err,
		next: "the command must read its standard input to the end and answer each line",
	}
}

// A tail keeps the last lines of a stream.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const (
	tailBytes = 4 << 10
	tailLines = 10
)

// listen reads r to its end.
func (t *tail) listen(r io.Reader) {
	buf := make([]byte, 4<<10)
	for {
		n, err := r.Read(buf)
		t.mu.Lock()
		t.buf = append(t.buf, buf[:n]...)
		if over := len(t.buf) - tailBytes; over > 0 {
			t.buf = append(t.buf[:0], t.buf[over:]...)
		}
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// String returns the last lines, fit for a terminal.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.buf)), "\n")
	if len(t.buf) == tailBytes && len(lines) > 1 {
		lines = lines[1:] // the first is incomplete
	}
	lines = lines[max(0, len(lines)-tailLines):]
	for i := range lines {
		lines[i] = replay.Printable(strings.TrimRight(lines[i], " \t\r"), tailBytes)
	}
	return strings.Join(lines, "\n")
}

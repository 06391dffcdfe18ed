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

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 256 << 20

// A process is a running command. Its methods, but for interrupt, are called by
// one goroutine.
type process struct {
	cmd *exec.Cmd
	in  *os.File
	out *os.File
	r   *bufio.Reader
	buf []byte // of an answer that is longer than r's own

	beyond      bool // it was asked about events that were not applied
	stderr      tail
	exited      chan struct{} // closed when it has ended and its last output is in stderr
	interrupted atomic.Bool
}

// startProcess runs a command. An error is a [CommandError].
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
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		KillGroup(cmd) // what it has started and left behind
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
		next: "it is run without a shell: name a program and its arguments",
	}
}

// interrupt makes an exchange that waits, and all later ones, fail.
func (p *process) interrupt() {
	p.interrupted.Store(true)
	p.signal()
	now := time.Now()
	_, _ = p.in.SetWriteDeadline(now), p.out.SetReadDeadline(now)
}

// until interrupts the process when the context ends before release is called.
func (p *process) until(ctx context.Context) (release func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		p.interrupt()
	})
	return func() {
		if !stop() {
			<-done // nothing is interrupted later
		}
	}
}

// signal kills the process, if it has not ended.
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

// close ends the input and waits for the process to end by itself, for at most
// about grace. It returns the beginning of what it wrote that was not asked for.
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

// surplus returns an error if there is more than was asked for.
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

// exchange writes a question and returns the line that answers it, valid until
// the next. After an error the process is of no more use.
func (p *process) exchange(ask []byte, timeout time.Duration, limit int) ([]byte, error) {
	if err := p.surplus(); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(timeout)
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
			next: "flush its output after each line, as print(…, flush=True) does in Python",
		}
	}
	return nil, p.ended(err)
}

// exchangeAll writes questions and appends the lines that answer them, which may
// be so large in all. It writes while it reads: the process may not read on
// before its answers are read. If there was an answer too many, one more comes
// after about the time that each took. After an error the process has ended.
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
		p.kill() // which ends the writing
		<-wrote
		return err
	}
	_ = p.in.SetWriteDeadline(time.Now().Add(patience))
	err = <-wrote // it can't have read what it has answered, if this fails
	if p.linger(min(time.Since(start)/time.Duration(n), lingerTime)); err != nil || p.r.Buffered() > 0 {
		p.kill()
		return errIrregular
	}
	return nil
}

// linger waits a little for more than was asked for, which surplus then finds.
func (p *process) linger(within time.Duration) {
	_ = p.out.SetReadDeadline(time.Now().Add(within + lingerTime/10))
	_, _ = p.r.Peek(1)
}

// answers reads so many lines.
func (p *process) answers(n int, to *lines, patience time.Duration, limit int) error {
	for range n {
		_ = p.out.SetReadDeadline(time.Now().Add(patience))
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

// line reads the next line, without its end.
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

// ended says how the process ended that has closed its input or its output.
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
		next: "it must read its standard input to the end, and answer each line",
	}
}

// A tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const (
	tailBytes = 4 << 10
	tailLines = 10
)

// listen keeps the end of what r yields.
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
		lines = lines[1:] // the first is cut
	}
	lines = lines[max(0, len(lines)-tailLines):]
	for i := range lines {
		lines[i] = replay.Printable(strings.TrimRight(lines[i], " \t\r"), tailBytes)
	}
	return strings.Join(lines, "\n")
}

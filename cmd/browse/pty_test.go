//go:build unix

package browse_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"asof/cmd/browse"
	"asof/replay/workspace"
)

// A shown is a terminal that a program runs on: what it wrote, and how it ended.
type shown struct {
	t        *testing.T
	pty, tty *os.File
	before   *term.State
	ended    chan any // a panic, or an error

	mu   sync.Mutex
	text bytes.Buffer
}

// showOn runs the program on a terminal that answers nothing.
func showOn(t *testing.T, ctx context.Context, store string, hint func(error) string) *shown {
	t.Helper()
	p, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal: %v", err)
	}
	if err := pty.Setsize(p, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	s := &shown{t: t, pty: p, tty: tty, ended: make(chan any, 1)}
	if s.before, err = term.GetState(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		b := make([]byte, 4096)
		for {
			n, err := p.Read(b)
			s.mu.Lock()
			s.text.Write(b[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	w := workspace.New(workspace.Host{Dir: filepath.Dir(store)}, workspace.Options{NoCache: true})
	var running sync.WaitGroup
	running.Go(func() {
		defer func() {
			if bug := recover(); bug != nil {
				s.ended <- bug
			}
		}()
		o := browse.Options{Ref: workspace.StoreRef{Store: store}, Hint: hint}
		s.ended <- browse.Run(ctx, w, o, browse.Terminal{In: tty, Out: tty, Env: []string{"TERM=xterm-256color"}})
	})
	t.Cleanup(func() {
		running.Wait()
		w.Close()
		tty.Close() //nolint:errcheck // only a test
		p.Close()   //nolint:errcheck // only a test
		reading.Wait()
	})
	return s
}

// wait waits until the program has written a text since an earlier length.
func (s *shown) wait(from int, text string) int {
	s.t.Helper()
	const patience = time.Minute
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		at := strings.Index(s.text.String()[from:], text)
		n := s.text.Len()
		s.mu.Unlock()
		if at >= 0 {
			return n
		}
	}
	s.t.Errorf("the terminal does not show %q", text)
	return from
}

func (s *shown) press(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.pty, keys); err != nil {
		s.t.Fatal(err)
	}
}

// end waits for the end, and checks that the terminal is as it was.
func (s *shown) end() any {
	s.t.Helper()
	how := <-s.ended
	after, err := term.GetState(int(s.tty.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	if fmt.Sprint(*after) != fmt.Sprint(*s.before) {
		s.t.Error("the modes of the terminal are not what they were")
	}
	const leavesScreen, showsCursor, endsMouse = "\x1b[?1049l", "\x1b[?25h", "\x1b[?1002l"
	for _, want := range []string{leavesScreen, showsCursor, endsMouse} {
		s.wait(0, want)
	}
	return how
}

// onEvents writes a store of two events.
func onEvents(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.ndjson")
	const events = `{"stream":"cart-1","version":1,"type":"Opened","time":"2026-01-01T00:00:00Z","data":{"total":1}}
{"stream":"cart-1","version":2,"type":"Paid","time":"2026-01-02T00:00:00Z","data":{"total":2}}
`
	if err := os.WriteFile(path, []byte(events), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTerminal starts, resizes and leaves on a terminal that answers no query.
func TestTerminal(t *testing.T) {
	for name, leave := range map[string]string{"q": "q", "Ctrl-C": "\x03", "Escape": "\x1b[27u"} {
		t.Run(name, func(t *testing.T) {
			s := showOn(t, t.Context(), onEvents(t), nil)
			n := s.wait(0, "cart-1")
			if err := pty.Setsize(s.pty, &pty.Winsize{Rows: 30, Cols: 110}); err != nil {
				t.Fatal(err)
			}
			if p, err := os.FindProcess(os.Getpid()); err == nil {
				signalResize(t, p)
			}
			n = s.wait(n, "cart-1")
			s.press("\r")
			s.wait(n, "Paid")
			if name == "Escape" {
				s.press("q")
			} else {
				s.press(leave)
			}
			if how := s.end(); how != nil {
				t.Errorf("it ended with %v", how)
			}
		})
	}
}

// TestTerminalAfterEnd ends the run from outside.
func TestTerminalAfterEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := showOn(t, ctx, onEvents(t), nil)
	s.wait(0, "cart-1")
	cancel()
	if how := s.end(); how != context.Canceled {
		t.Errorf("it ended with %v", how)
	}
}

// TestTerminalAfterPanic restores the terminal before the panic continues.
func TestTerminalAfterPanic(t *testing.T) {
	s := showOn(t, t.Context(), onEvents(t), func(error) string { panic("planted") })
	n := s.wait(0, "cart-1")
	s.press("\r")
	s.wait(n, "Paid")
	s.press(":nothing\r")
	if how := s.end(); how != "planted" {
		t.Errorf("it ended with %v", how)
	}
}

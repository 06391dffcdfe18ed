// Package pager shows output that is longer than the screen in the user's pager, by the
// rules of git.
//
// A [Screen] stands between a program and its terminal. It holds the output back until
// the output is longer than the screen, until a moment has passed, or until the end. In
// the first two cases the pager starts and gets everything from the first byte on; in the
// last one the output goes to the terminal, whatever the pager is. The first screen
// therefore appears while the rest is computed.
//
// Standard error, if it is the terminal, goes the same way: otherwise it would be written
// across the pager.
package pager

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Variables are the environment variables that name the pager, the first that is set
// counts.
var Variables = []string{"ASOF_PAGER", "PAGER"}

// Standard is the pager if no variable names one.
const Standard = "less"

// Command returns the pager of an environment, or "" for none: if it is empty or cat, if
// the terminal is dumb and no variable of this program asks for one, and if the pager is
// not installed, which is an error if it was named.
func Command(env func(string) (string, bool)) (string, error) {
	if runtime.GOOS == "windows" {
		return "", nil
	}
	name := ""
	for i, v := range Variables {
		value, ok := env(v)
		if !ok {
			continue
		}
		if name = strings.TrimSpace(value); name == "" || name == "cat" {
			return "", nil
		}
		if i == 0 {
			return name, installed(name)
		}
		break
	}
	if term, _ := env("TERM"); term == "dumb" || term == "" {
		return "", nil
	}
	if name == "" {
		if installed(Standard) != nil {
			return "", nil
		}
		return Standard, nil
	}
	return name, installed(name)
}

// installed returns an error if the program of a command line does not exist. It accepts
// what only a shell can read.
func installed(command string) error {
	if strings.ContainsAny(command, `'"$=;|&<>()`+"`\\~*?[") {
		return nil
	}
	program := strings.Fields(command)[0]
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("the pager %s is not installed", program)
	}
	return nil
}

// Environ returns the environment of a pager: colors pass through less, and less ends by
// itself if the text fits.
func Environ(env []string) []string {
	for _, d := range []string{"LESS=FRX", "LV=-c"} {
		name, _, _ := strings.Cut(d, "=")
		if !slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, name+"=") }) {
			env = append(slices.Clone(env), d)
		}
	}
	return env
}

// Options say how a [Screen] pages.
type Options struct {
	Command       string   // of a shell, as [Command] returns it
	Env           []string // of the pager, as [Environ] returns it
	Terminal      *os.File
	Width, Height int
	Quit          func() // called if the pager ends before the output; may be nil
}

// patience is how long output is held back after its first byte.
const patience = 250 * time.Millisecond

// A Screen is a terminal that starts the pager when it has to.
type Screen struct {
	o      Options
	paging atomic.Bool

	mu       sync.Mutex // held while writing
	straight bool
	held     bytes.Buffer
	answer   bool // held has some of standard output
	timer    *time.Timer
	in       *os.File
	closed   atomic.Bool
	done     chan struct{}
}

// New returns a screen that holds nothing.
func New(o Options) *Screen { return &Screen{o: o, done: make(chan struct{})} }

// A stream is one of the writers of a screen.
type stream struct {
	*Screen
	answer bool
}

// Terminal returns the terminal that the writer writes to.
func (s stream) Terminal() *os.File { return s.o.Terminal }

func (s stream) Write(p []byte) (int, error) { return s.write(p, s.answer) }

// Out returns the writer of standard output. After the pager has ended, writes fail with
// EPIPE.
func (s *Screen) Out() io.Writer { return stream{s, true} }

// Err returns the writer of standard error. It never fails.
func (s *Screen) Err() io.Writer { return stream{s, false} }

// Bar returns a writer for passing text, such as a progress bar: it goes to the terminal
// at once, or nowhere once the pager runs.
func (s *Screen) Bar() io.Writer { return bar{s} }

type bar struct{ *Screen }

func (b bar) Write(p []byte) (int, error) {
	if !b.Paging() {
		return b.o.Terminal.Write(p)
	}
	return len(p), nil
}

// Paging reports whether the pager was started.
func (s *Screen) Paging() bool { return s.paging.Load() }

func (s *Screen) write(p []byte, answer bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	switch {
	case s.Paging():
		_, err = s.in.Write(p)
	case s.straight:
		_, err = s.o.Terminal.Write(p)
	default:
		s.held.Write(p)
		s.answer = s.answer || answer
		if s.tooLong() {
			err = s.start()
		} else if s.timer == nil {
			s.timer = time.AfterFunc(patience, s.late)
		}
	}
	if err != nil && answer {
		return 0, err
	}
	return len(p), nil
}

// tooLong reports whether the output needs more rows than the screen has above a prompt.
func (s *Screen) tooLong() bool {
	rows := 0
	for line := range bytes.Lines(s.held.Bytes()) {
		w := ansi.StringWidth(string(bytes.TrimRight(line, "\n")))
		rows += max(1, (w+s.o.Width-1)/s.o.Width)
		if rows >= s.o.Height {
			return true
		}
	}
	return false
}

// late starts the pager for an answer that takes long. Without any of the answer, it only
// passes on what was said beside it.
func (s *Screen) late() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.straight || s.Paging() {
		return
	}
	s.timer = nil
	if s.answer {
		_ = s.start() // the next write fails again
		return
	}
	_, _ = s.held.WriteTo(s.o.Terminal) // as above
}

// start starts the pager and gives it what is held. If that fails, the output goes to the
// terminal.
func (s *Screen) start() error {
	if s.timer != nil {
		s.timer.Stop()
	}
	r, w, err := os.Pipe()
	if err != nil {
		return s.unpaged()
	}
	c := exec.Command("sh", "-c", s.o.Command)
	c.Env, c.Stdin, c.Stdout, c.Stderr = s.o.Env, r, s.o.Terminal, s.o.Terminal
	err = c.Start()
	_ = r.Close() // the pager has its own
	if err != nil {
		_ = w.Close()
		return s.unpaged()
	}
	s.in = w
	s.paging.Store(true)
	go func() {
		_ = c.Wait() // how it ended does not matter
		close(s.done)
		if !s.closed.Load() && s.o.Quit != nil {
			s.o.Quit()
		}
	}()
	_, err = s.held.WriteTo(w)
	return err
}

// unpaged writes what is held to the terminal, and everything after it.
func (s *Screen) unpaged() error {
	s.straight = true
	_, err := s.held.WriteTo(s.o.Terminal)
	return err
}

// Straight ends the paging of what comes: it is for a dialogue.
func (s *Screen) Straight() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.Paging() {
		_ = s.unpaged() // the next write fails again
	}
}

// Close ends the output and waits until the user has left the pager.
func (s *Screen) Close() {
	s.mu.Lock()
	if s.timer != nil {
		s.timer.Stop()
	}
	if !s.Paging() {
		_ = s.unpaged() // nobody is left to tell
		s.mu.Unlock()
		return
	}
	s.closed.Store(true)
	_ = s.in.Close() // a second time, it does nothing
	s.mu.Unlock()
	<-s.done
}

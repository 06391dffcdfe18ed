//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/creack/pty"
)

// A screen is what a case waits for on a terminal.
type screen struct {
	shows string // the time is that until the terminal shows this
	step  string // if set, a key that is pressed then: the time is that until the screen stands still
}

const (
	// steps is how often a key is pressed. The time of a run is the median.
	steps = 21
	// still is how long a screen that stands still does not change. After a longer pause of
	// its user, browse adds what it does not owe at once.
	still = 100 * time.Millisecond
	// settles is how long the work in the background may take before the first step.
	settles = 20 * time.Second
	// patience ends a run that shows nothing.
	patience = 5 * time.Minute
)

// A chunk is what a program wrote at once.
type chunk struct {
	at   time.Time
	text []byte
}

// measureScreen runs the case on a terminal and ends it with q.
func (k *kase) measureScreen() error {
	c := exec.Command(k.args[0], k.args[1:]...)
	c.Env = append(append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=1"), k.env...)
	start := time.Now()
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		return err
	}
	defer tty.Close() //nolint:errcheck // it was read to its end
	chunks := make(chan chunk, 1000)
	go func() {
		defer close(chunks)
		for {
			b := make([]byte, 1<<16)
			n, err := tty.Read(b)
			if n > 0 {
				chunks <- chunk{time.Now(), b[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	took, err := k.look(chunks, start, func() error {
		_, err := tty.WriteString(k.screen.step)
		return err
	})
	if _, end := tty.WriteString("q"); err == nil {
		err = end
	}
	for range chunks { // to its end
		continue
	}
	if err = errors.Join(err, c.Wait()); err != nil {
		return err
	}
	one := sample{wall: took, cpu: c.ProcessState.UserTime()}
	if k.screen.step != "" {
		one.cpu = 0 // that of a step is not known
	}
	k.runs = append(k.runs, one)
	return nil
}

// look waits for what the case waits for, and returns how long that took.
func (k *kase) look(chunks <-chan chunk, start time.Time, press func() error) (time.Duration, error) {
	var shown bytes.Buffer
	var first time.Duration
	end := time.After(patience)
	for first == 0 {
		select {
		case c, ok := <-chunks:
			if shown.Write(c.text); !ok {
				return 0, fmt.Errorf("it ended without %q:\n%q", k.screen.shows, shown.Bytes())
			}
			if bytes.Contains(shown.Bytes(), []byte(k.screen.shows)) {
				first = c.at.Sub(start)
			}
		case <-end:
			return 0, fmt.Errorf("it does not show %q:\n%q", k.screen.shows, shown.Bytes())
		}
	}
	if k.screen.step == "" {
		return first, nil
	}
	stands(chunks, time.Now(), settles)
	var all []time.Duration
	for range steps {
		begin := time.Now()
		if err := press(); err != nil {
			return 0, err
		}
		all = append(all, stands(chunks, begin, still))
		stands(chunks, time.Now(), 10*still)
	}
	slices.Sort(all)
	return median(all), nil
}

// stands waits until nothing was written for a time, and returns when the last was.
func stands(chunks <-chan chunk, begin time.Time, quiet time.Duration) (last time.Duration) {
	for {
		select {
		case c, ok := <-chunks:
			if !ok {
				return last
			}
			last = c.at.Sub(begin)
		case <-time.After(quiet):
			return last
		}
	}
}

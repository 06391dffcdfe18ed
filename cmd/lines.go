package cmd

import (
	"bufio"
	"context"
	"io"
)

// An inputLine is a line of the input, or the error that ended it.
type inputLine struct {
	text string
	err  error
}

// readLines reads lines in its own goroutine, which lets Ctrl-C interrupt a read. It
// closes the channel at the end of the input.
func readLines(ctx context.Context, r io.Reader) <-chan inputLine {
	lines := make(chan inputLine)
	go func() {
		defer close(lines)
		send := func(l inputLine) bool {
			select {
			case lines <- l:
				return true
			case <-ctx.Done():
				return false
			}
		}
		s := bufio.NewScanner(r)
		for s.Scan() {
			if !send(inputLine{text: s.Text()}) {
				return
			}
		}
		if err := s.Err(); err != nil {
			send(inputLine{err: usagef("type ? for the possible answers", "cannot read the answer: %v", err)})
		}
	}()
	return lines
}

package cmd

import (
	"bytes"
	"io"
	"sync"

	"asof/inspect/wire"
)

// outputOfOthers is where a command that a question runs prints: standard error, which
// under --json has objects alone.
func (a *app) outputOfOthers() io.Writer {
	if !a.json {
		return a.Err
	}
	a.others.app = a
	return &a.others
}

// mostOfLine bounds, in bytes, a line of output in one note.
const mostOfLine = 8 << 10

// outputNotes writes each line of output as a note with the code "output".
type outputNotes struct {
	app  *app
	mu   sync.Mutex
	line []byte // not yet ended
}

func (o *outputNotes) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.line = append(o.line, p...)
	for {
		line, rest, ended := bytes.Cut(o.line, []byte("\n"))
		if !ended && len(o.line) < mostOfLine {
			return len(p), nil
		}
		o.print(line)
		o.line = append([]byte(nil), rest...)
	}
}

func (o *outputNotes) print(line []byte) {
	o.app.writeErrJSON(wire.NewNote("output", o.app.scrub(string(line))))
}

// end writes a last line that was not ended.
func (o *outputNotes) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) > 0 {
		o.print(o.line)
		o.line = nil
	}
}

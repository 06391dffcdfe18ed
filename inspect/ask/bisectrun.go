package ask

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/workspace"
)

// BisectRun asks for the first bad event, with a command that tests a few states. A
// host that runs no commands rejects it.
type BisectRun struct {
	Search
	Command string `json:"command" jsonschema:"a shell command that gets the state on standard input: exit code 0 is good, 125 unknown, 1 to 127 bad"`
	Timeout string `json:"timeout,omitempty" jsonschema:"time limit for one run of the command, such as 30s; default: 1m"`
	Verify  bool   `json:"verify,omitempty" jsonschema:"also test the neighbors of the answer"`

	// Marked is called at the start of the search and after each test. It may be nil.
	Marked func(*bisect.Record) `json:"-"`
}

// Check rejects an invalid request.
func (q BisectRun) Check() error {
	if q.Command == "" {
		return workspace.Usagef("give a shell command", "no command given")
	}
	if _, err := q.timeout(); err != nil {
		return err
	}
	return q.Search.Check()
}

func (q BisectRun) timeout() (time.Duration, error) {
	if q.Timeout == "" {
		return time.Minute, nil
	}
	return timeLimit(q.Timeout)
}

// Ask answers the question.
func (q BisectRun) Ask(ctx context.Context, w *workspace.Workspace) (*bisect.Result, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store. The result of each test is a notice.
func (q BisectRun) Of(ctx context.Context, s *workspace.Store) (*bisect.Result, error) {
	w := s.Workspace()
	if err := w.MayRun("test the states with an expression"); err != nil {
		return nil, err
	}
	timeout, err := q.timeout()
	if err != nil {
		return nil, err
	}
	n, err := q.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	dir, err := os.MkdirTemp("", "asof-bisect-*")
	if err != nil {
		return nil, workspace.Usagef("name a folder that can be written in TMPDIR", "cannot create a temporary file: %v", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is temporary
	t := &commandTester{w: w, command: q.Command, timeout: timeout, from: n.From, file: filepath.Join(dir, "state.json")}
	q.marked(n)
	err = n.Run(ctx, t, func(m replay.Moment, mark bisect.Mark) {
		w.Note("test", q.progress(n, m, mark))
		q.marked(n)
	})
	if err == nil && q.Verify {
		err = n.Verify(ctx, t)
	}
	if err != nil {
		return nil, err
	}
	return n.Conclude(ctx, q.Command)
}

func (q BisectRun) marked(n *Session) {
	if q.Marked != nil {
		r := n.Record()
		r.Run = q.Command
		q.Marked(r)
	}
}

// progress describes the result of one test.
func (q BisectRun) progress(n *Session, m replay.Moment, mark bisect.Mark) string {
	text := fmt.Sprintf("%s is %s", m.Label(), q.Term(mark))
	if _, more := n.Search.Next(); more {
		indexes, tests := n.Search.Left()
		text += fmt.Sprintf("; %d left, about %d more", indexes, tests)
	}
	return text
}

package mcp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"

	"asof/replay/workspace"
)

// serveWord makes the test's program a server of a task's store that counts what is asked.
const serveWord = "serve-eval"

// asProgram runs the test's program as a server or as an agent, if its arguments say so.
func asProgram(args []string) (is bool, err error) {
	switch {
	case len(args) == 3 && args[0] == serveWord:
		return true, serveEval(args[1], args[2])
	case len(args) == 4 && args[0] == stubWord:
		return true, stubAgent(args[1], args[2], args[3])
	}
	return false, nil
}

// serveEval serves the store of a folder over standard input and output, and writes how
// many calls and bytes there were.
func serveEval(dir, counts string) error {
	name := "store.ndjson"
	if _, err := os.Stat(dir + "/shop.db"); err == nil {
		name = "shop.db"
	}
	w := workspace.New(workspace.Host{Dir: dir, NoCommands: true}, workspace.Options{NoCache: true, Release: "test"})
	defer w.Close()
	s := New(w, Options{Stores: []Store{{Name: name, Ref: workspace.StoreRef{Store: name}, Args: []string{name}}}})
	c := counter{file: counts, open: map[string]bool{}}
	return s.Serve(context.Background(), c.reads(os.Stdin), c.writes(os.Stdout))
}

// A counter counts the calls of tools in the messages of a session, and their bytes.
type counter struct {
	file string

	mu           sync.Mutex
	open         map[string]bool // the ids of calls that are not answered
	calls, bytes int
}

// see counts a message.
func (c *counter) see(line []byte) {
	var m struct {
		ID     json.RawMessage
		Method string
		Params struct {
			Name      string
			Arguments json.RawMessage
		}
		Result struct {
			Content    []struct{ Text string }
			Structured json.RawMessage `json:"structuredContent"`
		}
	}
	if json.Unmarshal(line, &m) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case m.Method == "tools/call":
		c.open[string(m.ID)] = true
		c.calls++
		c.bytes += len(m.Params.Name) + len(m.Params.Arguments)
	case m.Method == "" && c.open[string(m.ID)]:
		delete(c.open, string(m.ID))
		for _, one := range m.Result.Content {
			c.bytes += len(one.Text)
		}
		c.bytes += len(m.Result.Structured)
	default:
		return
	}
	_ = os.WriteFile(c.file, fmt.Appendf(nil, "%d %d\n", c.calls, c.bytes), 0o600) // a count that is missing fails the test
}

// reads passes on what the client writes.
func (c *counter) reads(from io.Reader) io.Reader {
	r, w := io.Pipe()
	go func() {
		lines := bufio.NewReader(from)
		for {
			line, err := lines.ReadBytes('\n')
			c.see(line)
			if _, werr := w.Write(line); werr != nil || err != nil {
				_ = w.CloseWithError(err)
				return
			}
		}
	}()
	return r
}

// writes passes on what the server writes.
func (c *counter) writes(to io.Writer) io.Writer { return &countedWriter{counter: c, to: to} }

type countedWriter struct {
	*counter
	to   io.Writer
	rest []byte // of a line that is not complete
}

func (w *countedWriter) Write(b []byte) (int, error) {
	w.rest = append(w.rest, b...)
	for {
		line, rest, ok := bytes.Cut(w.rest, []byte("\n"))
		if !ok {
			break
		}
		w.see(line)
		w.rest = bytes.Clone(rest)
	}
	return w.to.Write(b)
}

// readCounts reads the calls and tokens of a session.
func readCounts(t *testing.T, file string) (calls, tokens int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return 0, 0 // nothing was asked
	}
	size := 0
	if err == nil {
		_, err = fmt.Sscan(string(text), &calls, &size)
	}
	if err != nil {
		t.Fatal(err)
	}
	return calls, (size + 3) / 4
}

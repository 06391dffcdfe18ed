package mcp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Codes of errors of JSON-RPC.
const (
	codeParse   = -32700
	codeInvalid = -32600
)

// A lineReader passes on the lines of a client that are messages. It answers the others
// with an error: the protocol's library ends the session at the first of them, and with it
// the calls that are at work.
type lineReader struct {
	in   *bufio.Reader
	out  io.Writer // gets a whole message with each write
	rest []byte    // of a line that is being read

	failed error // why the input ended, if not at its end
}

func (r *lineReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		line, err := r.line()
		if err != nil {
			if err != io.EOF {
				r.failed = err
			}
			return 0, err
		}
		r.rest = line
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// line returns the next line, or nil if it was answered here.
func (r *lineReader) line() (line []byte, err error) {
	size := 0
	for {
		var part []byte
		part, err = r.in.ReadSlice('\n')
		if size += len(part); size <= maxBody {
			line = append(line, part...)
		}
		if err != bufio.ErrBufferFull {
			break
		}
	}
	switch {
	case size == 0 && err != nil:
		return nil, err
	case size > maxBody:
		return nil, r.refuse(codeInvalid, nil, fmt.Sprintf("a message has at most %d bytes", maxBody))
	case len(bytes.TrimSpace(line)) == 0:
		return nil, nil
	case !json.Valid(line):
		return nil, r.refuse(codeParse, nil, "a message is one line of JSON")
	}
	if first := bytes.TrimLeft(line, " \t\r"); first[0] == '[' {
		return line, nil // a batch
	}
	if _, err := jsonrpc.DecodeMessage(line); err != nil {
		return nil, r.refuse(codeInvalid, line, "this is not a message of JSON-RPC 2.0 with at most 1000 levels")
	}
	return append(bytes.TrimRight(line, "\n"), '\n'), nil
}

// refuse answers a line that is no message.
func (r *lineReader) refuse(code int, line []byte, message string) error {
	var asked struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(line, &asked) != nil || len(asked.ID) == 0 || bytes.ContainsAny(asked.ID[:1], "[{") {
		asked.ID = json.RawMessage("null")
	}
	_, err := r.out.Write(append(mustJSON(map[string]any{
		"jsonrpc": "2.0", "id": asked.ID, "error": map[string]any{"code": code, "message": message},
	}), '\n'))
	return err
}

// A lockedWriter writes one message after the other.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}

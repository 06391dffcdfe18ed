package mcp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// serve starts a server whose client writes lines to in.
func serve(t *testing.T, s *Server) (in io.WriteCloser, out *bufio.Reader, stop func(), ended chan error) {
	t.Helper()
	from, in := io.Pipe()
	read, to := io.Pipe()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended = make(chan error, 1)
	go func() {
		ended <- s.Serve(ctx, from, to)
		_ = to.Close()
	}()
	out = bufio.NewReader(read)
	fmt.Fprintln(in, hello)
	if line, err := out.ReadString('\n'); err != nil || !strings.Contains(line, `"serverInfo"`) {
		t.Fatalf("hello is answered %s: %v", line, err)
	}
	fmt.Fprintln(in, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return in, out, stop, ended
}

// TestLinesThatAreNoMessages writes lines that cannot be read. Each is answered, and the
// session continues.
func TestLinesThatAreNoMessages(t *testing.T) {
	in, out, stop, ended := serve(t, newServer(t, Options{}, "odd.ndjson"))
	defer stop()
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	for _, tt := range []struct{ line, id, code string }{
		{"not JSON", "null", "-32700"},
		{"\xff\xfe", "null", "-32700"},
		{`{"jsonrpc":"2.0","id":"x","method":"ping"`, "null", "-32700"},
		{strings.Repeat("[", 200_000), "null", "-32700"},
		{`"` + strings.Repeat("x", maxBody) + `"`, "null", "-32600"},
		{`{"jsonrpc":"2.0","id":77,"method":"tools/call","params":` + deep + `}`, "77", "-32600"},
		{`{"jsonrpc":"1.0","id":"old","method":"ping"}`, `"old"`, "-32600"},
		{`{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}`, "null", "-32600"},
		{"{}", "null", "-32600"},
		{"null", "null", "-32600"},
		{"[]", "null", "-32600"},
		{`[{"jsonrpc":"2.0"}]`, "null", "-32600"},
		{"", "", ""},
		{"\r", "", ""},
	} {
		fmt.Fprintf(in, "%s\n"+`{"jsonrpc":"2.0","id":"after","method":"ping"}`+"\n", tt.line)
		if tt.id != "" {
			line, err := out.ReadBytes('\n')
			var answer struct {
				ID    json.RawMessage
				Error struct{ Code json.RawMessage }
			}
			if err != nil || json.Unmarshal(line, &answer) != nil || string(answer.ID) != tt.id || string(answer.Error.Code) != tt.code {
				t.Fatalf("%.60s is answered %s: %v", tt.line, line, err)
			}
		}
		if line, err := out.ReadString('\n'); err != nil || !strings.Contains(line, `"after"`) {
			t.Fatalf("after %.60s, a call is answered %s: %v", tt.line, line, err)
		}
	}
	if err := errors.Join(in.Close(), <-ended); err != nil {
		t.Errorf("the server ends with %v", err)
	}
}

// TestStopEndsCalls stops servers while a call is at work that would take hours.
func TestStopEndsCalls(t *testing.T) {
	const call = `{"bad":"false","fold":"for (let i = 0; i < 60000; i++) s.n = i"}`
	waits := func(s *Server) {
		for len(s.slots) == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	t.Run("stdio", func(t *testing.T) {
		s := newServer(t, Options{Timeout: time.Hour}, "shop.db")
		in, out, stop, ended := serve(t, s)
		defer in.Close() //nolint:errcheck // nobody reads it any more
		go func() { _, _ = io.Copy(io.Discard, out) }()
		fmt.Fprintf(in, `{"jsonrpc":"2.0","id":"slow","method":"tools/call","params":{"name":"check","arguments":%s}}`+"\n", call)
		waits(s)
		stop()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the server ends with %v", err)
			}
		case <-time.After(time.Minute):
			t.Fatal("the server does not stop")
		}
	})
	t.Run("HTTP", func(t *testing.T) { // serveHTTP checks that it stops
		s := newServer(t, Options{Timeout: time.Hour}, "shop.db")
		var client *sdk.ClientSession
		t.Cleanup(func() { // after the server has stopped, or it looks for it for 20 seconds
			if client != nil {
				_ = client.Close()
			}
		})
		url := serveHTTP(t, s)
		var err error
		client, err = dialHTTP(t.Context(), url, testToken)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = client.CallTool(t.Context(), &sdk.CallToolParams{Name: "check", Arguments: json.RawMessage(call)})
		}()
		waits(s)
	})
}

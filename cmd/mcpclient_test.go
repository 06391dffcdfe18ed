package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// mcpProcess is a server of the demo store as a process of its own.
func mcpProcess(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	demoIn(t, dir)
	c := exec.Command("asof", append([]string{"mcp", "asof-demo.db", "--timeout", "10m"}, args...)...)
	c.Dir, c.Env = dir, append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "ASOF_TEST_PULSE=100ms")
	return c
}

// slowCheck folds for far longer than any test waits.
const slowCheck = `{"bad":"(() => { for (let i = 0; i < 1e5; i++) {} return false })()","fold":"for (let i = 0; i < 1e5; i++) s.n = i"}`

// TestMCPOverStdio has the protocol's own client talk to a process.
func TestMCPOverStdio(t *testing.T) {
	t.Parallel()
	server := mcpProcess(t)
	server.Stderr = os.Stderr
	talk(t, &sdk.CommandTransport{Command: server})
	if code := server.ProcessState.ExitCode(); code != exitOK {
		t.Errorf("the server exits %d when its client leaves", code)
	}
}

// TestMCPOverHTTP is TestMCPOverStdio over HTTP.
func TestMCPOverHTTP(t *testing.T) {
	t.Parallel()
	server := mcpProcess(t, "--http", "127.0.0.1:0", "--token-file", "token")
	errs, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(errs).ReadString('\n')
	url := regexp.MustCompile(`http://\S+/mcp`).FindString(line)
	token, err := os.ReadFile(filepath.Join(server.Dir, "token"))
	if url == "" || err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	talk(t, &sdk.StreamableClientTransport{Endpoint: url, HTTPClient: &http.Client{Transport: tokenBearer(strings.TrimSpace(string(token)))}})
	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil && server.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("the server ends with %v", err)
	}
}

type tokenBearer string

func (b tokenBearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// talk cancels slow calls, more than may be at work at once, each after it has told how
// far it is. The session lives on, and calls at once are answered right.
func talk(t *testing.T, transport sdk.Transport) {
	t.Helper()
	var mu sync.Mutex
	told := map[any]func(){}
	client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, &sdk.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, r *sdk.ProgressNotificationClientRequest) {
			mu.Lock()
			defer mu.Unlock()
			if cancel := told[r.Params.ProgressToken]; cancel != nil {
				cancel()
			}
		},
	})
	session, err := client.Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	slow := func(token string) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		mu.Lock()
		told[token] = cancel
		mu.Unlock()
		params := &sdk.CallToolParams{Name: "check", Arguments: json.RawMessage(slowCheck)}
		params.SetProgressToken(token)
		if result, err := session.CallTool(ctx, params); !errors.Is(err, context.Canceled) {
			t.Errorf("a slow call that is cancelled is answered %v, %v", result, err)
		}
	}
	var all sync.WaitGroup
	for i := range 2 {
		all.Go(func() { slow(fmt.Sprint("first", i)) })
	}
	all.Wait()
	slow("then") // calls that continued would leave it no room
	for _, tt := range [][3]string{
		{"state_at", `{"stream":"cart-42"}`, `"total":-6.6`},
		{"state_at", `{"stream":"cart-44","fold":"s.n = (s.n ?? 0) + 1"}`, `"state":{"n":9}`},
		{"find_change", `{"stream":"cart-42","bad":"state.total < 0"}`, `"version":28`},
		{"query", `{"sql":"SELECT count(*) AS n FROM events"}`, `"n":3500`},
	} {
		for range 2 {
			all.Go(func() {
				result, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: tt[0], Arguments: json.RawMessage(tt[1])})
				if err != nil {
					t.Errorf("%s %s: %v", tt[0], tt[1], err)
					return
				}
				if text, err := json.Marshal(result.StructuredContent); err != nil || !strings.Contains(string(text), tt[2]) {
					t.Errorf("%s %s: %s is not in %s, %v", tt[0], tt[1], tt[2], text, err)
				}
			})
		}
	}
	all.Wait()
	if list, err := session.ListTools(t.Context(), nil); err != nil || len(list.Tools) != 10 {
		t.Errorf("%v, %v", list, err)
	}
	if err := session.Close(); err != nil {
		t.Errorf("the session ends with %v", err)
	}
}

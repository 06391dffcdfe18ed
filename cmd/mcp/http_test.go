package mcp

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

const testToken = "0123456789abcdef0123456789abcdef"

// bearing sends the token with each request.
type bearing struct{ token string }

func (b bearing) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(r)
}

// serveHTTP serves until the test ends, and checks that the server stops then.
func serveHTTP(t *testing.T, s *Server) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.ServeHTTP(ctx, l, testToken) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the server ends with %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the server does not stop")
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return "http://" + l.Addr().String() + HTTPPath
}

func dialHTTP(ctx context.Context, url, token string) (*sdk.ClientSession, error) {
	return sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(ctx,
		&sdk.StreamableClientTransport{Endpoint: url, HTTPClient: &http.Client{Transport: bearing{token}}}, nil)
}

// TestHTTP asks over HTTP what a client over standard input is answered.
func TestHTTP(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	client, err := dialHTTP(t.Context(), serveHTTP(t, s), testToken)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // the test is over
	result, err := client.CallTool(t.Context(), &sdk.CallToolParams{Name: "state_at", Arguments: json.RawMessage(`{"stream":"cart-42"}`)})
	if err != nil || result.IsError {
		t.Fatalf("%v, %v", result, err)
	}
	got, want := mustJSON(result.StructuredContent), asked(t, s, "state_at", `{"stream":"cart-42"}`)
	var x any
	if err := json.Unmarshal(want.Structured, &x); err != nil || string(got) != string(mustJSON(x)) {
		t.Errorf("over HTTP it is\n%s\nand is\n%s", got, want.Structured)
	}
}

// TestHTTPGate sends requests that must not be answered.
func TestHTTPGate(t *testing.T) {
	url := serveHTTP(t, newServer(t, Options{}, "shop.db"))
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), HTTPPath)
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"no token", func(r *http.Request) { r.Header.Del("Authorization") }, http.StatusUnauthorized},
		{"another token", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, http.StatusUnauthorized},
		{"two tokens", func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") }, http.StatusUnauthorized},
		{"another scheme", func(r *http.Request) { r.Header.Set("Authorization", "Basic "+testToken) }, http.StatusUnauthorized},
		{"another host", func(r *http.Request) { r.Host = "evil.example" }, http.StatusForbidden},
		{"another port", func(r *http.Request) { r.Host = "127.0.0.1:1" }, http.StatusForbidden},
		{"another origin", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		{"no origin at all", func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		{"another port as origin", func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:1") }, http.StatusForbidden},
		{"another path", func(r *http.Request) { r.URL.Path = "/" }, http.StatusNotFound},
		{"a large body", func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat(" ", maxBody+1))), -1
		}, http.StatusRequestEntityTooLarge},
		{"own origin", func(r *http.Request) { r.Header.Set("Origin", "http://"+address) }, http.StatusOK},
		{"localhost", func(r *http.Request) { r.Host = strings.Replace(address, "127.0.0.1", "localhost", 1) }, http.StatusOK},
		{"nothing odd", func(*http.Request) {}, http.StatusOK},
	} {
		if got := post(t, url, tt.change); got != tt.want {
			t.Errorf("%s: %d, and %d is expected", tt.name, got, tt.want)
		}
	}
}

// hello begins a session.
const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`

// post sends a request and returns the status.
func post(t *testing.T, url string, change func(*http.Request)) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(hello))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Authorization", "Bearer "+testToken)
	change(r)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// TestHTTPSessionsAreBounded opens sessions until there are too many.
func TestHTTPSessionsAreBounded(t *testing.T) {
	url := serveHTTP(t, newServer(t, Options{}, "shop.db"))
	for i := range maxSessions + 3 {
		want := http.StatusOK
		if i >= maxSessions {
			want = http.StatusServiceUnavailable
		}
		if got := post(t, url, func(*http.Request) {}); got != want {
			t.Errorf("session %d: %d, and %d is expected", i+1, got, want)
		}
	}
}

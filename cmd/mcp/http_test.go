package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
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
func post(t *testing.T, url string, change func(*http.Request), see ...func(*http.Response)) int {
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
	for _, f := range see {
		f(answer)
	}
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

// send sends a message of a session, or one of none, and returns the answer's status and the
// session.
func send(t *testing.T, url, method, session, message string) (status int, id string) {
	t.Helper()
	status = post(t, url, func(r *http.Request) {
		r.Method, r.Body, r.ContentLength = method, io.NopCloser(strings.NewReader(message)), int64(len(message))
		if r.GetBody = nil; session != "" {
			r.Header.Set("Mcp-Session-Id", session)
		}
	}, func(a *http.Response) { id = a.Header.Get("Mcp-Session-Id") })
	return status, id
}

// listen opens the stream of a session, until the test ends.
func listen(t *testing.T, url, session string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Accept": "text/event-stream", "Authorization": "Bearer " + testToken, "Mcp-Session-Id": session} {
		r.Header.Set(name, value)
	}
	stream, err := http.DefaultClient.Do(r)
	if err != nil || stream.StatusCode != http.StatusOK {
		t.Fatal(stream, err)
	}
	t.Cleanup(func() { _ = stream.Body.Close() })
}

// TestHTTPSessionsMakeRoom opens more sessions than there may be, as clients do that go away
// without a word. The one that was used last, and one with a stream that is open, stay.
func TestHTTPSessionsMakeRoom(t *testing.T) {
	before := sessionIdle
	sessionIdle = 0
	t.Cleanup(func() { sessionIdle = before })
	s := newServer(t, Options{}, "shop.db")
	url := serveHTTP(t, s)
	open := func() string {
		status, id := send(t, url, http.MethodPost, "", hello)
		if status != http.StatusOK || id == "" {
			t.Fatalf("a session is answered %d", status)
		}
		return id
	}
	ping := func(id string) int {
		status, _ := send(t, url, http.MethodPost, id, `{"jsonrpc":"2.0","id":2,"method":"ping"}`)
		return status
	}
	listens, used, idle := open(), open(), open()
	listen(t, url, listens)
	for i := range 2 * maxSessions {
		open()
		if got := ping(used); got != http.StatusOK {
			t.Fatalf("the session that is used is answered %d after %d others", got, i)
		}
		if n := len(slices.Collect(s.sdk.Sessions())); n > maxSessions {
			t.Fatalf("%d sessions are open", n)
		}
	}
	if got := ping(listens); got != http.StatusOK {
		t.Errorf("the session that listens is answered %d", got)
	}
	if got := ping(idle); got != http.StatusNotFound {
		t.Errorf("the session that was idle is answered %d", got)
	}
}

// TestHTTPRefusalsEnd holds no connection of who may not ask.
func TestHTTPRefusalsEnd(t *testing.T) {
	url := serveHTTP(t, newServer(t, Options{}, "shop.db"))
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), HTTPPath)
	for _, head := range []string{"Host: " + address, "Host: evil.example", "Host: " + address + "\r\nOrigin: null"} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // the test is over
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\n%s\r\n\r\n", HTTPPath, head)
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if text, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 40") {
			t.Errorf("%q: the connection stays open after %q: %v", head, text, err)
		}
	}
}

// TestHTTPAtOnce asks in several sessions at once, of which some cancel and one goes away,
// and stops the server while calls are at work.
func TestHTTPAtOnce(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.ServeHTTP(ctx, l, testToken) }()
	url := "http://" + l.Addr().String() + HTTPPath
	_, gone := send(t, url, http.MethodPost, "", hello)
	listen(t, url, gone)
	const slow = `{"sql":"SELECT count(*) FROM events a, events b, events c"}`
	var all sync.WaitGroup
	for n := range 4 {
		client, err := dialHTTP(t.Context(), url, testToken)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer client.Close() //nolint:errcheck // the test is over
			for i := range 5 {
				arguments := fmt.Sprintf(`{"stream":"cart-42","at":"%d"}`, 10+n+i)
				result, err := client.CallTool(t.Context(), &sdk.CallToolParams{Name: "state_at", Arguments: json.RawMessage(arguments)})
				if err != nil || result.IsError {
					t.Errorf("%s: %v, %v", arguments, err, result)
					return
				}
				var want any
				if err := json.Unmarshal(asked(t, s, "state_at", arguments).Structured, &want); err != nil || string(mustJSON(result.StructuredContent)) != string(mustJSON(want)) {
					t.Errorf("%s is answered %s, and is %s", arguments, mustJSON(result.StructuredContent), mustJSON(want))
				}
			}
			cancelled, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err := client.CallTool(cancelled, &sdk.CallToolParams{Name: "query", Arguments: json.RawMessage(slow)}); err == nil {
				t.Error("a cancelled call is answered")
			}
		})
	}
	all.Wait()
	for until := time.Now().Add(10 * time.Second); len(s.slots) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("cancelled calls are still at work")
		}
	}
	var asking sync.WaitGroup
	defer asking.Wait()
	asking.Go(func() { askSlowly(t.Context(), url, gone) })
	for len(s.slots) == 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the server ends with %v", err)
		}
	case <-time.After(stopTimeout + 10*time.Second):
		t.Error("the server does not stop while a call is at work")
	}
}

// TestHTTPCallsEndWithTheirClient has clients go away while a call of theirs is at work. It
// ends, and takes no place of those that others make.
func TestHTTPCallsEndWithTheirClient(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	url := serveHTTP(t, s)
	for name, leave := range map[string]func(session string, hangUp context.CancelFunc){
		"its connection breaks": func(_ string, hangUp context.CancelFunc) { hangUp() },
		"its session ends":      func(session string, _ context.CancelFunc) { send(t, url, http.MethodDelete, session, "") },
	} {
		_, session := send(t, url, http.MethodPost, "", hello)
		send(t, url, http.MethodPost, session, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
		ctx, hangUp := context.WithCancel(t.Context())
		var asking sync.WaitGroup
		asking.Go(func() { askSlowly(ctx, url, session) })
		slots := func(n int) {
			for until := time.Now().Add(20 * time.Second); len(s.slots) != n; time.Sleep(time.Millisecond) {
				if time.Now().After(until) {
					t.Fatalf("%s: %d calls are at work, want %d", name, len(s.slots), n)
				}
			}
		}
		slots(1)
		leave(session, hangUp)
		slots(0)
		hangUp()
		asking.Wait()
	}
}

// askSlowly makes a call that takes longer than a test, until its context ends or the server
// does.
func askSlowly(ctx context.Context, url, session string) {
	const slow = `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"query","arguments":{"sql":"SELECT count(*) FROM events a, events b, events c"}}}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(slow))
	if err != nil {
		return
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Authorization": "Bearer " + testToken,
		"Mcp-Session-Id": session, postHeader: "1",
	} {
		r.Header.Set(name, value)
	}
	if answer, err := http.DefaultClient.Do(r); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

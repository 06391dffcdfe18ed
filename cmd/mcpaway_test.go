package cmd

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// A relay stands between a client and a server, which can go away and come back.
type relay struct {
	address, server string

	mu     sync.Mutex
	l      net.Listener
	open   []net.Conn
	silent bool // connections are taken, and nothing is passed on
}

// up listens, at the address that it had.
func (r *relay) up(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.l, r.address, r.silent = l, l.Addr().String(), false
	r.mu.Unlock()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r.pass(c)
		}
	}()
}

func (r *relay) pass(c net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open = append(r.open, c); r.silent {
		return
	}
	s, err := net.Dial("tcp", r.server)
	if err != nil {
		_ = c.Close()
		return
	}
	r.open = append(r.open, s)
	for _, two := range [][2]net.Conn{{c, s}, {s, c}} {
		go func() {
			_, _ = io.Copy(two[0], two[1])
			_ = two[0].Close()
		}()
	}
}

// cut breaks all connections.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.open {
		_ = c.Close()
	}
	r.open = nil
}

// hush takes connections, and passes nothing on.
func (r *relay) hush() {
	r.mu.Lock()
	r.silent = true
	r.mu.Unlock()
	r.cut()
}

// down refuses connections and breaks those that are open.
func (r *relay) down() {
	_ = r.l.Close()
	r.cut()
}

// TestMCPWhileTheServerIsAway asks about a store in PostgreSQL whose server goes away and comes
// back. Each call in between says so and what to do, without the password; the next is
// answered.
func TestMCPWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(postgresShop(t, "marten", "text"))
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{address: "127.0.0.1:0", server: u.Host}
	r.up(t)
	defer func() { r.down() }()
	secret, ok := u.User.Password()
	if !ok { // the server trusts everyone
		secret = "s3cr3t-passw0rd"
	}
	u.Host, u.User = r.address, url.UserPassword(u.User.Username(), secret)
	c := exec.Command("asof", "mcp", u.String(), "--timeout", "2s")
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(c.Dir, "cache"))
	var said strings.Builder
	c.Stderr = &said
	client, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &sdk.CommandTransport{Command: c}, nil)
	if err != nil {
		t.Fatal(err, said.String())
	}
	defer client.Close() //nolint:errcheck // the test is over
	ask := func(tool, arguments string) (text string, failed bool, took time.Duration) {
		begin := time.Now()
		result, err := client.CallTool(context.WithoutCancel(t.Context()), &sdk.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
		if err != nil {
			t.Fatal(tool, err)
		}
		return result.Content[0].(*sdk.TextContent).Text, result.IsError, time.Since(begin)
	}
	calls := [][2]string{{"state_at", `{"stream":"cart-4"}`}, {"describe_store", `{}`}, {"query", `{"sql":"SELECT count(*) FROM events"}`}}
	answered := func(when string) {
		t.Helper()
		for _, one := range calls {
			text, failed, _ := ask(one[0], one[1])
			for tries := 0; failed && strings.Contains(text, `"error":"timeout"`) && tries < 10; tries++ { // on a busy machine
				text, failed, _ = ask(one[0], one[1])
			}
			if failed {
				t.Errorf("%s, %s is answered %s", when, one[0], text)
			}
		}
	}
	answered("at first")
	for _, away := range []struct {
		name  string
		leave func()
	}{
		{"refuses", r.down},
		{"says nothing", r.hush},
	} {
		away.leave()
		for _, one := range calls {
			text, failed, took := ask(one[0], one[1])
			if !failed || strings.Contains(text, secret) || took > 20*time.Second || !strings.Contains(text, "call again later") {
				t.Errorf("while the server %s, %s is answered after %v: %s", away.name, one[0], took, text)
			}
		}
		if away.name == "says nothing" {
			r.down()
		}
		r.up(t)
		answered("when the server is back")
	}
	for i := range 20 { // in the midst of calls
		done := make(chan string)
		go func() {
			text, failed, _ := ask("query", `{"sql":"SELECT count(*) FROM events a, (SELECT 1 FROM events LIMIT 50) b"}`)
			if !failed {
				text = ""
			}
			done <- text
		}()
		time.Sleep(time.Duration(i) * time.Millisecond)
		r.cut()
		if text := <-done; strings.Contains(text, secret) || strings.Contains(text, `"bug"`) {
			t.Errorf("a call whose connection breaks is answered %s", text)
		}
	}
	answered("after broken connections")
	if strings.Contains(said.String(), secret) {
		t.Errorf("the password is in %s", said.String())
	}
}

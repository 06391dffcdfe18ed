package mcp

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// Bounds of what clients over HTTP take.
const (
	maxSessions    = 32
	maxRequests    = 64               // at once
	maxBody        = 1 << 20          // of a request, in bytes
	sessionTimeout = 30 * time.Minute // of a session without a request
	headerTimeout  = 10 * time.Second
	bodyTimeout    = 30 * time.Second
	stopTimeout    = 3 * time.Second // for requests that are at work when the server stops
)

// HTTPPath is where clients over HTTP find the server.
const HTTPPath = "/mcp"

// ServeHTTP answers clients over HTTP until ctx is done. Clients have to be on this
// machine, as l must be, and to know the token.
func (s *Server) ServeHTTP(ctx context.Context, l net.Listener, token string) error {
	defer s.endWith(ctx)()
	defer s.readAhead(ctx)()
	web := &http.Server{
		Handler: s.handler(l.Addr().String(), token), ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout,
		IdleTimeout: sessionTimeout, MaxHeaderBytes: 16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	for session := range s.sdk.Sessions() {
		_ = session.Close() // its client is gone as well
	}
	if web.Shutdown(stopping) != nil {
		_ = web.Close() // what does not end is ended
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// A gate lets those requests through that may be answered.
type gate struct {
	server  *Server
	next    http.Handler
	address string // of the server, as HOST:PORT
	token   [sha256.Size]byte

	requests, opening atomic.Int64
	uses              uses
}

func (s *Server) handler(address, token string) http.Handler {
	next := sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return s.sdk }, &sdk.StreamableHTTPOptions{
		SessionTimeout: sessionTimeout, MaxRequestBodyBytes: maxBody,
	})
	return &gate{server: s, next: next, address: address, token: sha256.Sum256([]byte(token))}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer g.requests.Add(-1)
	switch {
	case g.requests.Add(1) > maxRequests:
		http.Error(w, "too many requests at once", http.StatusServiceUnavailable)
	case !g.isHost(r.Host): // a name that leads here may be an attacker's
		refuse(w, "requests to this host are refused", http.StatusForbidden)
	case !g.isOrigin(r.Header.Values("Origin")):
		refuse(w, "requests from other origins are refused", http.StatusForbidden)
	case !g.knows(r.Header.Values("Authorization")):
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, "the token is missing or wrong", http.StatusUnauthorized)
	case r.URL.Path != HTTPPath:
		http.Error(w, "the server is at "+HTTPPath, http.StatusNotFound)
	case r.Header.Get("Mcp-Session-Id") == "":
		g.open(w, r)
	default:
		session := r.Header.Get("Mcp-Session-Id")
		defer g.uses.begin(session)()
		if r.Method == http.MethodDelete {
			g.server.posts.endSession(session)
		}
		defer g.server.posts.begin(r)()
		g.next.ServeHTTP(w, r)
	}
}

// refuse answers who may not ask, and ends the connection: nobody else bounds how many stay
// open.
func refuse(w http.ResponseWriter, reason string, code int) {
	w.Header().Set("Connection", "close")
	http.Error(w, reason, code)
}

// open answers a request that is of no session yet, and may begin one.
func (g *gate) open(w http.ResponseWriter, r *http.Request) {
	defer g.opening.Add(-1)
	n := g.opening.Add(1)
	sessions := slices.Collect(g.server.sdk.Sessions())
	if int64(len(sessions))+n > maxSessions {
		idle := g.uses.longestIdle(sessions)
		if idle == nil {
			w.Header().Set("Retry-After", "60")
			http.Error(w, "too many sessions", http.StatusServiceUnavailable)
			return
		}
		_ = idle.Close() // its client begins another one, if it is still there
	}
	defer g.server.posts.begin(r)()
	g.next.ServeHTTP(w, r)
	if id := w.Header().Get("Mcp-Session-Id"); id != "" {
		g.uses.note(id, 0)
	}
}

// isHost reports whether a Host header names this server: its address, or localhost with
// its port.
func (g *gate) isHost(host string) bool {
	_, port, err := net.SplitHostPort(g.address)
	return err == nil && (host == g.address || strings.EqualFold(host, net.JoinHostPort("localhost", port)))
}

// isOrigin reports whether a request has no Origin, as those of programs, or this
// server's own.
func (g *gate) isOrigin(origins []string) bool {
	if len(origins) == 0 {
		return true
	}
	u, err := url.Parse(origins[0])
	return len(origins) == 1 && err == nil && u.Scheme == "http" && u.User == nil && g.isHost(u.Host)
}

// knows reports whether a request has the token.
func (g *gate) knows(headers []string) bool {
	if len(headers) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1
}

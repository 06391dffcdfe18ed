package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// The longest that a server is waited for: until it has connected us, where the
// connection string has no connect_timeout, and for the next of its bytes, which a
// sort of a large table may take long for.
const (
	connectWaits = 30 * time.Second
	serverWaits  = 5 * time.Minute
)

// waits bounds how long a server may say nothing.
func waits(cfg *pgconn.Config, silence time.Duration) {
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = connectWaits
	}
	if silence <= 0 {
		silence = serverWaits
	}
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &patientConn{Conn: conn, silence: silence}, nil
	}
}

// A patientConn ends a read that nothing arrives for. Deadlines that are set on it
// hold beside that.
type patientConn struct {
	net.Conn
	silence time.Duration

	mu       sync.Mutex
	deadline time.Time
}

// A silenceError is a server that said nothing for too long.
type silenceError struct{ silence time.Duration }

func (e *silenceError) Error() string {
	return fmt.Sprintf("the server said nothing for %v", e.silence)
}

// Timeout marks the error as one of time, for [net.Error].
func (e *silenceError) Timeout() bool { return true }

// Temporary is a part of [net.Error].
func (e *silenceError) Temporary() bool { return false }

func (c *patientConn) Read(p []byte) (int, error) {
	until := time.Now().Add(c.silence)
	c.mu.Lock()
	ours := c.deadline.IsZero() || until.Before(c.deadline)
	if !ours {
		until = c.deadline
	}
	err := c.Conn.SetReadDeadline(until)
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	if n == 0 && ours && errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(until) {
		err = &silenceError{c.silence}
	}
	return n, err
}

func (c *patientConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetDeadline(t)
}

func (c *patientConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetReadDeadline(t)
}

// unanswered says that a server did not answer in time, and what to do; it is
// empty where that is not what happened.
func unanswered(err error, connectWait time.Duration) (says, next string) {
	var silent *silenceError
	switch {
	case errors.As(err, &silent):
		return silent.Error(), "see that it is a PostgreSQL server and not too busy; ASOF_SERVER_TIMEOUT=30m waits longer"
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		return fmt.Sprintf("it did not answer within %v", connectWait), "check host and port; connect_timeout=SECONDS in the connection string waits longer"
	}
	return "", ""
}

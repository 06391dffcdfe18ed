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

// The default limits for waiting for a server: until it accepts a connection, unless the
// connection string has connect_timeout, and for its next byte, which sorting a large
// table may delay.
const (
	connectWaits = 30 * time.Second
	serverWaits  = 5 * time.Minute
)

// waits sets how long a server may be silent.
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

// A patientConn ends reads on which nothing arrives. Deadlines set on it apply as well.
type patientConn struct {
	net.Conn
	silence time.Duration

	mu       sync.Mutex
	deadline time.Time
}

// A silenceError means that the server sent nothing for too long.
type silenceError struct{ silence time.Duration }

func (e *silenceError) Error() string {
	return fmt.Sprintf("the server was silent for %v", e.silence)
}

// Timeout marks the error as a timeout, see [net.Error].
func (e *silenceError) Timeout() bool { return true }

// Temporary completes [net.Error].
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

// unanswered describes a server that did not answer in time, and the remedy. Both are
// empty for other errors.
func unanswered(err error, connectWait time.Duration) (says, next string) {
	var silent *silenceError
	switch {
	case errors.As(err, &silent):
		return silent.Error(), "check that it is a PostgreSQL server and not too busy; ASOF_SERVER_TIMEOUT=30m waits longer"
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		return fmt.Sprintf("it did not answer within %v", connectWait), "check host and port; connect_timeout=SECONDS in the connection string waits longer"
	}
	return "", ""
}

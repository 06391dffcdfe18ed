package remote

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"asof/replay/fault"
)

// The default limits for waiting for a server: until it accepts a connection, and for its
// next byte, which sorting a large table may delay.
const (
	ConnectWaits = 30 * time.Second
	ServerWaits  = 5 * time.Minute
)

// Patient returns a connection that ends reads on which nothing arrives for so long.
// Deadlines set on it apply as well.
func Patient(c net.Conn, silence time.Duration) net.Conn {
	return &patientConn{Conn: c, silence: silence}
}

type patientConn struct {
	net.Conn
	silence time.Duration

	mu       sync.Mutex
	deadline time.Time
}

// A SilenceError means that the server sent nothing for too long.
type SilenceError struct{ Silence time.Duration }

func (e *SilenceError) Error() string {
	return fmt.Sprintf("the server was silent for %v", e.Silence)
}

// Class returns fault.Store.
func (*SilenceError) Class() fault.Class { return fault.Store }

// Fault returns fault.KindBadStore.
func (*SilenceError) Fault() fault.Kind { return fault.KindBadStore }

// Remedy returns what to do next.
func (*SilenceError) Remedy() fault.Remedy { return fault.Try("see whether the server is reachable") }

// Timeout marks the error as a timeout, see [net.Error].
func (e *SilenceError) Timeout() bool { return true }

// Temporary completes [net.Error].
func (e *SilenceError) Temporary() bool { return false }

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
		err = &SilenceError{c.silence}
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

package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// patient is a transport whose input does not end before what was asked is answered: the
// protocol's library drops the calls that are at work when it ends, and a shell that
// pipes calls in closes the input at once.
type patient struct {
	sdk.Transport
	lines *lineReader     // that the transport reads
	end   <-chan struct{} // closed when nobody waits for answers any more
}

// Connect connects to the client.
func (p patient) Connect(ctx context.Context) (sdk.Connection, error) {
	c, err := p.Transport.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &patientConnection{Connection: c, lines: p.lines, end: p.end, open: map[any]bool{}, idle: make(chan struct{}, 1)}, nil
}

type patientConnection struct {
	sdk.Connection
	lines *lineReader
	end   <-chan struct{}

	mu   sync.Mutex
	open map[any]bool  // the ids of what was asked and is not answered
	idle chan struct{} // has one element after an answer
}

// Read reads a message.
func (c *patientConnection) Read(ctx context.Context) (jsonrpc.Message, error) {
	m, err := c.Connection.Read(ctx)
	switch {
	case errors.Is(err, io.EOF):
		c.wait(ctx)
	case err != nil && ctx.Err() == nil && c.lines.failed == nil: // a batch, which newer protocols have not
		if err := c.lines.refuse(codeInvalid, nil, "batches are not supported: write one message per line"); err != nil {
			return nil, err
		}
		return c.Read(ctx)
	}
	if q, ok := m.(*jsonrpc.Request); ok && err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if q.IsCall() {
			c.open[q.ID.Raw()] = true
		} else if q.Method == "notifications/cancelled" {
			delete(c.open, cancelled(q.Params))
		}
	}
	return m, err
}

// cancelled is the id of a call that need not be answered.
func cancelled(params json.RawMessage) any {
	var p struct {
		ID any `json:"requestId"`
	}
	if json.Unmarshal(params, &p) != nil {
		return nil
	}
	id, err := jsonrpc.MakeID(p.ID)
	if err != nil {
		return nil
	}
	return id.Raw()
}

// wait waits until everything is answered.
func (c *patientConnection) wait(ctx context.Context) {
	for {
		c.mu.Lock()
		n := len(c.open)
		c.mu.Unlock()
		if n == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-c.end:
			return
		case <-c.idle:
		}
	}
}

// Write writes a message.
func (c *patientConnection) Write(ctx context.Context, m jsonrpc.Message) error {
	err := c.Connection.Write(ctx, m)
	if a, ok := m.(*jsonrpc.Response); ok {
		c.mu.Lock()
		delete(c.open, a.ID.Raw())
		c.mu.Unlock()
		select {
		case c.idle <- struct{}{}:
		default:
		}
	}
	return err
}

package mysql

import (
	"errors"
	"net"
	"sync/atomic"

	"asof/replay/store/cell"
)

// maxRow is the maximum size of a row as the server sends it: the largest payload plus
// space for the other columns. The driver itself has no limit.
const maxRow = 2 * cell.MaxPayload

// A wire counts what the server sends for one row, and keeps the error of the network,
// which the driver replaces by its own.
type wire struct {
	net.Conn
	size   atomic.Int64
	failed atomic.Pointer[error]
}

var errFlood = errors.New("the server sent more than the largest possible row")

// Read reads from the server.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if w.size.Add(int64(n)) > maxRow && err == nil {
		err = errFlood
	}
	if err != nil {
		w.failed.Store(&err)
	}
	return n, err
}

// next begins to count another row.
func (w *wire) next() { w.size.Store(0) }

// cause returns the error of the network, or nil.
func (w *wire) cause() error {
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

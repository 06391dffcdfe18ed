package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay/store/remote"
)

// waits sets how long a server may be silent. A connection string with connect_timeout
// says how long until it accepts a connection.
func waits(cfg *pgconn.Config, silence time.Duration) {
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = remote.ConnectWaits
	}
	if silence <= 0 {
		silence = remote.ServerWaits
	}
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return remote.Patient(conn, silence), nil
	}
}

// unanswered describes a server that did not answer in time, and the remedy. Both are
// empty for other errors.
func unanswered(err error, connectWait time.Duration) (says, next string) {
	var silent *remote.SilenceError
	switch {
	case errors.As(err, &silent):
		return silent.Error(), "check that it is a PostgreSQL server and not too busy; ASOF_SERVER_TIMEOUT=30m waits longer"
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		return fmt.Sprintf("it did not answer within %v", connectWait), "check host and port; connect_timeout=SECONDS in the connection string waits longer"
	}
	return "", ""
}

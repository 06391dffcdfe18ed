package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/cell"
	"asof/replay/store/remote"
	"asof/replay/store/source"
)

// A session is one connection with one transaction, READ ONLY and with a consistent
// snapshot. A failed statement ends neither.
type session struct {
	conn    driver.Conn
	wire    *wire
	cfg     *mysql.Config
	silence time.Duration
	tempDir string
	at      place.Location
	shown   string    // the connection string, without secrets
	where   string    // which database, for messages
	id      string    // of the connection
	maria   bool      // MariaDB, not MySQL
	began   time.Time // of the snapshot or shortly before it, by the server's clock
	open    *result   // its rows are still on the wire
	broken  error     // fails all further reads
}

// grace is the time allowed for ending a statement of which no more is wanted.
const grace = 5 * time.Second

// sqlMode makes the server read standard SQL.
const sqlMode = "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES"

// collations compare text by byte, with the spaces at its end: of MariaDB, of MySQL, and
// of older servers, which ignore the spaces.
var collations = []string{"utf8mb4_nopad_bin", "utf8mb4_0900_bin", "utf8mb4_bin"}

func dial(ctx context.Context, at place.Location, o *source.Options) (*session, error) {
	cfg, err := configOf(at, o)
	if err != nil {
		return nil, err
	}
	s := &session{cfg: cfg, silence: o.ServerTimeout, tempDir: o.TempDir, at: at, shown: at.String()}
	if s.silence <= 0 {
		s.silence = remote.ServerWaits
	}
	s.where = s.scrub(whereto(cfg))
	s.conn, s.wire, err = s.connect(ctx)
	if err == nil {
		err = s.begin(ctx)
	}
	if err != nil {
		s.close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, s.wrong("open", err)
	}
	return s, nil
}

// A connectError is an error before the server accepted the connection.
type connectError struct{ error }

func (e connectError) Unwrap() error { return e.error }

// connect makes a connection.
func (s *session) connect(ctx context.Context) (driver.Conn, *wire, error) {
	cfg := s.cfg.Clone()
	var w *wire
	var dialer net.Dialer
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		w = &wire{Conn: remote.Patient(conn, s.silence)}
		return w, nil
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, nil, connectError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout) // the driver's own ends after the dialing
	defer cancel()
	conn, err := connector.Connect(ctx)
	if err != nil {
		if w != nil && ctx.Err() == nil && w.cause() != nil {
			err = w.cause()
		}
		return nil, nil, connectError{err}
	}
	return conn, w, nil
}

// begin sets what the server may have otherwise, and takes the snapshot.
func (s *session) begin(ctx context.Context) error {
	vs, err := s.values(ctx, 2, "SELECT concat(connection_id()), version()")
	if err != nil {
		return err
	}
	s.id, s.maria = string(vs[0].B), strings.Contains(strings.ToLower(string(vs[1].B)), "mariadb")
	for i, c := range collations {
		var unknown *mysql.MySQLError
		err := s.exec(ctx, "SET NAMES utf8mb4 COLLATE "+c)
		if err == nil {
			break
		}
		if !errors.As(err, &unknown) || i == len(collations)-1 {
			return err
		}
	}
	all := []string{
		"SET SESSION sql_mode = '" + sqlMode + "', time_zone = '+00:00', sql_select_limit = DEFAULT, sql_big_selects = 1, net_write_timeout = 86400",
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
	}
	if s.maria {
		// A server may show its tables as of another moment; one of before 10.3 cannot.
		err := s.exec(ctx, "SET SESSION system_versioning_asof = DEFAULT")
		var unknown *mysql.MySQLError
		if err != nil && !errors.As(err, &unknown) {
			return err
		}
	}
	for i, sql := range all {
		if i == len(all)-1 {
			now, err := s.values(ctx, 1, "SELECT now(6)")
			if err != nil {
				return err
			}
			s.began, _, _ = cell.NewTimes(nil, "", nil).Read(&now[0])
		}
		if err := s.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) close() {
	if s.broken == nil {
		s.broken = &replay.StoreError{Path: s.shown, Op: "read", Err: errors.New("the reader is closed")}
	}
	if s.open != nil {
		s.open.Close()
	}
	if s.conn != nil {
		s.conn.Close() //nolint:errcheck // nothing was written
	}
}

// Run runs one statement and calls each for its rows, whose bytes are valid until each
// returns.
func (s *session) Run(ctx context.Context, sql string, args []any, each func(row []cell.Value) error) error {
	r, err := s.start(ctx, sql, args)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		row, err := r.next()
		if err != nil || row == nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

func (s *session) exec(ctx context.Context, sql string) error {
	return s.Run(ctx, sql, nil, func([]cell.Value) error { return nil })
}

// values returns the first n columns of the first row, or NULL if there are no rows.
func (s *session) values(ctx context.Context, n int, sql string, args ...any) ([]cell.Value, error) {
	vs := make([]cell.Value, n)
	found := false
	err := s.Run(ctx, sql, args, func(row []cell.Value) error {
		if !found {
			found = true
			for i := range vs {
				vs[i] = row[i]
				vs[i].B = append([]byte(nil), row[i].B...)
			}
		}
		return nil
	})
	return vs, err
}

// Texts returns the first column of a query.
func (s *session) Texts(ctx context.Context, sql string, args ...any) ([]string, error) {
	var out []string
	err := s.Run(ctx, sql, args, func(row []cell.Value) error {
		out = append(out, string(row[0].Text()))
		return nil
	})
	return out, err
}

// watch ends the running statement when ctx does. What it returns stops watching, and
// reports whether the statement was ended.
func (s *session) watch(ctx context.Context) (stop func() bool) {
	ended := make(chan struct{})
	undo := context.AfterFunc(ctx, func() {
		defer close(ended)
		s.kill()
	})
	return func() bool {
		if undo() {
			return false
		}
		<-ended
		return true
	}
}

// kill ends the running statement by another connection, or else closes this one.
func (s *session) kill() {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	conn, _, err := s.connect(ctx)
	if err == nil {
		_, err = conn.(driver.ExecerContext).ExecContext(ctx, "KILL QUERY "+s.id, nil) // an unknown id is no harm
		conn.Close()                                                                   //nolint:errcheck // it has done its work
	}
	if err != nil {
		s.wire.Close() //nolint:errcheck // it is lost either way
	}
}

// settle absorbs the end of a statement that came after its last row.
func (s *session) settle() {
	for range 2 {
		r, err := s.start(context.Background(), "DO 0", nil)
		if err == nil {
			r.Close()
			return
		}
	}
}

// failed converts an error of a statement to a StoreError.
func (s *session) failed(ctx context.Context, err error) error {
	if s.broken != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.broken
	}
	broken := s.lost(err)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if broken != nil {
		return broken
	}
	var known *replay.StoreError
	var lacks *replay.UnsupportedError
	if errors.As(err, &known) || errors.As(err, &lacks) {
		return err
	}
	return s.wrong("read", err)
}

// lost breaks the session if the connection is gone, and returns the error of that.
func (s *session) lost(err error) *replay.StoreError {
	if !errors.Is(err, driver.ErrBadConn) && !errors.Is(err, mysql.ErrInvalidConn) && !errors.Is(err, mysql.ErrPktSync) &&
		!errors.Is(err, mysql.ErrMalformPkt) && (s.wire == nil || s.wire.cause() == nil) {
		return nil
	}
	says, next := "the connection was lost, and its snapshot with it", "run the command again"
	if s.wire != nil {
		if why, how := s.unanswered(s.wire.cause()); why != "" {
			says, next = why, how
		}
		if errors.Is(s.wire.cause(), errFlood) {
			says, next = errFlood.Error(), "check that it is a MySQL server"
		}
	}
	var me *mysql.MySQLError
	if errors.As(err, &me) {
		if why, how := meaning(me.Number); why != "" {
			says, next = why, how
		}
	}
	broken := &replay.StoreError{Path: s.shown, Op: "read", Err: remote.Saying(says, err), Next: fault.Try(next)}
	s.broken = broken
	return broken
}

// unanswered describes a server that did not answer in time, and the remedy. Both are
// empty for other errors.
func (s *session) unanswered(err error) (says, next string) {
	var silent *remote.SilenceError
	switch {
	case errors.As(err, &silent):
		return silent.Error(), "check that it is a MySQL server and not too busy; ASOF_SERVER_TIMEOUT=30m waits longer"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "it did not answer within " + s.cfg.Timeout.String(), "check host and port; connect_timeout=SECONDS in the connection string waits longer"
	}
	return "", ""
}

// scrub removes passwords from text of other origin.
func (s *session) scrub(text string) string {
	text = place.Scrub(s.at.Scrub(text), []string{s.cfg.Passwd})
	return strings.Join(strings.Fields(text), " ")
}

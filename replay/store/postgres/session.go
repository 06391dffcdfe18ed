package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/cell"
	"asof/replay/store/remote"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A session is one connection with one transaction: READ ONLY, so that the server refuses
// to write, and REPEATABLE READ, so that all answers use one snapshot.
//
// A failed statement would end the transaction and its snapshot. The session therefore
// rolls back to a savepoint, which keeps the snapshot. This closes open cursors;
// generation detects them.
type session struct {
	conn        *pgconn.PgConn
	shown       string // the connection string, without secrets
	where       string // which database, for messages
	path        bool   // the connection string sets the search path
	at          place.Location
	connectWait time.Duration
	password    func() string // from any source
	generation  int
	cursors     int      // number of cursors declared, for naming
	over        []string // cursors to close with the next query
	broken      error    // fails all further reads
}

const savepoint = "asof"

// grace is the time allowed after a context ends for rolling back cancelled statements
// and closing cursors.
const grace = 5 * time.Second

func dial(ctx context.Context, at place.Location, silence time.Duration) (*session, error) {
	cfg, err := configOf(at)
	if err != nil {
		return nil, err
	}
	waits(cfg, silence)
	s := &session{at: at, connectWait: cfg.ConnectTimeout, shown: at.String(), password: func() string { return cfg.Password }, path: cfg.RuntimeParams["search_path"] != ""}
	s.where = s.scrub(whereto(cfg))
	s.conn, err = pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, s.wrong("open", err)
	}
	for _, sql := range []string{
		"BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
		// A role or a database may have others: quotations and values are read as by these.
		"SET LOCAL bytea_output = 'hex'; SET LOCAL standard_conforming_strings = on;" +
			" SET LOCAL extra_float_digits = 1; SET LOCAL intervalstyle = 'postgres'",
	} {
		if _, err := s.conn.Exec(ctx, sql).ReadAll(); err != nil {
			s.close()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, s.wrong("open", err)
		}
	}
	return s, nil
}

// guard sets the savepoint to which a failed statement rolls back. Without it, a failure
// ends the session.
func (s *session) guard(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, "SAVEPOINT "+savepoint).ReadAll()
	return err
}

func (s *session) close() {
	if s.broken == nil {
		s.broken = &replay.StoreError{Path: s.shown, Op: "read", Err: errors.New("the reader is closed")}
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	s.conn.Close(ctx) //nolint:errcheck // nothing was written
}

// Run runs one statement and calls each for its rows, whose bytes are valid until each
// returns. Results with many rows need a cursor, because all rows must be read before the
// next statement.
func (s *session) Run(ctx context.Context, sql string, args []any, each func(*rawRow) error) error {
	if s.broken != nil {
		return s.broken
	}
	rr := s.conn.ExecParams(ctx, sql, encoded(args), nil, nil, nil)
	failed := eachRow(rr, each)
	if _, err := rr.Close(); err != nil {
		return err
	}
	return failed
}

// eachRow reads a result to its end, even if each fails.
func eachRow(rr *pgconn.ResultReader, each func(*rawRow) error) error {
	row := rawRow{}
	var failed error
	for rr.NextRow() {
		if failed != nil {
			continue
		}
		if row.oids == nil {
			for _, f := range rr.FieldDescriptions() {
				row.oids = append(row.oids, f.DataTypeOID)
			}
		}
		row.cells = rr.Values()
		failed = each(&row)
	}
	return failed
}

// one returns the single value of a query, or NULL if there are no rows.
func (s *session) one(ctx context.Context, sql string, args ...any) (cell.Value, error) {
	var v cell.Value
	err := s.Run(ctx, sql, args, func(r *rawRow) error {
		r.read(0, &v)
		v.B = append([]byte(nil), v.B...)
		return nil
	})
	return v, err
}

// Texts returns the first column of a query.
func (s *session) Texts(ctx context.Context, sql string, args ...any) ([]string, error) {
	var out []string
	err := s.Run(ctx, sql, args, func(r *rawRow) error {
		var v cell.Value
		r.read(0, &v)
		out = append(out, string(v.Text()))
		return nil
	})
	return out, err
}

// failed converts an error of a statement to a StoreError, and recovers the session if
// possible.
func (s *session) failed(ctx context.Context, err error) error {
	if s.broken != nil {
		return s.broken
	}
	s.recover()
	var known *replay.StoreError
	var lacks *replay.UnsupportedError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &known) || errors.As(err, &lacks):
		return err
	}
	return s.wrong("read", err)
}

// recover rolls back to the savepoint if the transaction has failed.
func (s *session) recover() {
	if !s.conn.IsClosed() && s.conn.TxStatus() == 'T' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	s.generation++
	s.over = nil
	if !s.conn.IsClosed() && s.conn.TxStatus() == 'E' {
		if _, err := s.conn.Exec(ctx, "ROLLBACK TO SAVEPOINT "+savepoint).ReadAll(); err == nil {
			return
		}
	}
	s.broken = &replay.StoreError{
		Path: s.shown, Op: "read", Err: errors.New("the connection was lost, and its snapshot with it"),
		Next: fault.Try("run the command again"),
	}
}

// wrong converts an error of the server or the network to a StoreError.
func (s *session) wrong(op string, err error) error {
	e := &replay.StoreError{Path: s.shown, Op: op, Err: err}
	var unknown *source.UnknownDialectError
	if errors.As(err, &unknown) {
		e.Next = unknown.Remedy()
		return e
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		says, next := meaning(pe.Code)
		if says == "" {
			says = "PostgreSQL says"
		}
		e.Err = remote.Saying(fmt.Sprintf("%s: %s (%s)", says, s.scrub(pe.Message), pe.Code), err)
		e.Next = fault.Try(next)
		return e
	}
	says, next := unanswered(err, s.connectWait)
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) && says != "" {
		e.Err, e.Next = remote.Saying(s.where+" can't be reached: "+says, err), fault.Try(next)
		return e
	}
	if says != "" && op == "read" || errors.As(err, new(*remote.SilenceError)) {
		e.Err, e.Next = remote.Saying(says, err), fault.Try(next)
		return e
	}
	if errors.As(err, &connect) {
		e.Err = remote.Saying(s.where+" can't be reached: "+s.scrub(remote.Innermost(connect)), err)
		e.Next = fault.Try("check host, port and sslmode, or the variables PGHOST, PGPORT, PGSSLMODE")
		return e
	}
	e.Err = remote.Saying(s.scrub(err.Error()), err)
	return e
}

// scrub removes passwords from text of other origin.
func (s *session) scrub(text string) string {
	text = place.Scrub(s.at.Scrub(text), []string{s.password()})
	return strings.Join(strings.Fields(text), " ")
}

// meaning returns the meaning of a SQLSTATE for a reader, and a remedy.
func meaning(code string) (says, next string) {
	switch code {
	case "28P01", "28000":
		return "the server rejects the user or the password",
			"give the password in PGPASSWORD, in ~/.pgpass or in a service file, not on the command line"
	case "3D000":
		return "there is no such database", "name it after the host: postgres://HOST/DATABASE"
	case "42501":
		return "the user may not read the data", "ask for GRANT SELECT on the tables, and USAGE on their schema"
	case "57014":
		return "the server ended the statement", "raise statement_timeout for this user, or ask for less"
	case "25P03", "57P05":
		return "the server closed the idle connection", "raise idle_in_transaction_session_timeout for this user"
	case "40001":
		return "the server could not keep the snapshot", "run the command again; on a standby, hot_standby_feedback keeps snapshots"
	case "53300", "57P03":
		return "the server accepts no more connections now", "try again later"
	}
	return "", ""
}

// encoded converts arguments to the text format of the protocol.
func encoded(args []any) [][]byte {
	out := make([][]byte, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case int64:
			out[i] = strconv.AppendInt(nil, v, 10)
		case string:
			out[i] = []byte(v)
		case []byte:
			out[i] = fmt.Appendf(nil, `\x%x`, v)
		default:
			panic(fmt.Sprintf("store: argument of type %T", a))
		}
	}
	return out
}

var flavour = table.Flavour{
	// Numbers are bigint whatever they are compared with, so that one outside a column's
	// range only compares as larger.
	Param: func(n int, v any) string {
		p := "$" + strconv.Itoa(n)
		switch v.(type) {
		case int64:
			return p + "::bigint"
		case []byte:
			return p + "::bytea"
		}
		return p
	},
	Bytes: func(e string) string { return e }, // columns have the collation where needed
	Joins: true,
	Text:  storable,
	After: cell.AfterRunes,
}

// storable returns the longest prefix of s that PostgreSQL can store: valid UTF-8 without
// NUL.
func storable(s string) string {
	for i, r := range s {
		if r == 0 || r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return s[:i]
		}
	}
	return s
}

// isStorable reports whether PostgreSQL can store s.
func isStorable(s string) bool { return storable(s) == s }

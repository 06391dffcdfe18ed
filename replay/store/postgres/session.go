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
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A session is one connection and the one transaction that it lives for: READ
// ONLY, so that the server itself refuses to write, and REPEATABLE READ, so that
// all answers are of one snapshot.
//
// A statement that fails would end the transaction, and the snapshot with it. So
// the session rolls back to a savepoint, which keeps the snapshot; cursors that
// were open are gone by then, and generation tells them.
type session struct {
	conn        *pgconn.PgConn
	shown       string // the connection string, without secrets
	where       string // in words: which database
	path        bool   // whether it sets the search path
	at          place.Location
	connectWait time.Duration
	password    func() string // wherever it came from
	generation  int
	cursors     int      // how many were declared, to name the next one
	over        []string // cursors to be closed with the next question
	broken      error    // why nothing can be read any more
}

const savepoint = "asof"

// grace bounds what is done after a context has ended: cancelled statements are
// rolled back, cursors closed.
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
		"SET LOCAL bytea_output = 'hex'",
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

// guard sets the savepoint that a failed statement goes back to. Before it, a
// failure ends the session.
func (s *session) guard(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, "SAVEPOINT "+savepoint).ReadAll()
	return err
}

func (s *session) close() {
	if s.broken == nil {
		s.broken = &replay.StoreError{Path: s.shown, Op: "read", Err: errors.New("it is closed")}
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	s.conn.Close(ctx) //nolint:errcheck // nothing was written
}

// Run asks one statement and gives each its rows, whose bytes are valid until it
// returns. It is not for many rows, which would all have to be read before the
// next statement: those go through a cursor.
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

// eachRow goes through a result, to its end even where each fails.
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

// one returns the one value that the SQL gives, NULL where it gives no row.
func (s *session) one(ctx context.Context, sql string, args ...any) (cell.Value, error) {
	var v cell.Value
	err := s.Run(ctx, sql, args, func(r *rawRow) error {
		r.read(0, &v)
		v.B = append([]byte(nil), v.B...)
		return nil
	})
	return v, err
}

// Texts returns the first column of what the SQL gives.
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

// failed makes an error of a statement one for people, and makes the session
// usable again where that can be done.
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

// recover goes back to the savepoint if the transaction has failed.
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
		Path: s.shown, Op: "read", Err: errors.New("the connection is lost, and its snapshot with it"),
		Next: fault.Try("run the command again"),
	}
}

// wrong words what the server or the network says.
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
		e.Err = saying{fmt.Sprintf("%s: %s (%s)", says, s.scrub(pe.Message), pe.Code), err}
		e.Next = fault.Try(next)
		return e
	}
	says, next := unanswered(err, s.connectWait)
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) && says != "" {
		e.Err, e.Next = saying{s.where + " can't be reached: " + says, err}, fault.Try(next)
		return e
	}
	if says != "" && op == "read" || errors.As(err, new(*silenceError)) {
		e.Err, e.Next = saying{says, err}, fault.Try(next)
		return e
	}
	if errors.As(err, &connect) {
		e.Err = saying{s.where + " can't be reached: " + s.scrub(innermost(connect)), err}
		e.Next = fault.Try("check host, port and sslmode, or the variables PGHOST, PGPORT, PGSSLMODE")
		return e
	}
	e.Err = saying{s.scrub(err.Error()), err}
	return e
}

// saying says in our words what went wrong.
type saying struct {
	says  string
	cause error
}

func (e saying) Error() string { return e.says }
func (e saying) Unwrap() error { return e.cause }

// innermost is what a connection failed of, without where it was to go, which the
// path has said. Of several attempts the last is told.
func innermost(err error) string {
	for {
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			next := u.Unwrap()
			if next == nil {
				return err.Error()
			}
			err = next
		case interface{ Unwrap() []error }:
			all := u.Unwrap()
			if len(all) == 0 {
				return err.Error()
			}
			err = all[len(all)-1]
		default:
			return err.Error()
		}
	}
}

// scrub takes passwords out of what others have worded.
func (s *session) scrub(text string) string {
	text = place.Scrub(s.at.Scrub(text), []string{s.password()})
	return strings.Join(strings.Fields(text), " ")
}

// meaning says what a SQLSTATE means for a reader, and what to do.
func meaning(code string) (says, next string) {
	switch code {
	case "28P01", "28000":
		return "it refuses the user or the password",
			"give the password in PGPASSWORD, in ~/.pgpass or in a service file, not on the command line"
	case "3D000":
		return "there is no such database", "name it behind the host: postgres://HOST/DATABASE"
	case "42501":
		return "the user may not read it", "ask for GRANT SELECT on the tables, and USAGE on their schema"
	case "57014":
		return "the server ended the statement", "raise statement_timeout for this user, or ask for less"
	case "25P03", "57P05":
		return "the server ended the connection, which waited too long", "raise idle_in_transaction_session_timeout for this user"
	case "40001":
		return "the server could not keep the snapshot", "run the command again; on a standby, hot_standby_feedback keeps snapshots"
	case "53300", "57P03":
		return "it takes no more connections now", "try again later"
	}
	return "", ""
}

// encoded are arguments as the protocol takes them, in writing.
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
	// Numbers are bigint whatever they are compared with: one that a column has no
	// room for is then merely larger.
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
	Bytes: func(e string) string { return e }, // the columns say it where they must
	Text:  storable,
	After: afterRunes,
}

// storable is the beginning of s that PostgreSQL can hold: valid UTF-8, and no NUL.
func storable(s string) string {
	for i, r := range s {
		if r == 0 || r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return s[:i]
		}
	}
	return s
}

// isStorable reports whether PostgreSQL can hold all of s.
func isStorable(s string) bool { return storable(s) == s }

// afterRunes is afterPrefix for an engine that takes no text but valid UTF-8,
// whose order by bytes is that of its characters.
func afterRunes(s string) (string, bool) {
	r := []rune(s)
	for i := len(r) - 1; i >= 0; i-- {
		if r[i] == utf8.MaxRune {
			continue
		}
		if r[i]++; r[i] == 0xD800 {
			r[i] = 0xE000 // between them are no characters
		}
		return string(r[:i+1]), true
	}
	return "", false
}

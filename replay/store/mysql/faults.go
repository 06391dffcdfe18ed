package mysql

import (
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/remote"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// wrong converts an error of the server or the network to a StoreError.
func (s *session) wrong(op string, err error) error {
	e := &replay.StoreError{Path: s.shown, Op: op, Err: err}
	var unknown *source.UnknownDialectError
	if errors.As(err, &unknown) {
		e.Next = unknown.Remedy()
		return e
	}
	var me *mysql.MySQLError
	if errors.As(err, &me) {
		says, next := meaning(me.Number)
		if says == "" {
			says = "the server says"
		}
		e.Err = remote.Saying(fmt.Sprintf("%s: %s (%d)", says, s.scrub(me.Message), me.Number), err)
		e.Next = fault.Try(next)
		return e
	}
	var connect connectError
	if errors.As(err, &connect) {
		says, next := s.unanswered(err)
		if says == "" {
			says, next = unmet(err)
		}
		if says == "" {
			says, next = s.scrub(remote.Innermost(connect.error)), "check host, port and tls; a socket is named by ?socket=PATH"
		}
		e.Err, e.Next = remote.Saying(s.where+" can't be reached: "+says, err), fault.Try(next)
		return e
	}
	if broken := s.lost(err); broken != nil {
		return &replay.StoreError{Path: s.shown, Op: op, Err: broken.Err, Next: broken.Next}
	}
	e.Err = remote.Saying(s.scrub(err.Error()), err)
	return e
}

// unmet describes what the driver lacks for a server, and the remedy.
func unmet(err error) (says, next string) {
	switch {
	case errors.Is(err, mysql.ErrNoTLS):
		return "it has no TLS", "write tls=false in the connection string if the network is trusted"
	case errors.Is(err, mysql.ErrCleartextPassword), errors.Is(err, mysql.ErrOldPassword), errors.Is(err, mysql.ErrNativePassword),
		errors.Is(err, mysql.ErrUnknownPlugin):
		return "its authentication method is not supported", "use a user with caching_sha2_password, ed25519 or mysql_native_password"
	case errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, mysql.ErrMalformPkt), errors.Is(err, mysql.ErrPktSync), errors.Is(err, mysql.ErrOldProtocol):
		return "it does not speak the MySQL protocol", "check host and port"
	}
	return "", ""
}

// meaning returns the meaning of an error's number for a reader, and a remedy.
func meaning(number uint16) (says, next string) {
	switch number {
	case 1045, 1698, 1396:
		return "the server rejects the user or the password", "give the password in MYSQL_PWD, not on the command line"
	case 1130:
		return "the server accepts no connections from this machine", "ask for a user that may connect from here"
	case 1044:
		return "the user may not open the database", "ask for GRANT SELECT on it"
	case 1049:
		return "there is no such database", "name it after the host: mysql://HOST/DATABASE"
	case 1142, 1143, 1227, 1370:
		return "the user may not read the data", "ask for GRANT SELECT on the tables"
	case 1317, 1969, 3024, 1028:
		return "the server ended the statement", "raise max_statement_time (MySQL: max_execution_time) for this user, or ask for less"
	case 1927, 4031, 3169, 1053, 1079:
		return "the server closed the connection, and its snapshot with it", "run the command again"
	case 1040, 1203, 1226:
		return "the server accepts no more connections now", "try again later"
	case 1792, 1290, 1836:
		return "the SQL writes, and this connection only reads", "write a SELECT"
	case 1412:
		return "a table was changed since the snapshot", "run the command again"
	case 1205, 1213:
		return "the server is waiting for another session's lock", "try again later"
	case 1021, 1026, 1114, 3:
		return "the server has no room to sort the rows", "make room in its tmpdir, or ask for less"
	}
	return "", ""
}

// isFailure distinguishes errors of the server or the connection from a dialect that does
// not match.
func isFailure(err error) bool {
	var me *mysql.MySQLError
	var known *replay.StoreError
	return errors.As(err, &me) || errors.As(err, &known) || isLost(err)
}

// queryFault says what the server finds wrong with a query, and where.
func (s *session) queryFault(sql string, err error) error {
	var me *mysql.MySQLError
	if !errors.As(err, &me) {
		return err
	}
	if me.Number == 1792 {
		return table.NoSelect()
	}
	at := whereIn(sql, me.Message)
	if me.Number == 1064 && at > 0 {
		if _, several := table.OneStatement(sql, sql[at:]); several != nil && endsStatement(sql[:at]) {
			return several
		}
	}
	return table.QueryError(s.scrub(me.Message), sql, at)
}

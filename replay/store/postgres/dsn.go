package postgres

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/cell"
	"asof/replay/store/remote"
)

// configOf parses a connection string. Like libpq, it also reads the environment, the
// password file, the service file and the TLS settings.
func configOf(at place.Location) (*pgconn.Config, error) {
	if wrong := at.Fault(); wrong != "" {
		return nil, &replay.StoreError{
			Path: at.String(), Op: "open", Err: errors.New("the connection string is ambiguous: " + wrong),
			Next: fault.Try("write %XX for characters that are special in a URL: %40 for @, %2F for /"),
		}
	}
	cfg, err := pgconn.ParseConfig(at.Reveal())
	if err != nil {
		// The parser's message may quote any part of the string, so it is not shown.
		e := &replay.StoreError{
			Path: at.String(), Op: "open", Err: errors.New("the connection string is invalid"),
			Next: fault.Try("write postgres://USER@HOST:PORT/DATABASE, with %XX for characters that are special in a URL, or host=HOST dbname=DATABASE"),
		}
		for _, setting := range []string{"sslmode", "sslrootcert", "sslcert", "sslkey", "service", "passfile", "port", "target_session_attrs", "connect_timeout"} {
			if strings.Contains(err.Error(), "invalid "+setting) || strings.Contains(err.Error(), setting+" is invalid") {
				e.Err = errors.New("the connection string, or the environment, has a bad " + setting)
			}
		}
		return nil, e
	}
	// Times come without a zone or in this one; text comes as UTF-8.
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["datestyle"] = "ISO, MDY"
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "asof"
	}
	cfg.MaxProtocolMessageBodyLen = maxMessage
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 5 * time.Second}
	}
	return cfg, nil
}

// maxMessage is the maximum size of a row as the server sends it. Payloads arrive in
// hexadecimal, so it is twice the largest payload plus space for the other columns.
const maxMessage = 3 * cell.MaxPayload

// whereto describes the database that the connection string, the environment and libpq's
// files resolve to.
func whereto(cfg *pgconn.Config) string {
	host := cfg.Host
	if !strings.HasPrefix(host, "/") { // else the folder of a socket
		host = remote.HostPort(host, cfg.Port, 5432)
	}
	if cfg.Database == "" { // the default: the user's name
		return fmt.Sprintf("%s, as user %s,", host, cfg.User)
	}
	return fmt.Sprintf("database %s at %s, as user %s,", cfg.Database, host, cfg.User)
}

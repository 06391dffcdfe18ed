package mysql

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/remote"
	"asof/replay/store/source"
)

// usualPort is the port of a server unless the connection string has another.
const usualPort = 3306

// settings are the parameters of a connection string.
var settings = []string{"connect_timeout", "password", "socket", "ssl-ca", "ssl-mode", "tls", "user"}

// form is how to write a connection string.
const form = "write mysql://USER@HOST:PORT/DATABASE, with %XX for characters that are special in a URL"

// configOf parses a connection string. The password may be in MYSQL_PWD instead.
func configOf(at place.Location, o *source.Options) (*mysql.Config, error) {
	bad := func(next string, format string, a ...any) error {
		return &replay.StoreError{Path: at.String(), Op: "open", Err: fmt.Errorf(format, a...), Next: fault.Try(next)}
	}
	if wrong := at.Fault(); wrong != "" {
		return nil, bad("write %XX for characters that are special in a URL: %40 for @, %2F for /", "the connection string is ambiguous: %s", wrong)
	}
	u, err := url.Parse(at.Reveal())
	if err != nil { // the parser's message may quote any part of the string
		return nil, bad(form, "the connection string is invalid")
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, bad(form, "the connection string is invalid")
	}
	for name := range q {
		if !slices.Contains(settings, name) { // the name may be a part of a password
			return nil, bad("its parameters are "+strings.Join(settings, ", "), "the connection string has an unknown parameter")
		}
	}
	cfg := mysql.NewConfig()
	cfg.Logger = &mysql.NopLogger{}
	cfg.User = cmp.Or(u.User.Username(), q.Get("user"))
	cfg.Passwd, _ = u.User.Password()
	cfg.Passwd = cmp.Or(cfg.Passwd, q.Get("password"), o.Env("MYSQL_PWD"))
	cfg.DBName = strings.TrimPrefix(u.Path, "/")
	if strings.Contains(cfg.DBName, "/") {
		return nil, bad(form, "the connection string has more than a database after the host")
	}
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(cmp.Or(u.Hostname(), "127.0.0.1"), cmp.Or(u.Port(), strconv.Itoa(usualPort)))
	if port, err := strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16); err != nil || port == 0 {
		return nil, bad("a port is a number up to 65535", "the connection string has a bad port")
	}
	if socket := q.Get("socket"); socket != "" {
		cfg.Net, cfg.Addr = "unix", socket
	}
	cfg.Timeout = remote.ConnectWaits
	if s := q.Get("connect_timeout"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n <= 0 || n > int(time.Duration(1<<62)/time.Second) {
			return nil, bad("it is a number of seconds", "the connection string has a bad connect_timeout")
		}
		cfg.Timeout = time.Duration(n) * time.Second
	}
	if err := secure(cfg, q, u.Hostname()); err != nil {
		return nil, bad("tls is true, skip-verify, preferred or false; ssl-ca is a file of certificates", "the connection string has a bad %w", err)
	}
	return cfg, nil
}

// modes are MySQL's names of the driver's settings.
var modes = map[string]string{
	"disabled": "false", "preferred": "preferred", "required": "skip-verify", "verify_ca": "true", "verify_identity": "true",
}

// secure sets how the connection is encrypted: if the server can, by default.
func secure(cfg *mysql.Config, q url.Values, host string) error {
	mode := cmp.Or(q.Get("tls"), "preferred")
	if s := q.Get("ssl-mode"); s != "" {
		if mode = modes[strings.ToLower(s)]; mode == "" {
			return errors.New("ssl-mode")
		}
	}
	ca := q.Get("ssl-ca")
	switch mode {
	case "true", "skip-verify", "preferred", "false":
	default:
		return errors.New("tls")
	}
	if ca == "" || mode == "false" {
		cfg.TLSConfig = mode
		return nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return errors.New("ssl-ca: the file can't be read")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return errors.New("ssl-ca: the file has no certificates")
	}
	cfg.TLS = &tls.Config{RootCAs: roots, ServerName: host}
	return nil
}

// whereto describes the database that a connection string means.
func whereto(cfg *mysql.Config) string {
	host := cfg.Addr
	if cfg.Net == "tcp" {
		name, text, _ := net.SplitHostPort(cfg.Addr) //nolint:errcheck // joined above
		port, _ := strconv.ParseUint(text, 10, 16)   //nolint:errcheck // checked above
		host = remote.HostPort(name, uint16(port), usualPort)
	}
	as := ""
	if cfg.User != "" {
		as = ", as user " + cfg.User + ","
	}
	if cfg.DBName == "" {
		return host + as
	}
	return "database " + cfg.DBName + " at " + host + as
}

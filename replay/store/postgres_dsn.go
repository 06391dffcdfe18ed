package store

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"asof/replay"
)

// IsDSN reports whether what a user named as a store is a connection string and
// not a path: postgres://USER@HOST:PORT/DATABASE, or libpq's keywords
// ("host=db.example dbname=shop", "service=shop").
func IsDSN(s string) bool {
	scheme, _, found := strings.Cut(s, "://")
	if found && !strings.ContainsAny(scheme, `/\. =`) {
		return true
	}
	return isKeywords(s)
}

func isPostgres(s string) bool {
	return strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://") || isKeywords(s)
}

// isKeywords tells a connection string of libpq's keywords by the first of them.
func isKeywords(s string) bool {
	key, _, found := strings.Cut(s, "=")
	return found && slices.Contains([]string{
		"host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service", "servicefile", "sslmode",
		"sslcert", "sslkey", "sslrootcert", "connect_timeout", "application_name", "target_session_attrs",
		"options", "search_path",
	}, strings.TrimSpace(key))
}

// SecretsIn returns the byte ranges of a connection string that hold a password,
// so that whoever shows the string, or holds it where others can look, can blank
// them. Where it can't tell, a range is rather too long than too short.
func SecretsIn(dsn string) [][2]int {
	if isKeywords(dsn) {
		return keywordSecrets(dsn)
	}
	scheme := strings.Index(dsn, "://")
	if scheme < 0 {
		return nil
	}
	var out [][2]int
	start := scheme + len("://")
	// A password may hold any character, so it ends at the last @.
	if at := strings.LastIndexByte(dsn, '@'); at >= start {
		if colon := strings.IndexByte(dsn[start:at], ':'); colon >= 0 {
			out = append(out, [2]int{start + colon + 1, at})
		}
	}
	query := strings.IndexByte(dsn[start:], '?')
	if query < 0 {
		return out
	}
	for i := start + query + 1; i <= len(dsn); {
		end := i + strings.IndexByte(dsn[i:]+"&", '&')
		if key, _, found := strings.Cut(dsn[i:end], "="); found && isSecretKey(key) {
			out = append(out, [2]int{i + len(key) + 1, end})
		}
		i = end + 1
	}
	return out
}

func isSecretKey(key string) bool {
	key = strings.ToLower(strings.TrimSpace(key))
	// An escaped key may spell either.
	return strings.Contains(key, "password") || strings.Contains(key, "%")
}

// keywordSecrets takes "key = value" pairs apart, whose values may be quoted.
func keywordSecrets(s string) [][2]int {
	var out [][2]int
	for i := 0; i < len(s); {
		eq := strings.IndexByte(s[i:], '=')
		if eq < 0 {
			break
		}
		key := s[i : i+eq]
		start := i + eq + 1
		for start < len(s) && strings.IndexByte(" \t\r\n", s[start]) >= 0 {
			start++
		}
		end := start
		quoted := end < len(s) && s[end] == '\''
		if quoted {
			end++
		}
		for end < len(s) && (quoted && s[end] != '\'' || !quoted && strings.IndexByte(" \t\r\n", s[end]) < 0) {
			if s[end] == '\\' {
				end++
			}
			end++
		}
		if quoted {
			end++
		}
		end = min(end, len(s))
		if isSecretKey(key) {
			out = append(out, [2]int{start, end})
		}
		i = end
	}
	return out
}

// hideSecrets is the text without what SecretsIn finds in it.
func hideSecrets(dsn string) string {
	var b strings.Builder
	last := 0
	ranges := SecretsIn(dsn)
	slices.SortFunc(ranges, func(a, b [2]int) int { return a[0] - b[0] })
	for _, r := range ranges {
		if r[0] < last {
			r[0] = last
		}
		if r[0] >= r[1] {
			continue
		}
		b.WriteString(dsn[last:r[0]] + "…")
		last = r[1]
	}
	return b.String() + dsn[last:]
}

// WithoutSecrets is a connection string of PostgreSQL that still names the store,
// and holds no password. Anything else stays as it is.
func WithoutSecrets(dsn string) string {
	if !isPostgres(dsn) {
		return dsn
	}
	const space = " \t\r\n"
	ranges := SecretsIn(dsn)
	for _, r := range slices.Backward(ranges) { // so that those before keep their place
		start, end := r[0], r[1]
		before := strings.TrimRight(dsn[:start], space)
		if strings.HasSuffix(before, "=") { // a parameter, which goes with its name
			before = strings.TrimRight(before[:len(before)-1], space)
			start = strings.LastIndexAny(before, "?&"+space) + 1
			if end < len(dsn) && strings.ContainsRune("&"+space, rune(dsn[end])) {
				end++
			}
		} else if strings.HasSuffix(before, ":") {
			start--
		}
		dsn = dsn[:start] + dsn[end:]
	}
	if dsn = strings.TrimRight(dsn, "?&"+space); dsn == "" {
		return "postgres://" // all is in the environment
	}
	return dsn
}

// pgConfig reads a connection string, and with it the environment, the password
// file, the service file and the TLS settings, as libpq does.
func pgConfig(dsn string) (*pgconn.Config, error) {
	cfg, err := pgconn.ParseConfig(dsn)
	if err != nil {
		// What the parser says may quote any part of the string, so it is not repeated.
		e := &replay.StoreError{
			Path: shownPath(dsn), Op: "open", Err: errors.New("the connection string can't be understood"),
			Next: "write postgres://USER@HOST:PORT/DATABASE, with %XX for characters that are special in a URL, or host=HOST dbname=DATABASE",
		}
		for _, setting := range []string{"sslmode", "sslrootcert", "sslcert", "sslkey", "service", "passfile", "port", "target_session_attrs", "connect_timeout"} {
			if strings.Contains(err.Error(), "invalid "+setting) || strings.Contains(err.Error(), setting+" is invalid") {
				e.Err = errors.New("the connection string, or the environment, has a bad " + setting)
			}
		}
		return nil, e
	}
	// Times come without a zone, or in this one; text comes as UTF-8.
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["datestyle"] = "ISO, MDY"
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "asof"
	}
	cfg.MaxProtocolMessageBodyLen = maxPgMessage
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 5 * time.Second}
	}
	return cfg, nil
}

// maxPgMessage bounds one row as the server sends it: payloads come in
// hexadecimal, so that this is twice the largest, and something for the rest.
const maxPgMessage = 3 * maxPayload

// whereto says in words what a connection string, the environment and the files of
// libpq have come to.
func whereto(cfg *pgconn.Config) string {
	host := cfg.Host
	if !strings.HasPrefix(host, "/") { // a socket's folder
		host = hostPort(host, cfg.Port)
	}
	if cfg.Database == "" { // the user's own
		return fmt.Sprintf("%s, as user %s,", host, cfg.User)
	}
	return fmt.Sprintf("database %s at %s, as user %s,", cfg.Database, host, cfg.User)
}

func hostPort(host string, port uint16) string {
	if port == 5432 {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

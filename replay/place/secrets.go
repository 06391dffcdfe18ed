package place

import (
	"net/url"
	"slices"
	"strings"
)

const space = " \t\r\n"

// known lists the connection settings of PostgreSQL: libpq's and pgx's.
var known = []string{
	"host", "hostaddr", "port", "dbname", "database", "user", "password", "passfile", "service", "servicefile",
	"sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "sslcertmode",
	"sslcompression", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version", "sslkeylogfile",
	"min_protocol_version", "max_protocol_version", "connect_timeout", "client_encoding", "application_name",
	"fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
	"tcp_user_timeout", "replication", "gssencmode", "gsslib", "gssdelegation", "krbsrvname", "krbspn", "requirepeer",
	"require_auth", "require_ssl", "channel_binding", "target_session_attrs", "load_balance_hosts", "options",
	"search_path", "timezone", "statement_timeout", "lock_timeout", "scram_client_key", "scram_server_key",
	"oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope",
}

// hidden lists the known settings whose value is a secret.
var hidden = []string{"password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret"}

// knownMySQL lists the parameters of MySQL's connection strings that hold no secret.
var knownMySQL = []string{"connect_timeout", "socket", "ssl-ca", "ssl-mode", "tls", "user"}

// isShown reports whether the value of a setting may be shown: the setting is
// known and holds no secret.
func isShown(key string) bool { return slices.Contains(known, key) && !slices.Contains(hidden, key) }

// knownRedis lists those of Redis.
var knownRedis = []string{"prefix"}

// A pair is "key = value" in a text, by byte offsets.
type pair struct {
	key        string
	start, end int // of the value
}

// pairs parses libpq's "key = value" pairs. It stops at the first text that is not a
// pair, and returns its offset as rest.
func pairs(s string) (all []pair, rest int) {
	for i := 0; ; {
		for i < len(s) && strings.IndexByte(space, s[i]) >= 0 {
			i++
		}
		if i == len(s) {
			return all, i
		}
		key, _, found := strings.Cut(s[i:], "=")
		name := strings.Trim(key, space)
		start := i + len(key) + 1
		if !found || !isName(name) || start < len(s) && s[start] == '=' {
			return all, i
		}
		for start < len(s) && strings.IndexByte(space, s[start]) >= 0 {
			start++
		}
		i = valueEnd(s, start)
		all = append(all, pair{name, start, i})
	}
}

// valueEnd returns the end of a value that may be quoted. An unclosed quote extends
// to the end of the text.
func valueEnd(s string, i int) int {
	quoted := i < len(s) && s[i] == '\''
	if quoted {
		i++
	}
	for i < len(s) && (quoted && s[i] != '\'' || !quoted && strings.IndexByte(space, s[i]) < 0) {
		if s[i] == '\\' {
			i++
		}
		i++
	}
	if quoted {
		i++
	}
	return min(i, len(s))
}

// isName reports whether s can be the name of a setting.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && s[i] != '_' && (i == 0 || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}

// isKeywords reports whether s is a connection string of libpq's keywords: it begins
// with pairs, and one of them is a known setting.
func isKeywords(s string) bool {
	all, _ := pairs(s)
	return slices.ContainsFunc(all, func(p pair) bool { return slices.Contains(known, p.key) })
}

// secretsIn returns the byte ranges of a connection string that must not be
// shown, in order.
func secretsIn(dsn string) [][2]int {
	if isKeywords(dsn) {
		return keywordSecrets(dsn)
	}
	scheme := strings.Index(dsn, "://")
	if scheme < 0 {
		return nil
	}
	var out [][2]int
	start, past := scheme+len("://"), scheme+len("://")
	// A password may contain any character, so it ends at the last @.
	if at := strings.LastIndexByte(dsn, '@'); at >= start && !onlyInQuery(dsn[start:]) {
		if colon := strings.IndexByte(dsn[start:at], ':'); colon >= 0 {
			out = append(out, [2]int{start + colon + 1, at})
			past = at
		} else if isRedis(dsn[:scheme]) {
			out = append(out, [2]int{start, at}) // a user alone is a password
			past = at
		} else if first := strings.IndexByte(dsn[start:at], '@'); first >= 0 && !strings.ContainsAny(dsn[start:at], "/?") {
			out = append(out, [2]int{start + first + 1, at}) // it may be part of a secret
			past = at
		}
	}
	query := strings.IndexAny(dsn[past:], "?#")
	if query < 0 {
		return out
	}
	for i := past + query + 1; i <= len(dsn); {
		end := i + strings.IndexByte(dsn[i:]+"&", '&')
		if key, _, found := strings.Cut(dsn[i:end], "="); !found || !isShown(key) && !slices.Contains(knownMySQL, key) && !slices.Contains(knownRedis, key) {
			from := i
			if found {
				from = i + len(key) + 1
			}
			out = append(out, [2]int{from, end})
		}
		i = end + 1
	}
	return out
}

// keywordSecrets returns the ranges of the values that may be secrets, and of all
// text after the last pair.
func keywordSecrets(s string) [][2]int {
	all, rest := pairs(s)
	var out [][2]int
	for _, p := range all {
		if !isShown(p.key) {
			out = append(out, [2]int{p.start, p.end})
		}
	}
	if rest < len(s) {
		out = append(out, [2]int{rest, len(s)})
	}
	return out
}

// without removes the ranges from a connection string, together with the names of
// their parameters.
func without(dsn string, ranges [][2]int) string {
	for _, r := range slices.Backward(ranges) { // earlier offsets stay valid
		start, end := r[0], r[1]
		before := strings.TrimRight(dsn[:start], space)
		switch {
		case strings.HasSuffix(before, "="): // remove the parameter's name too
			before = strings.TrimRight(before[:len(before)-1], space)
			start = strings.LastIndexAny(before, "?&#"+space) + 1
			if end < len(dsn) && strings.ContainsRune("&"+space, rune(dsn[end])) {
				end++
			}
		case strings.HasSuffix(before, ":"), strings.HasSuffix(before, "@"), strings.HasSuffix(before, "&"):
			start = len(before) - 1
		}
		dsn = dsn[:start] + dsn[end:]
	}
	if dsn = strings.TrimRight(dsn, "?&#"+space); dsn == "" {
		return "postgres://" // all settings are in the environment
	}
	return dsn
}

// unquoted returns the spellings of a secret that other programs may repeat:
// verbatim, and without the quotes and escapes of a keyword or a URL.
func unquoted(s string) []string {
	out := []string{s}
	if bare, ok := strings.CutPrefix(s, "'"); ok {
		out = append(out, strings.TrimSuffix(bare, "'"))
	}
	if strings.Contains(s, `\`) {
		var b strings.Builder
		for i := 0; i < len(s); i++ {
			if s[i] == '\\' && i+1 < len(s) {
				i++
			}
			b.WriteByte(s[i])
		}
		out = append(out, strings.Trim(b.String(), "'"))
	}
	for _, unescape := range []func(string) (string, error){url.PathUnescape, url.QueryUnescape} {
		if plain, err := unescape(s); err == nil && plain != s {
			out = append(out, plain)
		}
	}
	return out
}

// faultOf describes the part of a URL that parsers read differently, or returns "".
func faultOf(dsn string) string {
	_, rest, found := strings.Cut(dsn, "://")
	if !found || isKeywords(dsn) {
		return ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if strings.Count(rest[:end], "@") > 1 {
		return "its user or password has an @ in it"
	}
	if strings.Contains(rest[end:], "@") && strings.Contains(rest[:end], ":") &&
		!strings.Contains(rest[:end], "@") && !onlyInQuery(rest) {
		return "its user or password has a /, ? or # in it"
	}
	return ""
}

// onlyInQuery reports whether every @ of a URL, without its scheme, is in the value
// of a parameter. The text before the query is then a host and a port.
func onlyInQuery(rest string) bool {
	query := strings.IndexByte(rest, '?')
	at := strings.IndexByte(rest, '@')
	if query < 0 || at < query || !strings.Contains(rest[query:at], "=") {
		return false
	}
	authority, _, _ := strings.Cut(rest[:query], "/")
	return !strings.Contains(authority, ":") || isHostPort(authority)
}

// isHostPort reports whether an authority ends with a port.
func isHostPort(s string) bool {
	port := s[strings.LastIndexByte(s, ':')+1:]
	return strings.Trim(port, "0123456789") == ""
}

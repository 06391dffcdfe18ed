package place

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Kind is a kind of location.
type Kind uint8

// The kinds of locations.
const (
	KindPath     Kind = iota // a file
	KindStdin                // "-"
	KindPostgres             // postgres://… or libpq's keywords
	KindMySQL                // mysql://… or mariadb://…
	KindRedis                // redis://…, rediss://…, valkey://… or valkeys://…
	KindOther                // a URL with an unsupported scheme
)

// A Location is where a store is. It always prints without its secrets: they are
// inside a closure, which neither fmt nor reflection can read.
type Location struct {
	kind    Kind
	shown   string
	reveal  func() string
	secrets func() []string
	fault   string
}

// Parse parses the location of a store as a user writes it.
func Parse(text string) Location {
	l := Location{kind: kindOf(text), shown: text, reveal: func() string { return text }}
	if l.IsDSN() {
		ranges := secretsIn(text)
		var secrets []string
		for _, r := range ranges {
			secrets = append(secrets, unquoted(text[r[0]:r[1]])...)
		}
		l.secrets = func() []string { return secrets }
		l.shown = without(text, ranges)
		l.fault = faultOf(text)
	}
	return l
}

func kindOf(text string) Kind {
	if text == "-" {
		return KindStdin
	}
	scheme, _, found := strings.Cut(text, "://")
	switch {
	case isKeywords(text), found && (strings.EqualFold(scheme, "postgres") || strings.EqualFold(scheme, "postgresql")):
		return KindPostgres
	case found && (strings.EqualFold(scheme, "mysql") || strings.EqualFold(scheme, "mariadb")):
		return KindMySQL
	case found && isRedis(scheme):
		return KindRedis
	case found && scheme != "" && !strings.ContainsAny(scheme, `/\. =`):
		return KindOther
	}
	return KindPath
}

func isRedis(scheme string) bool {
	return slices.Contains([]string{"redis", "rediss", "valkey", "valkeys"}, strings.ToLower(scheme))
}

// IsDSN reports whether the text is a connection string and not a path.
func IsDSN(text string) bool { return Parse(text).IsDSN() }

// Kind returns the kind of location.
func (l Location) Kind() Kind { return l.kind }

// IsDSN reports whether the location is a connection string and not a path.
func (l Location) IsDSN() bool {
	return l.kind == KindPostgres || l.kind == KindMySQL || l.kind == KindRedis || l.kind == KindOther
}

// In returns a relative path joined to a folder. Other locations are unchanged.
func (l Location) In(dir string) Location {
	if l.kind != KindPath || l.shown == "" || filepath.IsAbs(l.shown) {
		return l
	}
	path := Join(dir, filepath.FromSlash(l.shown))
	return Location{shown: path, reveal: func() string { return path }}
}

// String returns the location without its secrets. It still names the store.
func (l Location) String() string { return l.shown }

// GoString is like String, for %#v.
func (l Location) GoString() string { return fmt.Sprintf("place.Location(%q)", l.shown) }

// MarshalText is like String, for JSON and other encodings.
func (l Location) MarshalText() ([]byte, error) { return []byte(l.shown), nil }

// Format formats the location without its secrets for every verb.
func (l Location) Format(f fmt.State, verb rune) {
	switch {
	case verb == 'v' && f.Flag('#'):
		io.WriteString(f, l.GoString()) //nolint:errcheck // fmt has nobody to tell
	case verb == 'q':
		fmt.Fprintf(f, "%q", l.shown)
	default:
		io.WriteString(f, l.shown) //nolint:errcheck // fmt has nobody to tell
	}
}

// Reveal returns the location as given, secrets included, for connecting.
func (l Location) Reveal() string {
	if l.reveal == nil {
		return ""
	}
	return l.reveal()
}

// HasSecrets reports whether String hides a part of the location.
func (l Location) HasSecrets() bool { return l.Reveal() != l.shown }

// Fault returns why a connection string is too ambiguous to use, or "".
func (l Location) Fault() string { return l.fault }

// Scrub removes the location's secrets from a text, such as a driver's error.
func (l Location) Scrub(text string) string {
	if l.secrets == nil {
		return text
	}
	return Scrub(text, l.secrets())
}

// Scrub removes secrets from a text, the longest first, also where a shell or Go would
// quote them. Secrets of fewer than 3 bytes stay, because removing them would garble
// ordinary words.
func Scrub(text string, secrets []string) string {
	const least = 3
	var all []string
	for _, s := range secrets {
		quoted := strconv.Quote(s)
		all = append(all, s, quoted[1:len(quoted)-1],
			strings.ReplaceAll(s, "'", `'\''`), strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	for _, s := range all {
		if len(s) >= least {
			text = strings.ReplaceAll(text, s, "…")
		}
	}
	return text
}

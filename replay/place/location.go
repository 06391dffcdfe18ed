package place

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Kind is the kind of place that a store is at.
type Kind uint8

// The kinds of places.
const (
	KindPath     Kind = iota // a file
	KindStdin                // "-"
	KindPostgres             // postgres://… or libpq's keywords
	KindOther                // a URL of a scheme that nothing opens
)

// A Location is where a store is. It prints without its secrets, however it is
// printed: they are within a function, where neither fmt nor reflection looks.
type Location struct {
	kind    Kind
	shown   string
	reveal  func() string
	secrets func() []string
	fault   string
}

// Parse reads what a user named as a store.
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
	case found && scheme != "" && !strings.ContainsAny(scheme, `/\. =`):
		return KindOther
	}
	return KindPath
}

// IsDSN reports whether the text is a connection string and not a path.
func IsDSN(text string) bool { return Parse(text).IsDSN() }

// Kind is the kind of place.
func (l Location) Kind() Kind { return l.kind }

// IsDSN reports whether it is a connection string and not a path.
func (l Location) IsDSN() bool { return l.kind == KindPostgres || l.kind == KindOther }

// In returns a relative path as one within a folder. Other locations stay.
func (l Location) In(dir string) Location {
	if l.kind != KindPath || l.shown == "" || filepath.IsAbs(l.shown) {
		return l
	}
	path := filepath.Join(dir, filepath.FromSlash(l.shown))
	return Location{shown: path, reveal: func() string { return path }}
}

// String is the location without its secrets. It still names the store.
func (l Location) String() string { return l.shown }

// GoString is String, for %#v.
func (l Location) GoString() string { return fmt.Sprintf("place.Location(%q)", l.shown) }

// MarshalText is String, for JSON and the like.
func (l Location) MarshalText() ([]byte, error) { return []byte(l.shown), nil }

// Format is String for every verb.
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

// Reveal is the location as it was given, for the one who connects.
func (l Location) Reveal() string {
	if l.reveal == nil {
		return ""
	}
	return l.reveal()
}

// HasSecrets reports whether something is not shown.
func (l Location) HasSecrets() bool { return l.Reveal() != l.shown }

// Fault says why a connection string is refused unread, or is empty.
func (l Location) Fault() string { return l.fault }

// Scrub takes the secrets out of a text that others have worded.
func (l Location) Scrub(text string) string {
	if l.secrets == nil {
		return text
	}
	return Scrub(text, l.secrets())
}

// Scrub takes secrets out of a text, the longest first. One of fewer than 3 bytes
// stays: without it ordinary words would come apart.
func Scrub(text string, secrets []string) string {
	const least = 3
	all := slices.Clone(secrets)
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	for _, s := range all {
		if len(s) >= least {
			text = strings.ReplaceAll(text, s, "…")
		}
	}
	return text
}

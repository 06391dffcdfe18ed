package cell

import (
	"strings"
)

// A stream of several parts is named by their values, joined with slashes. In a value, ~
// and / are written ~0 and ~1, as in a JSON pointer, so that every stream has its own
// name.

var escapePart = strings.NewReplacer("~", "~0", "/", "~1")

// JoinStream returns the name of the stream with these parts.
func JoinStream(parts ...string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = escapePart.Replace(p)
	}
	return strings.Join(escaped, "/")
}

// SplitStream reverses [JoinStream]. It returns false for names that JoinStream never
// returns.
func SplitStream(name string, n int) ([]string, bool) {
	if n == 1 {
		return []string{name}, true
	}
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts, len(parts) == n && JoinStream(parts...) == name
}

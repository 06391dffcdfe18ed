package cell

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// An IDPrefix is the beginning of an id as the user typed it. It matches a UUID
// with or without dashes, in any case.
type IDPrefix struct {
	typed string
	forms []string // beginnings of the ids that match
	Hex   string   // the typed digits in lower case, without dashes; empty if not the beginning of a UUID
}

// NewIDPrefix parses the beginning of an id.
func NewIDPrefix(typed string) *IDPrefix {
	p := &IDPrefix{typed: typed, forms: []string{typed}}
	hex, ok := UUIDDigits(typed)
	if !ok || hex == "" || len(hex) > 32 {
		return p
	}
	p.Hex = hex
	dashed := DashUUID(hex)
	p.forms = append(p.forms, hex, dashed, strings.ToUpper(hex), strings.ToUpper(dashed))
	slices.Sort(p.forms)
	p.forms = slices.Compact(p.forms)
	return p
}

// Disjoint returns, in order, the forms of which none is a prefix of another. Ids that
// begin with one of them all sort before those that begin with the next.
func (p *IDPrefix) Disjoint() []string {
	var out []string
	for _, form := range p.forms {
		if len(out) == 0 || !strings.HasPrefix(form, out[len(out)-1]) {
			out = append(out, form)
		}
	}
	return out
}

// Ranges returns the first and the last form of each range of ids that may match.
// Forms that share their first digits form one range, since few ids share them.
func (p *IDPrefix) Ranges() [][2]string {
	const alike = 8 // the first dash of a UUID comes after them
	var out [][2]string
	for _, form := range p.forms {
		if n := len(out); n > 0 && len(form) > alike && strings.HasPrefix(out[n-1][0], form[:alike]) {
			if !strings.HasPrefix(form, out[n-1][1]) {
				out[n-1][1] = form
			}
		} else {
			out = append(out, [2]string{form, form})
		}
	}
	return out
}

// Matches reports whether the id begins with the prefix.
func (p *IDPrefix) Matches(id string) bool {
	if strings.HasPrefix(id, p.typed) {
		return true
	}
	if p.Hex == "" || (len(id) != 32 && len(id) != 36) {
		return false
	}
	hex, ok := UUIDDigits(id)
	return ok && len(hex) == 32 && strings.HasPrefix(hex, p.Hex)
}

// UUIDDigits returns the hexadecimal digits of s in lower case. It reports whether s
// contains only digits, and dashes at the positions of a UUID's dashes.
func UUIDDigits(s string) (string, bool) {
	if len(s) > 36 {
		return "", false
	}
	var b [36]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
			b[n] = c
			n++
		case c >= 'A' && c <= 'F':
			b[n] = c + 'a' - 'A'
			n++
		case c == '-' && (i == 8 || i == 13 || i == 18 || i == 23):
		default:
			return "", false
		}
	}
	return string(b[:n]), true
}

// DashUUID inserts the dashes into the beginning of a UUID.
func DashUUID(hex string) string {
	var b strings.Builder
	for i := range len(hex) {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b.WriteByte('-')
		}
		b.WriteByte(hex[i])
	}
	return b.String()
}

// AfterPrefix returns the smallest string greater than all strings that begin with s,
// in byte order, if there is one.
func AfterPrefix(s string) (string, bool) {
	b := []byte(s)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xFF {
			b[i]++
			return string(b[:i+1]), true
		}
	}
	return "", false
}

// AfterRunes is like [AfterPrefix] for an engine that accepts only valid UTF-8, whose byte
// order is the order of its characters.
func AfterRunes(s string) (string, bool) {
	r := []rune(s)
	for i := len(r) - 1; i >= 0; i-- {
		if r[i] == utf8.MaxRune {
			continue
		}
		if r[i]++; r[i] == 0xD800 {
			r[i] = 0xE000 // skip the surrogates
		}
		return string(r[:i+1]), true
	}
	return "", false
}

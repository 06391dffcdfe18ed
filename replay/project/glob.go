package project

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"asof/replay/fault"
)

// A GlobError is an invalid pattern.
type GlobError struct {
	Pattern string
	Offset  int // bytes before the fault
	Msg     string
}

func (e *GlobError) Error() string { return fmt.Sprintf("bad pattern %q: %s", e.Pattern, e.Msg) }

// Class returns [fault.Usage].
func (e *GlobError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindUsage].
func (*GlobError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (e *GlobError) Remedy() fault.Remedy {
	return fault.Try(`* matches any text, ? one character, [a-z] one of these, [^a-z] any other; \ takes the next character literally`)
}

// IsGlob reports whether a text is a pattern, rather than a stream id or a prefix.
func IsGlob(text string) bool { return strings.ContainsAny(text, "*?[") }

// Glob compiles a pattern for whole stream ids. * matches any text, including / and
// -; ? matches one character; [abc] and [a-z] match one of these, [^…] or [!…] any
// other; \ takes the next character literally. Matching is case-sensitive. The error
// is a [GlobError]. The returned function is safe for concurrent use.
func Glob(pattern string) (func(id string) bool, error) {
	g, err := compileGlob(pattern)
	if err != nil {
		return nil, err
	}
	return g.match, nil
}

// A glob is the list of a pattern's parts between its stars. An id must begin with
// the first part, end with the last and have the others in between, in order.
type glob [][]globChar

// A globChar matches one character.
type globChar struct {
	char   string // the character; empty: any, or one of the set
	set    []globRange
	except bool // match characters outside the set
}

type globRange struct{ lo, hi rune }

func compileGlob(pattern string) (glob, error) {
	g := glob{nil}
	for i := 0; i < len(pattern); {
		last := &g[len(g)-1]
		switch pattern[i] {
		case '*':
			g = append(g, nil)
			i++
		case '?':
			*last = append(*last, globChar{})
			i++
		case '[':
			c, n, err := globSet(pattern, i)
			if err != nil {
				return nil, err
			}
			*last = append(*last, c)
			i += n
		default:
			_, text, n := globLiteral(pattern[i:])
			if n == 0 {
				return nil, &GlobError{pattern, i, `nothing follows the \`}
			}
			*last = append(*last, globChar{char: text})
			i += n
		}
	}
	return g, nil
}

// globLiteral reads a character, optionally escaped by \. n is 0 if nothing follows
// the \.
func globLiteral(s string) (r rune, text string, n int) {
	escape := 0
	if s[0] == '\\' {
		escape = 1
	}
	if len(s) == escape {
		return 0, "", 0
	}
	r, n = utf8.DecodeRuneInString(s[escape:])
	return r, s[escape : escape+n], escape + n
}

// globSet reads the set that starts at pattern[at] and returns its length.
func globSet(pattern string, at int) (c globChar, n int, err error) {
	fault := func(msg string) (globChar, int, error) {
		return globChar{}, 0, &GlobError{pattern, at, msg}
	}
	s := pattern[at+1:]
	if s != "" && (s[0] == '^' || s[0] == '!') {
		c.except, s = true, s[1:]
	}
	for s != "" {
		// As in a shell, a leading ] is literal.
		if s[0] == ']' && len(c.set) > 0 {
			return c, len(pattern) - at - len(s) + 1, nil
		}
		lo, _, n := globLiteral(s)
		if n == 0 {
			break
		}
		s = s[n:]
		hi := lo
		if len(s) > 1 && s[0] == '-' && s[1] != ']' {
			if hi, _, n = globLiteral(s[1:]); n == 0 {
				break
			}
			s = s[1+n:]
		}
		if hi < lo {
			return fault(fmt.Sprintf("the range %c-%c is empty", lo, hi))
		}
		c.set = append(c.set, globRange{lo, hi})
	}
	return fault("an unclosed [")
}

func (g glob) match(id string) bool {
	rest, ok := globPrefix(g[0], id)
	if len(g) == 1 || !ok {
		return ok && rest == ""
	}
	for _, part := range g[1 : len(g)-1] {
		if rest, ok = globFind(part, rest); !ok {
			return false
		}
	}
	return globSuffix(g[len(g)-1], rest)
}

// globFind returns the rest of s after the first match of part.
func globFind(part []globChar, s string) (rest string, ok bool) {
	for {
		if rest, ok = globPrefix(part, s); ok {
			return rest, true
		}
		if s == "" {
			return "", false
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
}

func globPrefix(part []globChar, s string) (rest string, ok bool) {
	for i := range part {
		n := part[i].matchAt(s)
		if n == 0 {
			return s, false
		}
		s = s[n:]
	}
	return s, true
}

func globSuffix(part []globChar, s string) bool {
	at := len(s)
	for range part {
		if at == 0 {
			return false
		}
		_, n := utf8.DecodeLastRuneInString(s[:at])
		at -= n
	}
	rest, ok := globPrefix(part, s[at:])
	return ok && rest == ""
}

// matchAt returns the length of the first character of s if c matches it, else 0.
func (c *globChar) matchAt(s string) int {
	if c.char != "" {
		if strings.HasPrefix(s, c.char) {
			return len(c.char)
		}
		return 0
	}
	if s == "" {
		return 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if c.set == nil || c.has(r) != c.except {
		return n
	}
	return 0
}

func (c *globChar) has(r rune) bool {
	for _, x := range c.set {
		if x.lo <= r && r <= x.hi {
			return true
		}
	}
	return false
}

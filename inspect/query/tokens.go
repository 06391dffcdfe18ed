package query

import (
	"iter"
	"strings"
)

// A token is a part of a statement. Comments and blanks are none.
type token struct {
	at   int // bytes before it
	text string
}

// name is the name that the token writes; empty if it writes none.
func (t token) name() string {
	switch c := t.text[0]; {
	case c == '"' || c == '`' || c == '[':
		end := closing(c)
		return strings.ReplaceAll(strings.TrimSuffix(t.text[1:], string(end)), string([]byte{end, end}), string(end))
	case isWord(c):
		return t.text
	}
	return ""
}

// is reports whether the token is one of these words.
func (t token) is(words ...string) bool {
	for _, w := range words {
		if strings.EqualFold(t.text, w) {
			return true
		}
	}
	return false
}

// tokensOf divides a statement.
func tokensOf(sql string) iter.Seq[token] {
	return func(yield func(token) bool) {
		for i := 0; i < len(sql); {
			n, ok := tokenLength(sql[i:])
			if ok && !yield(token{i, sql[i : i+n]}) {
				return
			}
			i += n
		}
	}
}

// tokenLength is how long the token is that s begins with. ok is false for blanks and
// comments.
func tokenLength(s string) (n int, ok bool) {
	switch c := s[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
		return 1, false
	case strings.HasPrefix(s, "--"):
		line, _, _ := strings.Cut(s, "\n")
		return len(line), false
	case strings.HasPrefix(s, "/*"):
		if end := strings.Index(s[2:], "*/"); end >= 0 {
			return 2 + end + 2, false
		}
		return len(s), false
	case c == '\'' || c == '"' || c == '`' || c == '[':
		return quotedLength(s, closing(c)), true
	case isWord(c):
		for n = 1; n < len(s) && isWord(s[n]); {
			n++
		}
		return n, true
	}
	return 1, true
}

func closing(c byte) byte {
	if c == '[' {
		return ']'
	}
	return c
}

// quotedLength is the length of a quoted text, in which a doubled quote is one of it.
func quotedLength(s string, end byte) int {
	for n := 1; n < len(s); n++ {
		if s[n] != end {
			continue
		}
		if n+1 == len(s) || s[n+1] != end || end == ']' {
			return n + 1
		}
		n++
	}
	return len(s)
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// starred reports whether the answer depends on which columns a table has: a statement
// asks for all of them, and does not only multiply or count, or joins by those that two
// tables share.
func starred(sql string) bool {
	last := token{text: ","}
	for t := range tokensOf(sql) {
		if t.text == "*" && last.is(",", ".", "select", "distinct", "all") || t.is("natural") {
			return true
		}
		last = t
	}
	return false
}

// renamed writes a statement with another name wherever one stands.
func renamed(sql, wrong, right string) string {
	var b strings.Builder
	done := 0
	for t := range tokensOf(sql) {
		if strings.EqualFold(t.name(), wrong) {
			b.WriteString(sql[done:t.at] + written(right))
			done = t.at + len(t.text)
		}
	}
	return b.String() + sql[done:]
}

// written is a name as a statement has it: quoted if it must be.
func written(name string) string {
	if !plainName(name) || keywords[strings.ToLower(name)] {
		return Quoted(name)
	}
	return name
}

// plainName reports whether a name is one word.
func plainName(name string) bool {
	for i := range len(name) {
		if !isWord(name[i]) || i == 0 && name[0] <= '9' {
			return false
		}
	}
	return name != ""
}

// keywords are the words that are no names in SQLite without quotes, and those that
// begin a clause.
var keywords = wordSet(`add all alter and as autoincrement between case check collate commit constraint create cross default
deferrable delete distinct drop else end escape except exists foreign from full group having if in index inner insert
intersect into is isnull join left limit natural not notnull null on or order outer primary references returning right
select set table then to transaction union unique update using values when where with by desc asc offset over partition`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

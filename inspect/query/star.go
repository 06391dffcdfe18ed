package query

import "strings"

// starred reports whether a statement asks for all columns of a table, and not only
// multiplies or counts.
func starred(sql string) bool {
	last := "" // the word or sign before
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case c == '\'' || c == '"' || c == '`':
			i += 1 + strings.IndexByte(sql[i+1:]+string(c), c) + 1
			last = "x"
		case strings.HasPrefix(sql[i:], "--"):
			i += len(sql[i:]) - len(strings.TrimLeftFunc(sql[i:], func(r rune) bool { return r != '\n' }))
		case strings.HasPrefix(sql[i:], "/*"):
			i += 2 + len(sql[i+2:]) - len(afterComment(sql[i+2:]))
		case c == '*':
			if last == "" || last == "," || last == "." || strings.EqualFold(last, "select") || strings.EqualFold(last, "distinct") || strings.EqualFold(last, "all") {
				return true
			}
			last = "*"
			i++
		case isWord(c):
			end := i
			for end < len(sql) && isWord(sql[end]) {
				end++
			}
			last = sql[i:end]
			i = end
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		default:
			last = string(c)
			i++
		}
	}
	return false
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func afterComment(s string) string {
	if _, rest, ok := strings.Cut(s, "*/"); ok {
		return rest
	}
	return ""
}

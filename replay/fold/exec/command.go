package exec

import (
	"errors"
	"strings"
)

// Prefix is what the name of an external command begins with, where a fold
// is named.
const Prefix = "exec:"

// ParseCommand splits a command line into its words, as a shell does, but
// nothing else is done to them: no variables, patterns or operators. Words end
// at white space; '…' holds text as it is; "…" too, but for \" and \\; outside
// of quotes \ makes the next character a part of the word.
func ParseCommand(line string) ([]string, error) {
	if strings.IndexByte(line, 0) >= 0 {
		return nil, errors.New("the command has a zero byte")
	}
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(line); {
		n := 1
		switch c := line[i]; c {
		case ' ', '\t', '\n', '\r':
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
		case '\'', '"':
			text, used, ok := quoted(line[i:])
			if !ok {
				return nil, errors.New("the command has a " + string(c) + " without its pair")
			}
			word.WriteString(text)
			inWord, n = true, used
		case '\\':
			if i+1 == len(line) {
				return nil, errors.New(`the command ends in a \`)
			}
			word.WriteByte(line[i+1])
			inWord, n = true, 2
		default:
			word.WriteByte(c)
			inWord = true
		}
		i += n
	}
	if inWord {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("the command is empty")
	}
	return words, nil
}

// quoted returns the text that the quotes at the start of s hold, and how many
// bytes that took.
func quoted(s string) (text string, used int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return b.String(), i + 1, true
		case s[i] == '\\' && s[0] == '"' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", 0, false
}

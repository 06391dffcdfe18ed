package exec

import (
	"errors"
	"strings"
)

// Prefix marks a fold as an external command.
const Prefix = "exec:"

// ParseCommand splits a command line into words as a shell does, without variables,
// patterns or operators. Words end at white space. Single quotes keep their text
// unchanged, double quotes all but \" and \\. Outside quotes, \ makes the next
// character part of the word.
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

// quoted returns the quoted text at the start of s and how many bytes it takes with
// its quotes.
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

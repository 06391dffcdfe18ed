package render

import (
	"strconv"
	"strings"
)

// Words returns the arguments of a command line that [CommandLine] wrote, up to a comment;
// false for any other text.
func Words(line string) (args []string, ok bool) {
	for line = strings.TrimLeft(line, " "); line != "" && line[0] != '#'; line = strings.TrimLeft(line, " ") {
		var arg string
		if arg, line, ok = argument(line); !ok {
			return nil, false
		}
		args = append(args, arg)
	}
	return args, len(args) > 0
}

// argument reads one argument, and returns what follows it.
func argument(line string) (arg, rest string, ok bool) {
	var b strings.Builder
	for line != "" && line[0] != ' ' {
		switch {
		case strings.HasPrefix(line, "$'"):
			text, after, ok := readEscaped(line[2:])
			if !ok {
				return "", "", false
			}
			b.WriteString(text)
			line = after
		case line[0] == '\'':
			text, after, ok := strings.Cut(line[1:], "'")
			if !ok {
				return "", "", false
			}
			b.WriteString(text)
			line = after
		case strings.HasPrefix(line, `\'`):
			b.WriteByte('\'')
			line = line[2:]
		case strings.IndexByte("\"\\$`", line[0]) >= 0:
			return "", "", false
		default:
			b.WriteByte(line[0])
			line = line[1:]
		}
	}
	return b.String(), line, true
}

// readEscaped reads what [quoteEscaped] wrote, after its first quote.
func readEscaped(s string) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			return b.String(), s[i+1:], true
		case c != '\\':
			b.WriteByte(c)
			continue
		}
		if i++; i == len(s) {
			break
		}
		switch c := s[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'x':
			if i+2 >= len(s) {
				return "", "", false
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", "", false
			}
			b.WriteByte(byte(n))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

package render

import (
	"regexp"
	"strings"
	"sync"
)

// A paragraph is prose, or an item of a list: a name, a gap and the description, which
// may continue on lines that are indented as far.
type paragraph struct {
	head  string // up to the column of the words; spaces in prose
	words []string
	open  bool // the next line may continue it
}

// fill breaks text into lines of at most cols columns. Prose and descriptions are
// filled; every other indented line stays a line.
func fill(text string, cols int) []string {
	var out []string
	var p *paragraph
	end := func() {
		if p != nil {
			out = append(out, p.lines(cols)...)
			p = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		if body == "" {
			end()
			out = append(out, "")
			continue
		}
		head, rest, isItem := cutItem(line)
		if !isItem && p != nil && p.open && indent == columns(p.head) {
			p.words = append(p.words, strings.Fields(body)...)
			continue
		}
		end()
		switch {
		case isItem:
			p = &paragraph{head, strings.Fields(rest), true}
		default:
			p = &paragraph{line[:indent], strings.Fields(body), indent == 0}
		}
	}
	end()
	return out
}

// itemGap is the gap between a name and its description.
var itemGap = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\S(  +)\S`) })

// cutItem cuts an item of a list before its description.
func cutItem(line string) (head, rest string, ok bool) {
	at := itemGap().FindStringSubmatchIndex(line)
	if at == nil {
		return "", "", false
	}
	return line[:at[3]], line[at[3]:], true
}

// narrowest is the least width that is worth a column of its own.
const narrowest = 24

// lines returns the paragraph in at most cols columns.
func (p *paragraph) lines(cols int) []string {
	name, hang := strings.TrimSpace(p.head), columns(p.head)
	if cols-hang >= narrowest || name == "" {
		return hung(p.head, strings.Repeat(" ", min(hang, cols/2)), p.words, cols)
	}
	indent := len(p.head) - len(strings.TrimLeft(p.head, " "))
	hang = min(indent+4, cols/2)
	in := strings.Repeat(" ", hang)
	return append(hung(p.head[:indent], in, strings.Fields(name), cols), hung(in, in, p.words, cols)...)
}

// hung fills words into lines: the first begins with head, the others with in.
func hung(head, in string, words []string, cols int) []string {
	var out []string
	line, bare := head, true
	for _, w := range words {
		if !bare && columns(line)+1+columns(w) > cols {
			out = append(out, line)
			line, bare = in, true
		}
		if !bare {
			line += " "
		}
		line += w
		bare = false
		for columns(line) > cols { // a word wider than the line
			cut := cutAt(line, cols)
			out = append(out, line[:cut])
			line = in + line[cut:]
		}
	}
	return append(out, strings.TrimRight(line, " "))
}

// cutAt returns the bytes of s that fit into cols columns, at least one character.
func cutAt(s string, cols int) int {
	at := 0
	for i := range s {
		if i > 0 && columns(s[:i]) > cols {
			break
		}
		at = i
	}
	if columns(s) <= cols {
		return len(s)
	}
	return max(at, 1)
}

func columns(s string) int { return width(safe(s)) }

// fillCommand breaks a command line of a shell between its words, so that it can still
// be pasted.
func fillCommand(line string, cols int) []string {
	if columns(line) <= cols {
		return []string{line}
	}
	body := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(body)]
	var out []string
	now := indent
	for _, w := range shellWords(body) {
		if now != indent && strings.TrimSpace(now) != "" && columns(now)+1+columns(w) > cols-2 {
			out = append(out, now+` \`)
			now = indent + "    "
		}
		if strings.TrimSpace(now) != "" {
			now += " "
		}
		now += w
	}
	var fit []string
	for _, l := range append(out, now) {
		for columns(l) > cols {
			cut := cutAt(l, cols)
			fit = append(fit, l[:cut])
			l = l[cut:]
		}
		fit = append(fit, l)
	}
	return fit
}

// shellWords splits a command line at blanks outside of quotes, and keeps the quotes.
func shellWords(line string) []string {
	var out []string
	quote, from := byte(0), 0
	for i := range len(line) {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ' ':
			if i > from {
				out = append(out, line[from:i])
			}
			from = i + 1
		}
	}
	if from < len(line) {
		out = append(out, line[from:])
	}
	return out
}

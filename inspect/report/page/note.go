package page

import (
	"html"
	"strings"

	"asof/inspect/markup"
)

// note writes the words of the author.
func (w *writer) note() {
	if w.r.Note != "" {
		w.put("<section id=\"note\">\n%s</section>\n", markdown(w.o.Hide(w.r.Note)))
	}
}

// markdown turns the part of Markdown that notes need into HTML: headings, paragraphs,
// lists, quotes, code, emphasis and links. Everything else is text, and so is HTML.
func markdown(text string) string {
	m := &note{lines: strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")}
	for len(m.lines) > 0 {
		m.block()
	}
	return m.out.String()
}

// A note is a text while it becomes HTML.
type note struct {
	lines []string // not yet written
	out   strings.Builder
}

func (m *note) block() {
	line := m.lines[0]
	level := headingOf(line)
	switch {
	case strings.TrimSpace(line) == "":
		m.lines = m.lines[1:]
	case strings.HasPrefix(line, "```"):
		m.fence()
	case level > 0:
		tag := []string{"h2", "h3", "h4"}[min(level, 3)-1]
		m.wrap(tag, inline(strings.TrimSpace(line[level:])))
		m.lines = m.lines[1:]
	case itemOf(line) != "":
		m.list()
	case strings.HasPrefix(line, ">"):
		m.wrap("blockquote", inline(m.run(func(l string) (string, bool) {
			text, ok := strings.CutPrefix(l, ">")
			return strings.TrimSpace(text), ok
		})))
	default:
		m.wrap("p", inline(m.run(func(l string) (string, bool) { return strings.TrimSpace(l), !m.begins(l) })))
	}
}

// headingOf returns the level of a heading, or 0.
func headingOf(line string) int {
	level := len(line) - len(strings.TrimLeft(line, "#"))
	if level > 6 || !strings.HasPrefix(line[level:], " ") {
		return 0
	}
	return level
}

// begins reports whether a line ends the paragraph before it.
func (m *note) begins(line string) bool {
	return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "```") || headingOf(line) > 0 ||
		strings.HasPrefix(line, ">") || itemOf(line) != ""
}

func (m *note) wrap(tag, inner string) {
	m.out.WriteString("<" + tag + ">" + inner + "</" + tag + ">\n")
}

// run takes the first line, and those after it that take accepts.
func (m *note) run(take func(string) (string, bool)) string {
	first, _ := take(m.lines[0])
	parts := []string{first}
	m.lines = m.lines[1:]
	for len(m.lines) > 0 {
		text, ok := take(m.lines[0])
		if !ok {
			break
		}
		parts = append(parts, text)
		m.lines = m.lines[1:]
	}
	return strings.Join(parts, " ")
}

// fence writes lines of code up to the end of its fence.
func (m *note) fence() {
	var code []string
	for m.lines = m.lines[1:]; len(m.lines) > 0; m.lines = m.lines[1:] {
		if strings.HasPrefix(m.lines[0], "```") {
			m.lines = m.lines[1:]
			break
		}
		code = append(code, m.lines[0])
	}
	m.wrap("pre", html.EscapeString(markup.Lines(strings.Join(code, "\n"))))
}

// itemOf returns what marks a line as an item of a list, or "".
func itemOf(line string) string {
	line = strings.TrimLeft(line, " ")
	if strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") {
		return line[:2]
	}
	digits := len(line) - len(strings.TrimLeft(line, "0123456789"))
	if digits > 0 && digits < 10 && strings.HasPrefix(line[digits:], ". ") {
		return line[:digits+2]
	}
	return ""
}

func (m *note) list() {
	ordered := len(itemOf(m.lines[0])) > 2
	tag := "ul"
	if ordered {
		tag = "ol"
	}
	m.out.WriteString("<" + tag + ">")
	for len(m.lines) > 0 {
		mark := itemOf(m.lines[0])
		if mark == "" || len(mark) > 2 != ordered {
			break
		}
		text := strings.TrimLeft(m.lines[0], " ")[len(mark):]
		m.lines = m.lines[1:]
		for len(m.lines) > 0 && strings.HasPrefix(m.lines[0], "  ") && !m.begins(m.lines[0]) {
			text += " " + strings.TrimSpace(m.lines[0])
			m.lines = m.lines[1:]
		}
		m.out.WriteString("<li>" + inline(text) + "</li>")
	}
	m.out.WriteString("</" + tag + ">\n")
}

// mostInline is how far the end of an emphasis is looked for, in bytes.
const mostInline = 2000

// inline turns emphasis, code and links of a line into HTML.
func inline(s string) string {
	var out strings.Builder
	from := 0
	for i := 0; i < len(s); {
		made, n := span(s[i:min(len(s), i+mostInline)])
		if n == 0 {
			i++
			continue
		}
		out.WriteString(markup.Escape(s[from:i]) + made)
		i += n
		from = i
	}
	return out.String() + markup.Escape(s[from:])
}

// span returns the HTML of what a text begins with, and its length; 0 if that is text.
func span(s string) (made string, n int) {
	for _, k := range []struct{ mark, tag string }{{"`", "code"}, {"**", "strong"}, {"*", "em"}} {
		rest, ok := strings.CutPrefix(s, k.mark)
		if !ok {
			continue
		}
		end := strings.Index(rest, k.mark)
		if end <= 0 || rest[0] == ' ' || rest[end-1] == ' ' {
			return "", 0
		}
		inner := markup.Escape(rest[:end])
		if k.tag == "strong" {
			inner = inline(rest[:end])
		}
		return "<" + k.tag + ">" + inner + "</" + k.tag + ">", end + 2*len(k.mark)
	}
	rest, ok := strings.CutPrefix(s, "[")
	if !ok {
		return "", 0
	}
	label, rest, ok := strings.Cut(rest, "](")
	to, _, closed := strings.Cut(rest, ")")
	if !ok || !closed || !isSafe(to) {
		return "", 0
	}
	return "<a rel=\"noreferrer noopener\" href=\"" + markup.Escape(to) + "\">" + markup.Escape(label) + "</a>", len("[](") + len(label) + len(to) + 1
}

// isSafe reports whether a link leads to a page or to a place of this one.
func isSafe(to string) bool {
	for _, p := range []string{"https://", "http://", "#at="} {
		if strings.HasPrefix(to, p) {
			return true
		}
	}
	return false
}

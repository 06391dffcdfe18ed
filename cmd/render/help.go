package render

import "strings"

// Help is a help text: parts from top to bottom, with a blank line between them.
type Help struct {
	Parts []HelpPart
	Rows  int // of the screen that the text has to fit; 0: none
}

// A HelpPart is a heading and the text, commands or table under it. Any may be empty.
type HelpPart struct {
	Title    string
	Text     string // filled
	Commands []string
	Table    [][2]string // names, each with what it means
	Labels   []string    // before the rows of the table; empty: none
	Spare    bool        // rows of the table may be left out from the end
	Tight    bool        // no blank line before it
}

const (
	helpWidth = 80  // where there is no terminal
	helpMost  = 120 // longer lines are hard to read
	helpName  = 30  // columns for the names of a table
)

// Help prints a help text, fitted to the terminal.
func (p *Printer) Help(h Help) {
	cols := helpWidth
	if p.o.Width > 0 {
		cols = max(min(p.o.Width, helpMost), 20)
	}
	fitted := h.lines(cols)
	for i := len(h.Parts) - 1; i >= 0 && h.Rows > 0; i-- {
		part := &h.Parts[i]
		for part.Spare && len(fitted) > h.Rows && len(part.Table) > 0 {
			part.Table = part.Table[:len(part.Table)-1]
			fitted = h.lines(cols)
		}
	}
	for _, l := range fitted {
		if title, ok := strings.CutPrefix(l, titleMark); ok {
			p.put(p.st.strong, safe(title))
		} else {
			p.text(safe(l))
		}
		p.newline()
	}
}

// titleMark begins a line that is a heading.
const titleMark = "\x00"

// lines returns the text in at most cols columns.
func (h Help) lines(cols int) []string {
	var out []string
	for _, part := range h.Parts {
		body := part.lines(cols)
		if len(body) == 0 {
			continue
		}
		if len(out) > 0 && !part.Tight {
			out = append(out, "")
		}
		if part.Title != "" {
			out = append(out, titleMark+part.Title)
		}
		out = append(out, body...)
	}
	return out
}

func (part HelpPart) lines(cols int) []string {
	var out []string
	if part.Text != "" {
		out = fill(part.Text, cols)
	}
	for _, c := range part.Commands {
		out = append(out, fillCommand("  "+c, cols)...)
	}
	label, name := 0, 0
	for i, row := range part.Table {
		if i < len(part.Labels) {
			label = max(label, columns(part.Labels[i])+2)
		}
		if w := columns(row[0]); w <= helpName {
			name = max(name, w)
		}
	}
	for i, row := range part.Table {
		head := strings.Repeat(" ", max(label, 2)) + row[0]
		if i < len(part.Labels) {
			head = part.Labels[i] + head[columns(part.Labels[i]):]
		}
		col := max(label, 2) + name + 2
		pad := col - columns(head)
		if pad < 2 { // the name takes its own line
			out = append(out, hung(head, "", nil, cols)...)
			head, pad = "", col
		}
		one := paragraph{head: head + strings.Repeat(" ", pad), words: strings.Fields(row[1])}
		out = append(out, one.lines(cols)...)
	}
	return out
}

// Columns returns the columns that a line takes on a terminal.
func Columns(line string) int { return columns(line) }

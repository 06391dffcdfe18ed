package render

import (
	"strings"
	"unicode/utf8"
)

// A Failure is an error as the user sees it.
type Failure struct {
	Verb   string // with its subject; may be empty
	Err    error
	Hint   string // what to do next, the commands to paste on lines of their own; may be empty
	Source string // lines of source with a caret under the fault; may be empty
	Cut    bool   // the lines of Source are cut at the width
}

// Error prints a failure: "asof: VERB: cause", the source and a line "hint: …".
func (p *Printer) Error(f Failure) {
	p.put(p.st.failed, "asof:")
	p.text(" ")
	if f.Verb != "" {
		p.text(clean(f.Verb) + ": ")
	}
	p.text(clean(f.Err.Error())) // on one line: the message may quote a store
	p.newline()
	if f.Source != "" {
		if f.Cut && p.o.Width > 0 {
			lines := strings.Split(f.Source, "\n")
			for i, line := range lines {
				lines[i] = string(cut(clean(line), p.o.Width))
			}
			f.Source = strings.Join(lines, "\n")
		}
		p.source(f.Source)
	}
	if f.Hint != "" {
		p.put(p.st.edited, "hint:")
		for i, line := range strings.Split(f.Hint, "\n") {
			if i > 0 {
				p.text("     ")
			}
			p.text(" " + clean(line))
			p.newline()
		}
	}
}

// Note prints dim lines about an answer, for standard error.
func (p *Printer) Note(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		p.dim(clean(line))
		p.endText()
	}
}

// source prints lines of source or of a command's output. It indents a line that could be
// mistaken for one of asof's own.
func (p *Printer) source(s string) {
	before := ""
	for line := range strings.SplitSeq(string(cleanLines(s)), "\n") {
		line, before = underWide(before, line), line
		for _, own := range []string{"asof:", "hint:", "note:"} {
			if strings.HasPrefix(line, own) {
				line = "  " + line
			}
		}
		p.text(safe(line))
		p.newline()
	}
}

// underWide moves a caret, which stands under a character of the line before, by the
// characters of that line that take two columns or none.
func underWide(before, line string) string {
	blank, ok := strings.CutSuffix(line, "^")
	if at := utf8.RuneCountInString(blank); ok && strings.Trim(blank, " |\t") == "" {
		chars := []rune(before)
		chars = chars[:min(at, len(chars))]
		if extra := width(safe(strings.ReplaceAll(string(chars), "\t", " "))) - len(chars); extra > 0 {
			return blank + strings.Repeat(" ", extra) + "^"
		} else if extra < 0 && strings.HasSuffix(blank, strings.Repeat(" ", -extra)) {
			return blank[:len(blank)+extra] + "^"
		}
	}
	return line
}

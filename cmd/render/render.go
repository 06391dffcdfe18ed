package render

import (
	"bytes"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"asof/inspect/wire"
	"asof/replay"
)

// Options controls how answers are printed. The caller decides everything.
type Options struct {
	Color bool
	Width int            // columns of the terminal; 0 means no terminal and no limit
	Zone  *time.Location // time zone of printed times; nil means UTC

	// Guessed reports that no fold was given, and merge was used.
	Guessed bool
}

// A Printer writes answers to one stream. It buffers its output until [Printer.Flush] or
// until the buffer is large.
type Printer struct {
	o   Options
	w   io.Writer
	st  styles
	b   []byte
	col int // columns written on the current line
	err error

	events wire.Bodies

	clocks bool // a time was printed
	zoned  bool // the zone of the times was printed
}

// New returns a Printer that writes to w.
func New(w io.Writer, o Options) *Printer {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return &Printer{o: o, w: w, st: newStyles(o.Color)}
}

// spillAt is the size of the buffer, in bytes, at which it is written.
const spillAt = 32 << 10

// Flush writes the buffer and returns the first error of any write.
func (p *Printer) Flush() error {
	if len(p.b) > 0 && p.err == nil {
		var n int
		if n, p.err = p.w.Write(p.b); p.err == nil && n < len(p.b) {
			p.err = io.ErrShortWrite
		}
	}
	p.b = p.b[:0]
	return p.err
}

// Err returns the first error of any write so far.
func (p *Printer) Err() error { return p.err }

// put writes text in a style.
func (p *Printer) put(st paint, s safe) {
	if s == "" {
		return
	}
	p.b = append(append(append(p.b, st.on...), s...), st.off...)
	p.col += width(s)
}

func (p *Printer) text(s safe) { p.put(paint{}, s) }

func (p *Printer) dim(s safe) { p.put(p.st.dim, s) }

// pad writes spaces up to a column.
func (p *Printer) pad(col int) {
	for p.col < col {
		p.b = append(p.b, ' ')
		p.col++
	}
}

// newline ends the line.
func (p *Printer) newline() {
	p.b = append(p.b, '\n')
	p.col = 0
	if len(p.b) >= spillAt || p.o.Width > 0 { // who looks at a terminal sees what is found so far
		_ = p.Flush() // the error is kept
	}
}

// endText ends a line of text. If it is too wide, it continues in a second line.
func (p *Printer) endText() { p.endTextAt(wrapIndent) }

// endTextAt is endText with an indent for the lines after the first.
func (p *Printer) endTextAt(indent int) {
	if p.o.Width > 0 && p.col > p.o.Width {
		at := bytes.LastIndexByte(p.b, '\n') + 1
		p.b = append(p.b[:at], wrapText(string(p.b[at:]), p.o.Width, indent)...)
	}
	p.newline()
}

// wrapText breaks a styled line at blanks, so that it takes at most width columns where its
// words do.
func wrapText(line string, width, indent int) string {
	words := strings.Split(line, " ")
	out, col := words[0], ansi.StringWidth(words[0])
	for _, word := range words[1:] {
		w := ansi.StringWidth(word)
		if w > 0 && col+1+w > width && strings.TrimSpace(ansi.Strip(out)) != "" {
			out = strings.TrimRight(out, " ") + "\n" + strings.Repeat(" ", indent)
			col = indent
		} else {
			out += " "
			col++
		}
		out += word
		col += w
	}
	return out
}

// label writes the name of a value and pads to the value's column.
func (p *Printer) label(name safe, col int) {
	p.text("  ")
	p.dim(name)
	p.text(" ")
	p.pad(col)
}

// field writes a labelled value on its own line, unless it is empty.
func (p *Printer) field(name safe, col int, v safe) {
	if v == "" {
		return
	}
	p.label(name, col)
	p.text(v)
	p.endTextAt(col)
}

// MomentText returns a moment on one line: stream@version, time, type.
func (p *Printer) MomentText(m replay.Moment) string {
	s := pointName(m)
	if m.IsStart() {
		return string(s) + "  before the first event"
	}
	for _, part := range []safe{p.time(m.Time), clean(m.EventType)} {
		if part != "" {
			s += "  " + part
		}
	}
	return string(s)
}

// pointName returns stream@version.
func pointName(m replay.Moment) safe {
	m.EventType = ""
	return clean(m.Label())
}

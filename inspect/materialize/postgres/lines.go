package postgres

import (
	"strings"

	"asof/inspect/scratch"
)

// lines are rows in the text format of COPY, in a temporary file.
type lines struct {
	*scratch.File
	n   int64
	buf []byte
}

// A field of a line; not set: NULL.
type field struct {
	text string
	set  bool
}

func newLines() (*lines, error) {
	f, err := scratch.New()
	if err != nil {
		return nil, err
	}
	return &lines{File: f}, nil
}

// escaped are the characters that COPY reads in another way.
var escaped = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`, "\v", `\v`)

// put writes a line.
func (l *lines) put(fields ...field) error {
	l.buf = l.buf[:0]
	for i, f := range fields {
		if i > 0 {
			l.buf = append(l.buf, '\t')
		}
		if f.set {
			l.buf = append(l.buf, escaped.Replace(f.text)...)
		} else {
			l.buf = append(l.buf, `\N`...)
		}
	}
	l.n++
	_, err := l.Write(append(l.buf, '\n'))
	return err
}

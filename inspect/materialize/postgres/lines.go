package postgres

import (
	"bufio"
	"io"
	"os"
	"strings"

	"asof/inspect/materialize"
)

// lines are rows in the text format of COPY, in a temporary file.
type lines struct {
	f    *os.File
	w    *bufio.Writer
	path string // to remove; empty: already removed
	n    int64
}

// A field of a line; not set: NULL.
type field struct {
	text string
	set  bool
}

func newLines() (*lines, error) {
	f, err := os.CreateTemp("", "asof-copy-*")
	if err != nil {
		return nil, &materialize.TempFileError{Err: err}
	}
	l := &lines{f: f, path: f.Name(), w: bufio.NewWriterSize(f, 1<<16)}
	if os.Remove(l.path) == nil { // the file exists as long as it is open
		l.path = ""
	}
	return l, nil
}

func (l *lines) close() {
	_ = l.f.Close()
	if l.path != "" {
		_ = os.Remove(l.path)
	}
}

// escaped are the characters that COPY reads in another way.
var escaped = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`, "\v", `\v`)

// put writes a line. Errors are kept for reader.
func (l *lines) put(fields ...field) error {
	for i, f := range fields {
		if i > 0 {
			l.w.WriteByte('\t') //nolint:errcheck // Flush repeats it
		}
		if !f.set {
			l.w.WriteString(`\N`) //nolint:errcheck // as above
			continue
		}
		escaped.WriteString(l.w, f.text) //nolint:errcheck // as above
	}
	l.n++
	if err := l.w.WriteByte('\n'); err != nil {
		return &materialize.TempFileError{Err: err}
	}
	return nil
}

// reader reads all lines.
func (l *lines) reader() (io.Reader, error) {
	err := l.w.Flush()
	if err == nil {
		_, err = l.f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, &materialize.TempFileError{Err: err}
	}
	return bufio.NewReaderSize(l.f, 1<<16), nil
}

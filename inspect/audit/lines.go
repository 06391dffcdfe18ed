package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"asof/replay/state"
)

// maxLine is the maximum length of a line of a bundle in bytes.
const maxLine = 128 << 20

// lineLimits are lower limits for the files that are read side by side, one line of
// each in memory. They leave room for the largest payload that asof reads, escaped
// or in base64.
var lineLimits = map[string]int{
	fileEvents: 96 << 20, fileStored: 96 << 20, fileLeaves: 48 << 20, fileOutline: 1 << 20, fileRedactions: 1 << 20,
	fileTree: 1 << 10,
}

// keepLine is the maximum size of the buffer that is kept from line to line.
const keepLine = 1 << 20

// bareError returns an error without its path, which the message already names.
func bareError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// readSmall reads a file of at most most bytes.
func readSmall(path string, most int64) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, bareError(err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("it is larger than %d bytes", most)
	}
	return b, nil
}

// openRegular opens a regular file. It refuses links, which lead out of a bundle,
// and pipes, which never end.
func openRegular(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, bareError(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	return f, bareError(err)
}

// A lineReader reads a file line by line.
type lineReader struct {
	file   *os.File
	buf    *bufio.Reader
	number int // of the line, from 1
	most   int // maximum bytes of a line
	line   []byte
	parser state.Parser
}

func openLines(path string, most int) (*lineReader, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	return &lineReader{file: f, buf: bufio.NewReaderSize(f, 1<<16), most: most}, nil
}

func (r *lineReader) close() {
	if r != nil && r.file != nil {
		_ = r.file.Close() // only read
	}
}

var (
	errLongLine = errors.New("the line is too long")
	errCutLine  = errors.New("the last line has no newline")
)

// next returns the next line without its end, or io.EOF. It is valid until the
// next call.
func (r *lineReader) next() ([]byte, error) {
	if r.line = r.line[:0]; cap(r.line) > keepLine {
		r.line = nil
	}
	r.number++
	for {
		part, err := r.buf.ReadSlice('\n')
		r.line = append(r.line, part...)
		switch {
		case len(r.line) > r.most:
			return nil, errLongLine
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(r.line) > 0:
			return nil, errCutLine
		case err != nil:
			return nil, bareError(err)
		}
		return bytes.TrimSuffix(r.line, []byte("\n")), nil
	}
}

// maxValues is the maximum number of values of a line or a small file. Parsed, each
// comma or bracket takes up to some 100 bytes.
const maxValues = 1 << 20

var errManyValues = fmt.Errorf("it has more than %d values", maxValues)

// bounded returns an error for JSON with more than maxValues values.
func bounded(data []byte) error {
	n, text := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case !text && (c == ',' || c == '[' || c == '{'):
			n++
		}
	}
	if n > maxValues {
		return errManyValues
	}
	return nil
}

// parseSmall parses the contents of a small file.
func parseSmall(data []byte) (state.Value, error) {
	if err := bounded(data); err != nil {
		return state.Value{}, err
	}
	return state.Parse(data)
}

// json returns the next line as JSON. The tree is valid until the next call.
func (r *lineReader) json() (state.Value, error) {
	line, err := r.next()
	if err != nil {
		return state.Value{}, err
	}
	if err := bounded(line); err != nil {
		return state.Value{}, &lineError{err}
	}
	v, err := r.parser.Parse(line)
	if err != nil {
		return v, &lineError{err}
	}
	return v, nil
}

// A lineError reports a line that is not JSON. Later lines may still be.
type lineError struct{ err error }

func (e *lineError) Error() string { return e.err.Error() }

package jsonfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// An Input gives repeated access to the texts of events. It reads the file itself, or
// a private copy if the file is compressed or can be read only once.
type Input struct {
	Path   string
	access string // how the file is accessed, for Info
	file   *os.File
	temp   string        // private copy to remove on Close; may be empty
	copied *bufio.Writer // writes temp during the first pass
	inputs []io.Closer   // open until the first pass ends

	inPlace    bool // the file is the user's and may change
	size       int64
	mod        time.Time
	head, tail []byte // first and last bytes of the indexed part
}

// openInput opens a path and returns its plain text. The caller reads the text to
// its end and then calls FinishFirstPass.
func openInput(ctx context.Context, path string, o source.Options) (*Input, io.Reader, error) {
	s := &Input{Path: path}
	r, err := s.open(ctx, o)
	if err != nil {
		s.Close()
		return nil, nil, s.Fail("open", err)
	}
	return s, r, nil
}

func (s *Input) open(ctx context.Context, o source.Options) (io.Reader, error) {
	raw, regular, err := s.raw(ctx, o)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(raw, 64<<10)
	magic, err := in.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	how := "decompressed into a private file"
	switch {
	case bytes.Equal(magic, []byte{0x1F, 0x8B}):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReaderSize(&cell.Gunzipper{In: in, Z: z}, 64<<10)
	case regular != nil:
		s.file, s.inPlace, s.access = regular, true, "read in place"
		s.inputs = nil
		return in, nil
	default:
		how = "copied into a private file, because it can be read only once"
	}
	f, err := os.CreateTemp(o.TempDir, "asof-*.json")
	if err != nil {
		return nil, err
	}
	s.file, s.access = f, how
	if os.Remove(f.Name()) != nil { // Windows does not remove open files
		s.temp = f.Name()
	}
	s.copied = bufio.NewWriterSize(f, 64<<10)
	return io.TeeReader(in, s.copied), nil
}

// raw opens the unprocessed bytes and returns the file if it can be read again.
func (s *Input) raw(ctx context.Context, o source.Options) (r io.Reader, regular *os.File, err error) {
	if s.Path == "-" {
		if o.Stdin == nil {
			return nil, nil, errors.New("no standard input")
		}
		in := pump(ctx, o.Stdin)
		s.inputs = append(s.inputs, in)
		return in, nil, nil
	}
	f, err := os.Open(s.Path)
	if err != nil {
		return nil, nil, err
	}
	s.inputs = append(s.inputs, f)
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errors.New("not a regular file")
	}
	s.size, s.mod = info.Size(), info.ModTime()
	return &untilDone{ctx, f}, f, nil
}

// FinishFirstPass ends the first pass, which read n bytes.
func (s *Input) FinishFirstPass(n int64) error {
	if s.copied != nil {
		if err := s.copied.Flush(); err != nil {
			return s.Fail("copy", err)
		}
		s.copied = nil
	}
	for _, c := range s.inputs {
		c.Close() // read to its end
	}
	s.inputs = nil
	if !s.inPlace {
		s.size = n
		return nil
	}
	info, err := s.file.Stat()
	if err != nil {
		return s.Fail("read", err)
	}
	if n < s.size || n == s.size && !info.ModTime().Equal(s.mod) {
		return s.moved()
	}
	s.size, s.mod = n, info.ModTime()
	s.head, s.tail, err = s.ends()
	return err
}

// ends reads the first and last bytes of the indexed part.
func (s *Input) ends() (head, tail []byte, err error) {
	n := min(s.size, 4<<10)
	head, tail = make([]byte, n), make([]byte, n)
	if _, err = s.file.ReadAt(head, 0); err == nil {
		_, err = s.file.ReadAt(tail, s.size-n)
	}
	if err != nil && n > 0 {
		return nil, nil, s.Fail("read", err)
	}
	return head, tail, nil
}

// checkUnchanged checks that the indexed part of the file is unchanged. Appended
// events are fine: answers are about the indexed prefix.
func (s *Input) checkUnchanged() error {
	if !s.inPlace {
		return nil
	}
	info, err := s.file.Stat()
	if err != nil {
		return s.Fail("read", err)
	}
	if info.ModTime().Equal(s.mod) && info.Size() == s.size {
		return nil
	}
	if info.Size() > s.size {
		head, tail, err := s.ends()
		if err == nil && bytes.Equal(head, s.head) && bytes.Equal(tail, s.tail) {
			return nil
		}
	}
	return s.moved()
}

func (s *Input) moved() error { return s.Fail("read", source.ErrMoved) }

// Fail wraps an error of this input, with its line and column if known.
func (s *Input) Fail(op string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	out := &replay.StoreError{Path: s.Path, Op: op, Err: err}
	var at *placedError
	switch {
	case errors.As(err, &at):
		out.Path = fmt.Sprintf("%s:%d:%d", s.Path, at.line, at.column)
		if at.cut {
			out.Next = fault.Try("the file seems to be cut off: get it again, or remove the unfinished event at its end")
		}
	case errors.Is(err, io.ErrUnexpectedEOF):
		out.Err = fmt.Errorf("the compressed data is cut off: %w", err)
		out.Next = fault.Try("get the file again")
	case errors.Is(err, source.ErrMoved):
		out.Next = fault.Try("the file is being written to: run the command again")
	case errors.Is(err, errNothing):
		out.Next = fault.Try("if an application writes here, its events may be in another file or not written yet")
	}
	return out
}

// notJSON is the error of a file that begins with head and is not JSON.
func (s *Input) notJSON(head []byte) error {
	if !bytes.HasPrefix(head, source.SQLiteMagic) {
		return source.NotAStore(s.Path, head[:min(len(head), 4096)], -1)
	}
	return &replay.StoreError{
		Path: s.Path, Op: "open", Err: errors.New("a SQLite database can be read only from a regular, uncompressed file"),
		Next: fault.Try("write it to a file, decompressed, and name that file"),
	}
}

// Close closes the file and removes its private copy.
func (s *Input) Close() error {
	var errs []error
	for _, c := range s.inputs {
		errs = append(errs, c.Close())
	}
	if s.file != nil {
		errs = append(errs, s.file.Close())
	}
	if s.temp != "" {
		errs = append(errs, os.Remove(s.temp))
	}
	s.inputs, s.file, s.temp = nil, nil, ""
	return errors.Join(errs...)
}

// An untilDone is a reader that fails when its context is done.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// pump reads from a source that may block forever, and stops when the context is done.
func pump(ctx context.Context, r io.Reader) io.ReadCloser {
	out, in := io.Pipe()
	stop := context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		defer stop()
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	return out
}

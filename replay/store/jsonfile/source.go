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

// An Input is where the texts of events are read from again and again: the
// file itself, or a private copy where it is compressed or can be read but once.
type Input struct {
	Path   string
	access string // in words
	file   *os.File
	temp   string        // to be removed; empty where there is nothing
	copied *bufio.Writer // to temp, while the index is made
	inputs []io.Closer   // no longer needed when there is an index

	inPlace    bool // the file is the user's own and may change
	size       int64
	mod        time.Time
	head, tail []byte // of what was indexed
}

// openInput opens a path and returns the plain text in it, which is to be
// read to its end once and then settled.
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
		how = "copied into a private file, since it can be read but once"
	}
	f, err := os.CreateTemp(o.TempDir, "asof-*.json")
	if err != nil {
		return nil, err
	}
	s.file, s.access = f, how
	if os.Remove(f.Name()) != nil { // Windows does not remove what is open
		s.temp = f.Name()
	}
	s.copied = bufio.NewWriterSize(f, 64<<10)
	return io.TeeReader(in, s.copied), nil
}

// raw opens the bytes as they are, and returns their file where it is one that can
// be read again.
func (s *Input) raw(ctx context.Context, o source.Options) (r io.Reader, regular *os.File, err error) {
	if s.Path == "-" {
		if o.Stdin == nil {
			return nil, nil, errors.New("there is no standard input")
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
		return nil, nil, errors.New("it is no regular file")
	}
	s.size, s.mod = info.Size(), info.ModTime()
	return &untilDone{ctx, f}, f, nil
}

// FinishFirstPass ends the first reading, of n bytes.
func (s *Input) FinishFirstPass(n int64) error {
	if s.copied != nil {
		if err := s.copied.Flush(); err != nil {
			return s.Fail("copy", err)
		}
		s.copied = nil
	}
	for _, c := range s.inputs {
		c.Close() // it has been read to its end
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

// ends reads the first and the last bytes of what was indexed.
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

// unmoved makes sure that what was indexed is still there. That more was written
// behind it is well: our answers are about one prefix.
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

// Fail is an error of this source, with its place where it has one.
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
			out.Next = fault.Try("the file seems to be cut off: get it again, or take away the unfinished event at its end")
		}
	case errors.Is(err, io.ErrUnexpectedEOF):
		out.Err = fmt.Errorf("the compressed data is cut off: %w", err)
		out.Next = fault.Try("get the file again")
	case errors.Is(err, source.ErrMoved):
		out.Next = fault.Try("it is being written to: run the command again")
	case errors.Is(err, errNothing):
		out.Next = fault.Try("if an application writes there, its events may be in another file, or not yet written")
	}
	return out
}

// notJSON is the error of what is something else, and begins with head.
func (s *Input) notJSON(head []byte) error {
	if !bytes.HasPrefix(head, source.SQLiteMagic) {
		return source.NotAStore(s.Path, head[:min(len(head), 4096)], -1)
	}
	return &replay.StoreError{
		Path: s.Path, Op: "open", Err: errors.New("a SQLite database can only be read as a file of its own"),
		Next: fault.Try("write it to a file, decompressed, and name that"),
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

// untilDone reads until a context is done.
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

// pump reads from what may block for ever, and gives up when the context is done.
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

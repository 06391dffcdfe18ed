package jsonfile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"asof/replay"
	"asof/replay/place"
	"asof/replay/store/source"
)

// An ObjectFile is a kind of file that is a single JSON object, not a list of events.
type ObjectFile struct {
	Dialect string
	Fits    func(head []byte) bool // reports whether a file starts like this kind
	// Open reads the object to its end and takes ownership of src.
	Open func(ctx context.Context, src *Input, text io.Reader, o *source.Options) (replay.Reader, error)
}

// A Source opens files of JSON events, and the given kinds of single-object files.
type Source []ObjectFile

// Dialects returns the names of the forms.
func (s Source) Dialects() []string {
	var names []string
	for _, f := range forms() {
		names = append(names, f.dialect)
	}
	for _, w := range s {
		names = append(names, w.Dialect)
	}
	return names
}

// Claims reports whether the candidate is standard input or starts like JSON or gzip.
func (Source) Claims(c *source.Candidate) bool {
	return c.At.Kind() == place.KindStdin || looksLikeJSON(c.Head)
}

// Open opens the file, decompressing gzip.
func (s Source) Open(ctx context.Context, c *source.Candidate, o source.Options) (replay.Reader, error) {
	if c.File != nil {
		c.File.Close() //nolint:errcheck // only read
	}
	return open(ctx, c.At.String(), o, s...)
}

// open opens the file; "-" is standard input.
func open(ctx context.Context, path string, o source.Options, objects ...ObjectFile) (replay.Reader, error) {
	src, text, err := openInput(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if o.Query != "" {
		src.Close()
		return nil, src.Fail("open", errors.New("a file of events is not a database and takes no query"))
	}
	if o.Context != "" || o.Clock == source.ClockValid {
		src.Close()
		return nil, src.Fail("open", errors.New("a file of events has no applications or clocks to choose from"))
	}
	for _, w := range objects {
		if (o.Dialect != "" || o.Map != nil) && o.Dialect != w.Dialect {
			continue
		}
		in := bufio.NewReaderSize(text, 64<<10)
		text = in
		if head, err := in.Peek(in.Size()); (err == nil || errors.Is(err, io.EOF)) && w.Fits(head) {
			return w.Open(ctx, src, text, &o)
		}
	}
	r := &reader{src: src, options: o}
	if err := r.indexOnce(ctx, text); err != nil {
		src.Close()
		return nil, err
	}
	return r, nil
}

// looksLikeJSON reports whether head starts like JSON or gzip.
func looksLikeJSON(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0x1F, 0x8B}) {
		return true
	}
	head = bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	head = bytes.TrimLeft(head, " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[' || head[0] == recordSeparator)
}

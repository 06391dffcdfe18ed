package jsonfile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"asof/replay"
	"asof/replay/store/source"
)

// A Whole is a kind of file that is one JSON object and no list of events.
type Whole struct {
	Dialect string
	Fits    func(head []byte) bool // the file begins so
	// Open reads the object to its end, and takes over src.
	Open func(ctx context.Context, src *Input, text io.Reader, o *source.Options) (replay.Reader, error)
}

// Open opens a file of events in JSON, which may be compressed by gzip; "-" is
// standard input.
func Open(ctx context.Context, path string, o source.Options, wholes ...Whole) (replay.Reader, error) {
	src, text, err := openJSONSource(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if o.Context != "" || o.Clock == source.ClockValid {
		src.Close()
		return nil, src.Fail("open", errors.New("a file of events has neither applications nor clocks to choose from"))
	}
	for _, w := range wholes {
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
	if err := r.index(ctx, text); err != nil {
		src.Close()
		return nil, err
	}
	return r, nil
}

// LooksLikeJSON tells JSON text and what gzip has made of it.
func LooksLikeJSON(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0x1F, 0x8B}) {
		return true
	}
	head = bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	head = bytes.TrimLeft(head, " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[' || head[0] == recordSeparator)
}

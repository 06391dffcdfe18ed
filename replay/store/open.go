package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/source"
)

// openTries is how often a store that keeps changing is opened.
const openTries = 4

// Open opens the store named by text, see [OpenAt].
func Open(ctx context.Context, text string, o Options) (replay.Reader, error) {
	return OpenAt(ctx, place.Parse(text), o)
}

// OpenAt opens the store at a location and detects its dialect. It returns only a
// [*replay.StoreError] or ctx's own error.
func OpenAt(ctx context.Context, at place.Location, o Options) (replay.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, &replay.StoreError{Path: at.String(), Op: "open", Err: err}
	}
	for try := 1; ; try++ {
		r, err := openOnce(ctx, at, o)
		if errors.Is(err, ErrMoved) && at.Kind() == place.KindPath && try < openTries && ctx.Err() == nil {
			continue
		}
		return r, err
	}
}

func openOnce(ctx context.Context, at place.Location, o Options) (replay.Reader, error) {
	c := &source.Candidate{At: at}
	var info fs.FileInfo
	if at.Kind() == place.KindPath {
		f, err := openPath(ctx, at.String())
		if err != nil {
			return nil, err
		}
		if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() { // a pipe can be read only once
			defer f.Close() //nolint:errcheck // only read
			o.Stdin, c.At = f, place.Parse("-")
		} else if c.File = f; err == nil {
			c.Head, err = headOf(f)
		}
		if err != nil {
			f.Close() //nolint:errcheck // only read
			return nil, source.CantOpen(at.String(), err)
		}
	}
	for _, s := range Sources() {
		if s.Claims(c) {
			return s.Open(ctx, c, o)
		}
	}
	if c.File != nil {
		c.File.Close() //nolint:errcheck // only read
		return nil, source.NotAStore(at.String(), c.Head, info.Size())
	}
	return nil, &replay.StoreError{
		Path: at.String(), Op: "open", Err: errors.New("asof does not open URLs of this kind"),
		Next: fault.Try("write a path, or postgres://USER@HOST/DATABASE, or mysql://USER@HOST/DATABASE"),
	}
}

// openPath opens a file or a pipe.
func openPath(ctx context.Context, path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, source.CantOpen(path, err)
	}
	if info.IsDir() {
		return nil, &replay.StoreError{Path: path, Op: "open", Err: errors.New("it is a folder"), Next: fault.Try(storesIn(path))}
	}
	f, err := openUntil(ctx, path)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, source.CantOpen(path, err)
	}
	return f, nil
}

// headOf returns the first bytes of a file.
func headOf(f *os.File) ([]byte, error) {
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// openUntil opens a file, waiting until ctx is done. Opening a pipe blocks until there
// is a writer.
func openUntil(ctx context.Context, path string) (*os.File, error) {
	var f *os.File
	var err error
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		f, err = os.Open(path)
	}()
	select {
	case <-opened:
		return f, err
	case <-ctx.Done():
	}
	go func() { // the result is no longer needed
		if <-opened; err == nil {
			f.Close() //nolint:errcheck // only read
		}
	}()
	return nil, ctx.Err()
}

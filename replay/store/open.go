package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/dialect"
	"asof/replay/store/jsonfile"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
)

// openTries bounds how often a store is opened again that moved meanwhile.
const openTries = 4

// Open opens the store that a text names: see [OpenAt].
func Open(ctx context.Context, text string, o Options) (replay.Reader, error) {
	return OpenAt(ctx, place.Parse(text), o)
}

// OpenAt opens the store at a location, and tells its dialect by what it holds.
// Its errors are of type [*replay.StoreError], and ctx's own.
func OpenAt(ctx context.Context, at place.Location, o Options) (replay.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, &replay.StoreError{Path: at.String(), Op: "open", Err: err}
	}
	switch at.Kind() {
	case place.KindStdin:
		return jsonfile.Open(ctx, at.String(), o, dialect.Files()...)
	case place.KindPostgres:
		return postgres.Open(ctx, at, o, dialect.Postgres())
	case place.KindOther:
		return nil, &replay.StoreError{
			Path: at.String(), Op: "open", Err: errors.New("a URL of this kind is no store that can be opened"),
			Next: fault.Try("write a path, or postgres://USER@HOST/DATABASE"),
		}
	}
	for try := 1; ; try++ {
		r, err := openPath(ctx, at.String(), o)
		if errors.Is(err, ErrMoved) && try < openTries && ctx.Err() == nil {
			continue
		}
		return r, err
	}
}

func openPath(ctx context.Context, path string, o Options) (replay.Reader, error) {
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
	if !info.Mode().IsRegular() { // a pipe can be read only once
		defer f.Close() //nolint:errcheck // only read
		o.Stdin = f
		return jsonfile.Open(ctx, "-", o, dialect.Files()...)
	}
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	head = head[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		f.Close() //nolint:errcheck // only read
		return nil, source.CantOpen(path, err)
	}
	if bytes.HasPrefix(head, source.SQLiteMagic) {
		r, err := sqlite.Open(ctx, f, path, o, dialect.SQLite())
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	f.Close() //nolint:errcheck // only read
	if jsonfile.LooksLikeJSON(head) {
		return jsonfile.Open(ctx, path, o, dialect.Files()...)
	}
	return nil, source.NotAStore(path, head, info.Size())
}

// openUntil opens a file as long as ctx is not done: a pipe opens no sooner than
// someone writes to it.
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
	go func() { // what is waited for no more
		if <-opened; err == nil {
			f.Close() //nolint:errcheck // only read
		}
	}()
	return nil, ctx.Err()
}

package sqlite

import (
	"context"
	"errors"
	"os"

	"asof/replay/place"
	"asof/replay/store/source"
)

// open opens the store in f, which is open on the path. It takes ownership of f.
func open(ctx context.Context, f *os.File, path string, o source.Options, all []Dialect) (*Reader, error) {
	real, err := place.Real(path) // the -wal is next to the real file
	if err != nil {
		f.Close() //nolint:errcheck // only read
		return nil, source.CantOpen(path, err)
	}
	content := source.ContentID(f, real+"-wal", real+"-journal")
	file, err := openFile(ctx, f, real, &o)
	if err != nil {
		return nil, openFailed(ctx, path, err)
	}
	if source.ContentID(f, real+"-wal", real+"-journal") != content {
		content = ""
	}
	file.conn.SetInterrupt(ctx.Done())
	r, err := newDatabase(ctx, path, file, &o, all)
	if err == nil {
		r.fingerprint(real, content, &o)
		return r, nil
	}
	if moved := file.moved(); moved != nil {
		err = moved
	}
	file.Close() //nolint:errcheck // only read
	return nil, openFailed(ctx, path, err)
}

func openFailed(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return storeError(path, "open", err)
}

func newDatabase(ctx context.Context, path string, file *File, o *source.Options, all []Dialect) (*Reader, error) {
	p, err := readSchema(file.conn, o)
	if err != nil {
		return nil, err
	}
	l, err := matchDialect(p, all)
	if err == nil {
		err = l.Suits(o)
	}
	var unknown *source.UnknownDialectError
	if errors.As(err, &unknown) && len(unknown.Matches) == 0 {
		if failed := p.propose(ctx, file, unknown); failed != nil {
			return nil, failed
		}
	}
	if err != nil {
		return nil, err
	}
	return newReader(path, file, p, l)
}

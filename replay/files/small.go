// Package files reads the small files that a user names: keys, scripts, asof.toml.
// Whatever stands behind a name, the reading ends: its size is bounded, devices and
// folders are refused, and a pipe is waited for only as long as a context allows.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"asof/replay/fault"
)

// An Error is a file that can't be read.
type Error struct {
	Path string // as it was given
	Err  error  // the cause, without the path
}

func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }

// Class returns [fault.Usage].
func (e *Error) Class() fault.Class { return fault.Usage }

// Remedy returns nothing: the message says it all.
func (e *Error) Remedy() fault.Remedy { return fault.Remedy{} }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Small reads a regular file or a pipe of at most limit bytes. Its error is an
// [Error], or that of ctx.
func Small(ctx context.Context, path string, limit int64) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	read := make(chan result, 1)
	go func() { // opening a pipe waits until someone writes to it
		text, err := small(path, limit, true)
		read <- result{text, err}
	}()
	select {
	case r := <-read:
		return r.text, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Regular is Small for a file that must be regular.
func Regular(path string, limit int64) ([]byte, error) { return small(path, limit, false) }

func small(path string, limit int64, pipes bool) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, wrap(path, err)
	}
	if err := kind(info, pipes); err != nil {
		return nil, &Error{path, err}
	}
	tooLarge := &Error{path, fmt.Errorf("is larger than %s", size(limit))}
	if info.Size() > limit {
		return nil, tooLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, wrap(path, err)
	}
	defer f.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, wrap(path, err)
	}
	if int64(len(text)) > limit {
		return nil, tooLarge
	}
	return text, nil
}

// kind refuses what has no end or no bytes.
func kind(info fs.FileInfo, pipes bool) error {
	switch mode := info.Mode(); {
	case mode.IsRegular(), pipes && mode&fs.ModeNamedPipe != 0:
		return nil
	case mode.IsDir():
		return errors.New("is a folder")
	}
	return errors.New("is not a regular file")
}

// wrap takes the path off an error of the system, which has its own.
func wrap(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &Error{path, err}
}

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

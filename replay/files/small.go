// Package files reads small files that the user names: keys, scripts, asof.toml.
// Reading always ends: size is limited, devices and folders are rejected, and the
// wait for a pipe ends with the context.
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

// An Error is a failure to read a file.
type Error struct {
	What string // what the file is for: "script", "key"; or ""
	Path string // as given
	Err  error  // the cause, without the path
}

func (e *Error) Error() string {
	if e.What != "" {
		return e.What + " " + e.Path + ": " + e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Class returns [fault.Usage].
func (e *Error) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindBadFile].
func (*Error) Fault() fault.Kind { return fault.KindBadFile }

// Remedy returns none: the message is enough.
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
	go func() { // opening a pipe blocks until it has a writer
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
		return nil, &Error{Path: path, Err: err}
	}
	tooLarge := &Error{Path: path, Err: fmt.Errorf("is larger than %s", size(limit))}
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

// kind returns an error for a file that is not regular, nor a pipe if pipes is set.
func kind(info fs.FileInfo, pipes bool) error {
	switch mode := info.Mode(); {
	case mode.IsRegular(), pipes && mode&fs.ModeNamedPipe != 0:
		return nil
	case mode.IsDir():
		return errors.New("is a folder")
	}
	return errors.New("is not a regular file")
}

// wrap returns an [Error] for a system error, without the path in it.
func wrap(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &Error{Path: path, Err: err}
}

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

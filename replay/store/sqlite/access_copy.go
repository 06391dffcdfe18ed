package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/source"
)

// copyLocked switches to a private copy of the database that the connection has locked.
func (s *File) copyLocked(ctx context.Context, size int64, tempDir string) error {
	copied, err := s.placeForCopy(tempDir)
	if err != nil {
		return err
	}
	// Copy through the open file: opening and closing another drops the lock.
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := copyFrom(ctx, s.file, copied); err != nil {
		return err
	}
	if err := s.conn.Close(); err != nil {
		return err
	}
	s.conn, s.access = nil, "a private copy, so writers never wait"
	if err := s.connect(copied, "mode=ro", sqlite.OpenReadOnly, inMemory(size)...); err != nil {
		return err
	}
	s.unlinkCopy()
	return nil
}

// inMemory returns the statement that maps a private copy of some size into memory, if it
// is small: its pages then need no cache. Another file may not be mapped: truncating it
// would crash the process. The pages of a large one would count as our memory.
func inMemory(size int64) []string {
	if size > smallDatabase {
		return nil
	}
	return []string{fmt.Sprintf("PRAGMA mmap_size = %d", size)}
}

// openCopy reads a private copy of the database and of the file next to it.
func (s *File) openCopy(ctx context.Context, path, suffix, tempDir string) error {
	copied, err := s.placeForCopy(tempDir)
	if err != nil {
		return err
	}
	if err := copyBoth(ctx, path, copied, suffix); err != nil {
		return err
	}
	s.access = "a private copy, with its " + suffix
	query, flag := "mode=ro", sqlite.OpenReadOnly
	if suffix == "-journal" {
		query, flag = "mode=rw", sqlite.OpenReadWrite
	} else if err := s.scanWAL(ctx, copied+suffix); err != nil {
		return err
	}
	if err := s.connect(copied, query, flag); err != nil {
		return err
	}
	s.unlinkCopy()
	return nil
}

// placeForCopy creates the folder for a private copy.
func (s *File) placeForCopy(tempDir string) (path string, err error) {
	s.dir, err = os.MkdirTemp(tempDir, "asof-copy-*")
	s.print = nil
	return filepath.Join(s.dir, "store.db"), err
}

// unlinkCopy removes an open copy. Its files stay readable, and nothing remains however
// the program ends. Close removes files that could not be removed here.
func (s *File) unlinkCopy() {
	if runtime.GOOS != "windows" {
		os.RemoveAll(s.dir) //nolint:errcheck
	}
}

// copyBoth copies a consistent pair of the database and the file next to it.
func copyBoth(ctx context.Context, from, to, suffix string) error {
	for range source.CopyTries {
		before, err := pairState(from, suffix)
		if err != nil {
			return err
		}
		if err := copyFile(ctx, from, to); err != nil {
			return err
		}
		if err := copyFile(ctx, from+suffix, to+suffix); err != nil {
			return err
		}
		after, err := pairState(from, suffix)
		if err != nil {
			return err
		}
		if before == after {
			return nil
		}
	}
	return fmt.Errorf("%w: writers change it faster than it can be copied", source.ErrMoved)
}

// pairState identifies the contents of the two files. A -wal that only grew has the same
// state: the copy is a prefix of it, and a -wal marks its own commits.
func pairState(path, suffix string) (string, error) {
	var out strings.Builder
	for _, p := range []string{path, path + suffix} {
		f, err := os.Open(p)
		if err != nil {
			return "", err
		}
		defer f.Close() //nolint:errcheck // only read
		print, err := fingerprintOf(f)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if suffix == "-wal" && p != path {
			fmt.Fprintf(&out, "%x\n", print.header[:32])
			continue
		}
		fmt.Fprintf(&out, "%d %d %x\n", print.size, print.mod.UnixNano(), print.header)
	}
	return out.String(), nil
}

func copyFile(ctx context.Context, from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	return copyFrom(ctx, in, to)
}

func copyFrom(ctx context.Context, in io.Reader, to string) error {
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	for err == nil && ctx.Err() == nil {
		_, err = io.CopyN(out, in, 16<<20)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, ctx.Err(), out.Close())
}

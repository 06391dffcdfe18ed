package cmd

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"asof/fixtures/sqlitefile"
	"asof/replay"
	"asof/replay/files"
)

// demoFile returns the output for a file of the demo. An existing file with the same
// content counts as the demo's.
func (a *app) demoFile(dir, name, text string, force bool) output {
	return output{
		name: filepath.Join(dir, name), force: force,
		ours: func([]byte) bool {
			have, err := files.Regular(filepath.Join(dir, name), int64(len(text)))
			return err == nil && string(have) == text
		},
		next: "name another folder, or give --force to overwrite it",
	}
}

// demoStore writes a store, unless the existing file is identical.
func (a *app) demoStore(o output, events iter.Seq[replay.Event]) error {
	aside, err := os.MkdirTemp(filepath.Dir(o.name), ".unfinished-*")
	if err != nil {
		return usagef("name a folder that can be written", "%s can't be written: %v", filepath.Base(o.name), bareError(err))
	}
	defer os.RemoveAll(aside)
	fresh := filepath.Join(aside, filepath.Base(o.name))
	if err := sqlitefile.WriteNative(a.ctx, fresh, events); err != nil {
		return err
	}
	same, err := sameFile(o.name, fresh)
	if err != nil || same {
		return err
	}
	if err := a.mayWrite(o); err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} { // SQLite would apply them to the new store
		if _, err := os.Lstat(o.name + suffix); err == nil {
			return usagef("name another folder", "%s already exists: a program has this store open", o.name+suffix)
		}
	}
	return os.Rename(fresh, o.name)
}

// sameFile reports whether two files have the same content. A missing file differs from
// every file.
func sameFile(a, b string) (bool, error) {
	fa, err := os.Open(a)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer fa.Close()
	fb, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer fb.Close()
	ra, rb := bufio.NewReaderSize(fa, 1<<16), bufio.NewReaderSize(fb, 1<<16)
	for {
		x, errA := ra.ReadByte()
		y, errB := rb.ReadByte()
		switch {
		case errA == io.EOF && errB == io.EOF:
			return true, nil
		case errA == io.EOF || errB == io.EOF || errA == nil && errB == nil && x != y:
			return false, nil
		case errA != nil || errB != nil:
			return false, errors.Join(errA, errB)
		}
	}
}

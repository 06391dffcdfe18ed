package cmd

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"asof/replay"
	"asof/replay/fault"
)

// An output describes one file that a verb writes.
type output struct {
	name  string                 // as the user typed it; "-" is standard output
	mode  fs.FileMode            // of a new file; 0 means 0666 before the umask
	ours  func(head []byte) bool // reports whether an existing file is from an earlier run; nil: never
	force bool                   // replace any existing file
	next  string                 // the hint if the file already exists; empty: the default
}

// An outFile is an output being written. A regular file is written under a temporary
// name and renamed when complete; a pipe or a device is written directly.
type outFile struct {
	io.Writer
	app    *app
	path   string
	file   *os.File // nil: standard output
	temp   string   // path of the unfinished file; empty: none
	exists bool     // the output replaces an existing file
}

// mayWrite returns an error if the output would replace an input of the run or a file
// that asof didn't write. Verbs with long work call it first.
func (a *app) mayWrite(o output) error {
	if o.name == "-" {
		return nil
	}
	path := a.path(o.name)
	if err := a.notInput(o.name); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return usagef("name another file", "%s is a dangling link", o.name)
		}
		return nil
	case err != nil:
		return usagef("name a file that can be written", "%s: %v", o.name, bareError(err))
	case info.IsDir():
		return usagef("name a file in it", "%s is a folder", o.name)
	case bytes.HasPrefix(headOf(path), []byte("PRIVATE+KEY+")):
		return usagef("name another file", "%s is a private key", o.name)
	case !info.Mode().IsRegular(), o.force, o.ours != nil && o.ours(headOf(path)):
		return nil
	}
	next := o.next
	if next == "" {
		next = "name another file, or move that one away"
	}
	return usagef(next, "%s already exists", o.name)
}

// create opens an output for writing. The caller ends it with Keep or Discard.
func (a *app) create(o output) (*outFile, error) {
	if err := a.mayWrite(o); err != nil {
		return nil, err
	}
	f := &outFile{Writer: a.Out, app: a, path: a.path(o.name)}
	if o.name == "-" {
		return f, nil
	}
	mode := o.mode
	if mode == 0 {
		mode = 0o666
	}
	var err error
	if info, statErr := os.Stat(f.path); statErr == nil {
		if !info.Mode().IsRegular() {
			f.file, err = a.openPipe(f.path)
			f.Writer = f.file
			return f, err
		}
		f.exists, mode = true, info.Mode().Perm()
		if f.path, err = filepath.EvalSymlinks(f.path); err != nil { // replace the target, not the link
			return nil, usagef("name a file that can be written", "%s: %v", o.name, bareError(err))
		}
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	f.temp = filepath.Join(filepath.Dir(f.path), ".unfinished-"+hex.EncodeToString(random[:]))
	f.file, err = os.OpenFile(f.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, usagef("name a file in a folder that can be written", "%s can't be written: %v", o.name, bareError(err))
	}
	f.Writer = f.file
	return f, nil
}

// openPipe opens a pipe or a device for writing, or fails when the run is interrupted:
// opening a pipe blocks until a reader opens it.
func (a *app) openPipe(path string) (*os.File, error) {
	type result struct {
		f   *os.File
		err error
	}
	opened := make(chan result, 1)
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		opened <- result{f, err}
	}()
	select {
	case r := <-opened:
		if r.err != nil {
			return nil, cantWrite(path, r.err)
		}
		return r.f, nil
	case <-a.ctx.Done():
		return nil, a.ctx.Err()
	}
}

func (f *outFile) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err != nil && f.file != nil {
		err = cantWrite(f.path, err)
	}
	return n, err
}

// Keep closes the output and gives the file its name.
func (f *outFile) Keep() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	if err == nil && f.temp != "" {
		err = f.rename()
	}
	if err != nil {
		f.Discard()
		return cantWrite(f.path, err)
	}
	return nil
}

// rename gives the unfinished file its name. It fails if another process has created
// the file in the meantime.
func (f *outFile) rename() error {
	if !f.exists {
		err := os.Link(f.temp, f.path)
		if err == nil {
			return os.Remove(f.temp)
		}
		if _, lerr := os.Lstat(f.path); lerr == nil {
			return fs.ErrExist
		} // the file system has no hard links
	}
	return os.Rename(f.temp, f.path)
}

// Discard removes the output unless Keep was called. It returns false if a reader may
// already have what was written.
func (f *outFile) Discard() bool {
	if f.file != nil {
		_ = f.file.Close()
	}
	if f.temp != "" {
		_ = os.Remove(f.temp)
	}
	return f.temp != ""
}

// writeFile writes data as an output.
func (a *app) writeFile(o output, data []byte) error {
	f, err := a.create(o)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Keep()
}

// headOf returns up to 512 bytes from the start of a file, or nil if it can't be read.
func headOf(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head) //nolint:errcheck // a short file is not one of asof's
	return head[:n]
}

// bareError returns a system error without its path.
func bareError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func cantWrite(path string, err error) error {
	var known *replay.StoreError
	if errors.As(err, &known) {
		return err
	}
	return &replay.StoreError{Path: path, Op: "write", Err: bareError(err), Next: fault.Try("check that the disk has room and that the folder is writable")}
}

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

// An output says how a verb writes one file.
type output struct {
	name  string                 // as the user gave it; "-" is standard output
	mode  fs.FileMode            // of a new file; 0: what the umask leaves
	ours  func(head []byte) bool // whether an existing file is one of an earlier run; nil: none is
	force bool                   // replace whatever is there
	next  string                 // the hint where something is there already
}

// An outFile is an output in the making. A regular file is written aside and gets
// its name when it is whole; a pipe or a device is written straight.
type outFile struct {
	io.Writer
	app    *app
	path   string
	file   *os.File // nil: standard output
	aside  string   // the unfinished file; empty: none
	exists bool     // whether it replaces one
}

// mayWrite refuses an output that would take the place of something that a run
// reads, or of a file that is not asof's. Verbs with much to do ask it first.
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

// create begins an output.
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
		if f.path, err = filepath.EvalSymlinks(f.path); err != nil { // the link stays
			return nil, usagef("name a file that can be written", "%s: %v", o.name, bareError(err))
		}
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // which never fails
	f.aside = filepath.Join(filepath.Dir(f.path), ".unfinished-"+hex.EncodeToString(random[:]))
	f.file, err = os.OpenFile(f.aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, usagef("name a file in a folder that can be written", "%s can't be written: %v", o.name, bareError(err))
	}
	f.Writer = f.file
	return f, nil
}

// openPipe opens what is no regular file for writing, as long as nobody
// interrupts: a pipe opens no sooner than someone reads from it.
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

// Keep ends the output and gives the file its name.
func (f *outFile) Keep() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	if err == nil && f.aside != "" {
		err = f.rename()
	}
	if err != nil {
		f.Discard()
		return cantWrite(f.path, err)
	}
	return nil
}

// rename gives the unfinished file its name. A file that has come into being there
// meanwhile stays.
func (f *outFile) rename() error {
	if !f.exists {
		err := os.Link(f.aside, f.path)
		if err == nil {
			return os.Remove(f.aside)
		}
		if _, lerr := os.Lstat(f.path); lerr == nil {
			return fs.ErrExist
		} // else the file system has no links
	}
	return os.Rename(f.aside, f.path)
}

// Discard removes what was written, unless it was kept. It reports false if what was
// written is already on its way to a reader.
func (f *outFile) Discard() bool {
	if f.file != nil {
		_ = f.file.Close()
	}
	if f.aside != "" {
		_ = os.Remove(f.aside)
	}
	return f.aside != ""
}

// writeFile writes a whole output.
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

// headOf is the beginning of a file, as far as it can be read.
func headOf(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head) //nolint:errcheck // less is of no file of ours
	return head[:n]
}

// bareError takes the path off an error of the system.
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

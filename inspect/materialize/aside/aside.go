// Package aside keeps what is being written in a hidden folder beside its target. What a
// run leaves that is killed, the next run of the same target removes.
package aside

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A Folder is where the next content of a target is written.
type Folder struct {
	path   string
	target string
	lock   *os.File // locked while the folder is in use
}

// The entries of a folder.
const (
	next = "next" // the content of the target
	old  = "old"  // the content that it had, while it is replaced
)

// Make makes a folder beside a target.
func Make(target string) (*Folder, error) {
	for try := 0; ; try++ {
		var random [8]byte
		_, _ = rand.Read(random[:]) // never fails
		f := &Folder{path: prefixOf(target) + hex.EncodeToString(random[:]), target: target}
		if err := os.Mkdir(f.path, 0o700); err != nil {
			return nil, err
		}
		var err error
		if f.lock, err = lock(f.path); err == nil {
			return f, nil
		}
		// Another run took the folder for one that was left, before it was locked.
		if !errors.Is(err, errHeld) && !errors.Is(err, fs.ErrNotExist) || try == 10 {
			return nil, errors.Join(err, os.RemoveAll(f.path))
		}
	}
}

// prefixOf is what the paths of the folders of a target begin with.
func prefixOf(target string) string {
	sum := sha256.Sum256([]byte(filepath.Base(target)))
	return filepath.Join(filepath.Dir(target), ".unfinished-"+hex.EncodeToString(sum[:6])+"-")
}

// Next is the path at which the content of the target is written.
func (f *Folder) Next() string { return filepath.Join(f.path, next) }

// Remove removes the folder.
func (f *Folder) Remove() {
	if f.path != "" {
		_ = os.RemoveAll(f.path)
		unlock(f.lock)
		f.path = ""
	}
}

// exchangeFolders gives two folders each other's name, at once, if the system can.
var exchangeFolders = exchange

// Swap gives the content its name. A folder that is the target is replaced as a whole.
func (f *Folder) Swap() error {
	if _, err := os.Lstat(f.target); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(f.Next(), f.target)
	}
	if exchangeFolders(f.Next(), f.target) == nil {
		return nil
	}
	// The file system cannot exchange two folders. [Clean] restores the old one if it is
	// all that there is.
	kept := filepath.Join(f.path, old)
	if err := os.Rename(f.target, kept); err != nil {
		return err
	}
	if err := os.Rename(f.Next(), f.target); err != nil {
		return errors.Join(err, os.Rename(kept, f.target))
	}
	return nil
}

// Clean removes the folders that runs left which were killed. It leaves alone those of
// runs that are not over.
func Clean(target string) {
	prefix := prefixOf(target)
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return // the run itself says why
	}
	for _, e := range entries {
		path := filepath.Join(filepath.Dir(target), e.Name())
		if !e.IsDir() || len(path) <= len(prefix) || path[:len(prefix)] != prefix {
			continue
		}
		held, err := lock(path)
		if err != nil || held == nil {
			continue
		}
		kept := filepath.Join(path, old)
		if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
			_ = os.Rename(kept, target) // fails if there is none
		}
		_ = os.RemoveAll(path)
		unlock(held)
	}
}

var errHeld = errors.New("another process holds it")

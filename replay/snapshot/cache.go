package snapshot

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// statesFolder is the folder inside the cache's folder. It changes with the
	// format.
	statesFolder = "states-5"
	tag          = "CACHEDIR.TAG"
	about        = "lane.json"
	// tagText is the signature by which backup programs skip caches
	// (https://bford.info/cachedir/).
	tagText = "Signature: 8a477f597d28d172789f06886806bc55\n# States cached by asof. They can be removed.\n"
	// leftOver is the age after which an unfinished file is considered abandoned.
	leftOver = time.Hour
)

// DefaultLimit is the default size limit of a cache, in bytes.
const DefaultLimit = 1 << 30

// Options configure a cache. The zero value is usable.
type Options struct {
	Limit   int64        // bytes on disk; 0 is DefaultLimit
	Release string       // of the program: each release has its own states
	Warn    func(string) // receives warnings that nothing can be kept or that a file was damaged
}

// A Cache is a folder of states. It is safe for concurrent use; its [States] and
// [Scan] values serve one goroutine each.
type Cache struct {
	*shared
	o Options
}

// shared is the part of a cache that copies by [Cache.Warning] share.
type shared struct {
	dir    string
	failed atomic.Bool  // writing failed: do not try again
	wrote  atomic.Int64 // bytes since the last Trim
	codec  codec
}

// New returns the cache in a folder, which need not exist.
func New(dir string, o Options) *Cache {
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	return &Cache{shared: &shared{dir: dir}, o: o}
}

// Warning returns the same cache with another receiver for warnings.
func (c *Cache) Warning(warn func(string)) *Cache {
	other := *c
	other.o.Warn = warn
	return &other
}

// Dir returns the cache's folder.
func (c *Cache) Dir() string { return c.dir }

func (c *Cache) root() string { return filepath.Join(c.dir, statesFolder) }

// fail stops writing and warns once.
func (c *Cache) fail(err error) {
	if c.failed.CompareAndSwap(false, true) {
		c.o.Warn(fmt.Sprintf("cannot cache states in %s: %v; answers are the same, but no faster next time", c.dir, cause(err)))
	}
}

// cause removes the names of the cache's files from an error.
func cause(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// About describes a folder of the cache: a timeline under a fold, or a scan.
type About struct {
	Store    string `json:"store"`
	Timeline string `json:"timeline"` // for a scan, the part of the store; empty: all
	Fold     string `json:"fold"`

	Asked   []string `json:"asked,omitempty"`   // the questions of a scan
	Columns string   `json:"columns,omitempty"` // the table whose columns a scan found
}

// Kept describes the states of one timeline under one fold, or one scan.
type Kept struct {
	About
	States int
	Scan   bool // the folder has a scan
	Bytes  int64
	Used   time.Time // last use

	dir string
}

// Key identifies the folder.
func (k *Kept) Key() string { return filepath.Base(k.dir) }

// Kept lists the folders of the cache, least recently used first.
func (c *Cache) Kept() ([]Kept, error) {
	dirs, err := os.ReadDir(c.root())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Kept
	for _, d := range dirs {
		if !d.IsDir() || !isFolderName(d.Name()) {
			continue
		}
		k := Kept{dir: filepath.Join(c.root(), d.Name())}
		files, err := os.ReadDir(k.dir)
		if err != nil {
			continue // removed meanwhile
		}
		for _, f := range files {
			k.add(f)
		}
		if b, err := os.ReadFile(filepath.Join(k.dir, about)); err == nil {
			_ = json.Unmarshal(b, &k.About) // an unreadable file leaves it empty
		}
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Kept) int { return cmp.Or(a.Used.Compare(b.Used), cmp.Compare(a.dir, b.dir)) })
	return all, nil
}

func (k *Kept) add(f os.DirEntry) {
	info, err := f.Info()
	if err != nil {
		return
	}
	k.Bytes += info.Size()
	if _, ok := parseName(f.Name()); ok {
		k.States++
	}
	k.Scan = k.Scan || f.Name() == scanFile
	if info.ModTime().After(k.Used) {
		k.Used = info.ModTime()
	}
	if strings.HasPrefix(f.Name(), ".new-") && time.Since(info.ModTime()) > leftOver {
		_ = os.Remove(filepath.Join(k.dir, f.Name())) // left by a run that was killed
	}
}

func isFolderName(s string) bool {
	return len(s) == folderName && strings.Trim(s, "0123456789abcdef") == ""
}

// Clear removes all states and scans, and no other files.
func (c *Cache) Clear() error {
	all, err := c.Kept()
	if err != nil {
		return err
	}
	for _, k := range all {
		if err := k.remove(); err != nil {
			return err
		}
	}
	for _, name := range []string{filepath.Join(c.root(), tag), c.root()} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// remove removes the folder's states or scan. It leaves other files alone.
func (k *Kept) remove() error {
	files, err := os.ReadDir(k.dir)
	if err != nil {
		return ignoreMissing(err)
	}
	for _, f := range files {
		_, ours := parseName(f.Name())
		if ours || f.Name() == about || f.Name() == scanFile || strings.HasPrefix(f.Name(), ".new-") {
			if err := ignoreMissing(os.Remove(filepath.Join(k.dir, f.Name()))); err != nil {
				return err
			}
		}
	}
	return ignoreMissing(os.Remove(k.dir))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Close trims the cache and releases its memory. The cache is still usable.
func (c *Cache) Close() error {
	c.codec.close()
	return c.Trim()
}

// Trim removes the least recently used folders if the cache exceeds its limit. It
// does nothing if nothing was written since the last call.
func (c *Cache) Trim() error {
	if c.wrote.Swap(0) == 0 {
		return nil
	}
	all, err := c.Kept()
	if err != nil {
		return err
	}
	total := int64(0)
	for _, k := range all {
		total += k.Bytes
	}
	if total <= c.o.Limit {
		return nil
	}
	for _, k := range all { // down to three quarters, so the next run need not trim again
		if total <= c.o.Limit/4*3 {
			break
		}
		if err := k.remove(); err != nil {
			return err
		}
		total -= k.Bytes
	}
	return nil
}

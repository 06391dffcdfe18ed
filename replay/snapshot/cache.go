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
	// folder is where the states are, within the cache's folder. Another format has
	// another one.
	folder = "states-4"
	tag    = "CACHEDIR.TAG"
	about  = "lane.json"
	// tagText is the signature by which backups pass over caches
	// (https://bford.info/cachedir/).
	tagText = "Signature: 8a477f597d28d172789f06886806bc55\n# States that asof keeps to be faster. They can be removed.\n"
	// leftOver is the age from which an unfinished file is nobody's any more.
	leftOver = time.Hour
)

// DefaultLimit is the size, in bytes, that a cache is held to unless asked
// otherwise.
const DefaultLimit = 1 << 30

// Options say how a cache is kept. The zero value is fine.
type Options struct {
	Limit   int64        // bytes on disk; 0 is DefaultLimit
	Release string       // of the program: each has states of its own
	Warn    func(string) // is told why nothing can be kept, or what was damaged
}

// A Cache is a folder of states. It is safe for concurrent use; what it hands out,
// a [Lane] or a [Scan], serves one goroutine.
type Cache struct {
	*shared
	o Options
}

// shared is what a cache has in common with those of [Cache.Warning].
type shared struct {
	dir    string
	failed atomic.Bool  // writing failed: don't try again
	wrote  atomic.Int64 // bytes since the cache was last held to its limit
	codec  codec
}

// New returns the cache in a folder, which need not be there yet.
func New(dir string, o Options) *Cache {
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	return &Cache{shared: &shared{dir: dir}, o: o}
}

// Warning returns the same cache, with another receiver for its warnings.
func (c *Cache) Warning(warn func(string)) *Cache {
	other := *c
	other.o.Warn = warn
	return &other
}

// Dir returns the cache's folder.
func (c *Cache) Dir() string { return c.dir }

func (c *Cache) root() string { return filepath.Join(c.dir, folder) }

// fail gives up writing, and says so once.
func (c *Cache) fail(err error) {
	if c.failed.CompareAndSwap(false, true) {
		c.o.Warn(fmt.Sprintf("no states can be kept in %s: %v; answers are the same, only not faster next time", c.dir, cause(err)))
	}
}

// cause leaves out the names of our own files.
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

// About says what a drawer of the cache is for: a timeline under a fold, or a
// scan.
type About struct {
	Store    string `json:"store"`
	Timeline string `json:"timeline"` // of a scan, which part of the store; empty: all
	Fold     string `json:"fold"`

	Asked []string `json:"asked,omitempty"` // by a scan
}

// Kept is what the cache holds of one timeline under one fold, or of one scan.
type Kept struct {
	About
	States int
	Scan   bool // what a scan found
	Bytes  int64
	Used   time.Time // last

	dir string
}

// Kept lists what the cache holds, least recently used first.
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
		if !d.IsDir() || !isDrawerName(d.Name()) {
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
			_ = json.Unmarshal(b, &k.About) // what can't be read stays empty
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
		_ = os.Remove(filepath.Join(k.dir, f.Name())) // the rest of a run that was killed
	}
}

func isDrawerName(s string) bool {
	return len(s) == drawerName && strings.Trim(s, "0123456789abcdef") == ""
}

// Clear removes all states and scans, and nothing else.
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

// remove removes the drawer, but no file that is not ours.
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

// Close holds the cache to its limit and releases its memory. It can be used
// afterwards all the same.
func (c *Cache) Close() error {
	c.codec.close()
	return c.Hold()
}

// Hold holds the cache to its limit, if something was written since the last time.
func (c *Cache) Hold() error {
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
	for _, k := range all { // to three quarters, so that the next run need not do it again
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

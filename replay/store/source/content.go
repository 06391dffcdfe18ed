package source

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// maxBeside is the maximum size of a file next to the store that is read to identify its
// contents.
const maxBeside = 16 << 20

// commitAge is the age from which a commit in a -wal is certain to be seen: its writer waits
// for the disk between writing it and telling readers of it. Until then they see the
// database without it, although the files have their final content.
const commitAge = 2 * time.Second

// ContentID identifies the current contents of a store's files. A write changes a file's
// size, change time or header. The id is empty if it is not reliable, as for a file that
// was written to a moment ago.
//
// For files next to the store, the change time means nothing: SQLite run by root sets the
// owner of a -wal whenever it opens one. These files are read instead, up to a size.
func ContentID(f *os.File, companions ...string) string {
	files := []*os.File{f}
	for _, path := range companions {
		b, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return ""
		}
		defer b.Close() //nolint:errcheck // only read
		files = append(files, b)
	}
	type part struct {
		Name, File string
		Head       []byte
		Sum        []byte // of a file next to the store
	}
	parts := make([]part, 0, len(files))
	for i, f := range files {
		info, err := f.Stat()
		if err != nil {
			return ""
		}
		id, changed, ok := fileID(info)
		p := part{Name: filepath.Base(f.Name())}
		if i > 0 {
			changed = info.ModTime()
			if info.Size() > 0 && time.Since(changed) < commitAge {
				return ""
			}
			if p.Sum = sumOf(f); p.Sum == nil {
				return ""
			}
		}
		if !ok || time.Since(changed) < RacyAge || time.Since(info.ModTime()) < RacyAge {
			return ""
		}
		id += fmt.Sprintf(" %d %d %d", info.Size(), info.ModTime().UnixNano(), changed.UnixNano())
		head := make([]byte, HeaderSize)
		n, err := f.ReadAt(head, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return ""
		}
		p.File, p.Head = id, head[:n]
		parts = append(parts, p)
	}
	return idText(parts)
}

// sumOf returns a hash of a file's contents, or nil if it is too large or unreadable.
func sumOf(f *os.File) []byte {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(f, 0, maxBeside+1))
	if err != nil || n > maxBeside {
		return nil
	}
	return h.Sum(nil)
}

// StoreID identifies a store by its path and all options that affect how it is read.
func StoreID(path, dialect string, o *Options) string {
	return idText(struct {
		Path, Dialect, Table string
		Map                  map[string]string
		Metadata             Metadata
		Context, Clock, Zone string
		Query                string `json:",omitempty"`
	}{path, dialect, o.Table, o.Map, o.Metadata, o.Context, o.Clock, o.zoneName(), o.Query})
}

func idText(v any) string {
	b, err := json.Marshal(v) // sorts the keys of maps
	if err != nil {
		return ""
	}
	return string(b)
}

const (
	BusyWait = 2 * time.Second
	// RacyAge is the age from which a later write is certain to change a file's time,
	// because file systems count time in steps.
	RacyAge = 20 * time.Millisecond
	// SettleTries limits how often to wait for that age if a file is written to constantly.
	SettleTries = 25
	CopyTries   = 5
	HeaderSize  = 100
)

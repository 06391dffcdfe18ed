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

// maxBeside bounds the bytes of a file beside the store that are read to tell what
// it holds.
const maxBeside = 16 << 20

// ContentID identifies what the files of a store hold, now: a file that is
// written to has another size, time of change or header. It is empty where that
// is not sure, as for a file that was written to a moment ago.
//
// Of the files beside the store the time of change says nothing: SQLite run by root
// sets the owner of a -wal anew each time it opens it. They are read, and a larger
// one can't be told.
func ContentID(f *os.File, beside ...string) string {
	files := []*os.File{f}
	for _, path := range beside {
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
		Sum        []byte // of a file beside the store
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

// sumOf is a sum over all that a file holds; nil where that is too much, or can't
// be read.
func sumOf(f *os.File) []byte {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(f, 0, maxBeside+1))
	if err != nil || n > maxBeside {
		return nil
	}
	return h.Sum(nil)
}

// StoreID identifies a store by its path and by all that says how it is read.
func StoreID(path, dialect string, o *Options) string {
	return idText(struct {
		Path, Dialect, Table string
		Map                  map[string]string
		Metadata             Metadata
		Context, Clock, Zone string
	}{path, dialect, o.Table, o.Map, o.Metadata, o.Context, o.Clock, o.zoneName()})
}

func idText(v any) string {
	b, err := json.Marshal(v) // with the keys of maps in order
	if err != nil {
		return ""
	}
	return string(b)
}

const (
	BusyWait = 2 * time.Second
	// RacyAge is how old a file's time must be before a later write is sure to
	// change it: file systems count time in steps.
	RacyAge = 20 * time.Millisecond
	// SettleTries bounds the wait for that, where a file is written to all the time.
	SettleTries = 25
	CopyTries   = 5
	HeaderSize  = 100
)

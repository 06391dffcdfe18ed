package audit

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"asof/replay"

	"golang.org/x/mod/sumdb/tlog"
)

// A tileWriter builds the tiles of a growing tree and writes the new ones.
type tileWriter struct {
	log    *sealLog
	find   func(kind Kind, file, entry, format string, a ...any)
	begin  func() error // before the first tile of a new log
	old    int64        // sealed leaves: their tiles must exist
	levels [][]byte
	counts []int64 // number of hashes of each level so far
	data   []byte
}

// add adds the hashes that a leaf completes, and its record.
func (w *tileWriter) add(hs []tlog.Hash, record []byte) error {
	n := int64(0)
	if len(w.counts) > 0 {
		n = w.counts[0]
	}
	msg, err := tlog.FormatRecord(n, record)
	if err != nil {
		return err
	}
	w.data = append(w.data, msg...)
	for level := 0; level*tileHeight < len(hs); level++ {
		if level == len(w.levels) {
			w.levels, w.counts = append(w.levels, nil), append(w.counts, 0)
		}
		w.levels[level] = append(w.levels[level], hs[level*tileHeight][:]...)
		w.counts[level]++
		if w.counts[level]&(1<<tileHeight-1) == 0 {
			if err := w.full(level); err != nil {
				return err
			}
		}
	}
	return nil
}

// full writes a full tile.
func (w *tileWriter) full(level int) error {
	t := tlog.Tile{H: tileHeight, L: level, N: w.counts[level]>>tileHeight - 1, W: 1 << tileHeight}
	if err := w.tile(t, w.levels[level]); err != nil {
		return err
	}
	w.levels[level] = w.levels[level][:0]
	if level == 0 {
		w.data = w.data[:0]
	}
	return nil
}

// tile compares a tile with the existing file, or writes it if there is none. An
// existing file was sealed earlier, was left by an interrupted run, or belongs to
// another history.
func (w *tileWriter) tile(t tlog.Tile, hashes []byte) error {
	if err := w.begin(); err != nil {
		return err
	}
	if err := w.compareOrWrite(t, hashes); err != nil || t.L > 0 {
		return err
	}
	t.L = -1
	return w.compareOrWrite(t, w.data)
}

func (w *tileWriter) compareOrWrite(t tlog.Tile, want []byte) error {
	w.partials(t, want)
	got, err := w.log.read(t)
	switch {
	case err == nil && bytes.Equal(got, want):
		return nil
	case err == nil:
		w.find(Manipulated, sealLogName, t.Path(), "its leaves are not the store's: it was changed, or the log was started over")
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		w.find(Unreadable, sealLogName, t.Path(), "%v", err)
		return nil
	case leavesOf(t) <= w.old:
		w.find(Missing, sealLogName, t.Path(), "it was sealed and is missing")
		return nil
	}
	return w.log.write(t.Path(), want)
}

// partials compares the existing partial tiles that the tile grew from.
func (w *tileWriter) partials(t tlog.Tile, want []byte) {
	part := t
	part.W = 1
	dir := filepath.Dir(filepath.Join(w.log.dir, filepath.FromSlash(part.Path())))
	entries, _ := os.ReadDir(dir) // usually it does not exist
	for _, e := range entries {
		path := strings.TrimSuffix(part.Path(), "1") + e.Name()
		p, err := tlog.ParseTilePath(path)
		if err != nil || p.W >= t.W {
			continue // beyond reports it
		}
		got, err := w.log.read(p)
		if err != nil || !bytes.HasPrefix(want, got) || t.L >= 0 && len(got) != p.W*tlog.HashSize {
			w.find(Manipulated, sealLogName, path, "its leaves are not the store's: it was changed, or the log was started over")
		}
	}
}

// leavesOf returns the size of the smallest tree that has the tile.
func leavesOf(t tlog.Tile) int64 {
	return (t.N<<tileHeight + int64(t.W)) << (tileHeight * max(t.L, 0))
}

// complete reports missing tiles at the right edge of the sealed tree.
func (w *tileWriter) complete() {
	for level := 0; w.old>>(tileHeight*level) > 0; level++ {
		n := w.old >> (tileHeight * level)
		t := tlog.Tile{H: tileHeight, L: level, N: n >> tileHeight, W: int(n & (1<<tileHeight - 1))}
		if t.W == 0 {
			continue
		}
		if _, err := os.Lstat(filepath.Join(w.log.dir, filepath.FromSlash(t.Path()))); err != nil {
			w.find(Missing, sealLogName, t.Path(), "it was sealed and is missing")
		}
	}
}

// beyond reports tiles of a larger tree than the store's, and files that are not
// tiles.
func (w *tileWriter) beyond(size int64) error {
	root := filepath.Join(w.log.dir, "tile")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || isUnfinished(d.Name()) {
			return err
		}
		rel, err := filepath.Rel(w.log.dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		t, err := tlog.ParseTilePath(name)
		switch {
		case err != nil || t.H != tileHeight || t.L >= 8:
			w.find(Manipulated, sealLogName, name, "it is not part of a seal log")
		case leavesOf(t) > size:
			w.find(RolledBack, sealLogName, name, "it belongs to a log of %s, but the store has only %s", replay.Counted(leavesOf(t), "leaf", "leaves"), replay.Counted(size, "event", "events"))
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return writeError(w.log.dir, err)
}

// flush writes the partial tiles.
func (w *tileWriter) flush() error {
	for level, hashes := range w.levels {
		if len(hashes) == 0 {
			continue
		}
		t := tlog.Tile{H: tileHeight, L: level, N: w.counts[level] >> tileHeight, W: len(hashes) / tlog.HashSize}
		if err := w.tile(t, hashes); err != nil {
			return err
		}
	}
	return nil
}

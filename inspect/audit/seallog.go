package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
)

// tileHeight is the height of the tiles: 256 hashes each.
const tileHeight = 8

// maxTile bounds a data tile, in bytes.
const maxTile = 64 << 20

// A sealLog is the folder of a seal log:
//
//	checkpoint          the newest
//	checkpoints/SIZE    each that was ever signed
//	tile/8/…            hashes and, as tile/8/data/…, records
//
// Tiles are written first and the checkpoint last, so that a run that is cut off
// leaves what was sealed before.
type sealLog struct {
	dir  string
	text []byte // of the checkpoint; nil in a new log
}

const sealCheckpoint, sealCheckpoints = "checkpoint", "checkpoints"

func openLog(dir string) (*sealLog, error) {
	l := &sealLog{dir: dir}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l, nil
	case err == nil && !info.IsDir():
		err = errors.New("it is no folder")
	}
	if err == nil {
		l.text, err = readSmall(filepath.Join(dir, sealCheckpoint), maxCheckpoint)
		if errors.Is(err, fs.ErrNotExist) {
			err = l.isNew()
		}
	}
	if err != nil {
		return nil, &replay.StoreError{Path: dir, Op: "open", Err: bareError(err), Next: "name the folder of a seal log, or one that is not there yet"}
	}
	return l, nil
}

// isNew reports an error unless nothing was sealed here before.
func (l *sealLog) isNew() error {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != "tile" { // what a first run left that was cut off
			return fmt.Errorf("it holds %s and no checkpoint", e.Name())
		}
	}
	return nil
}

// checkpoint verifies the newest checkpoint, and that none that was signed is
// newer.
func (l *sealLog) checkpoint(k *Key, v *Verified) (*Checkpoint, error) {
	if l.text == nil {
		var t tree
		root, err := t.root()
		return &Checkpoint{Origin: k.Name(), Root: root}, err
	}
	verifier, err := ParseVerifier(k.vkey)
	if err != nil {
		return nil, err
	}
	c, err := OpenCheckpoint(l.text, verifier)
	if errors.Is(err, errWrongKey) {
		return nil, &replay.StoreError{Path: l.dir, Op: "open", Err: errors.New("it was sealed with another key"), Next: "give the key it was sealed with: the salts come from it"}
	}
	if err != nil {
		return nil, &replay.StoreError{Path: l.dir, Op: "open", Err: fmt.Errorf("its checkpoint: %w", err), Next: "restore it from where you keep copies; checkpoints/ has all that were signed"}
	}
	entries, err := os.ReadDir(filepath.Join(l.dir, sealCheckpoints))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, writeError(l.dir, err)
	}
	for _, e := range entries {
		if n, err := strconv.ParseInt(e.Name(), 10, 64); err == nil && n > c.Size {
			v.find(RolledBack, "the seal log", sealCheckpoint, "it is of %d leaves, and one of %d was signed", c.Size, n)
		}
	}
	return c, nil
}

func (l *sealLog) read(t tlog.Tile) ([]byte, error) {
	return readSmall(filepath.Join(l.dir, filepath.FromSlash(t.Path())), maxTile)
}

// publish makes a checkpoint the newest.
func (l *sealLog) publish(text []byte, size int64) error {
	if err := l.write(sealCheckpoint, text); err != nil {
		return err
	}
	return l.write(sealCheckpoints+"/"+strconv.FormatInt(size, 10), text)
}

// write writes a file aside and gives it its name when it is whole.
func (l *sealLog) write(name string, data []byte) error {
	path := filepath.Join(l.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return writeError(l.dir, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".unfinished-*")
	if err != nil {
		return writeError(l.dir, err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = fsync(f)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return writeError(l.dir, err)
}

// A tileWriter collects the tiles of a tree that grows, and writes those that are
// new.
type tileWriter struct {
	log    *sealLog
	old    int64 // leaves that are sealed: full tiles of these are there
	levels [][]byte
	counts []int64 // hashes of each level so far
	data   []byte
}

// add takes in the hashes that a leaf completes, and its record.
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

// full writes a tile that is full, unless it was before.
func (w *tileWriter) full(level int) error {
	t := tlog.Tile{H: tileHeight, L: level, N: w.counts[level]>>tileHeight - 1, W: 1 << tileHeight}
	if w.counts[level] > w.old>>(tileHeight*level) {
		if err := w.tile(t, w.levels[level]); err != nil {
			return err
		}
	}
	w.levels[level] = w.levels[level][:0]
	if level == 0 {
		w.data = w.data[:0]
	}
	return nil
}

func (w *tileWriter) tile(t tlog.Tile, hashes []byte) error {
	if err := w.log.write(t.Path(), hashes); err != nil {
		return err
	}
	if t.L > 0 {
		return nil
	}
	t.L = -1
	return w.log.write(t.Path(), w.data)
}

// flush writes the tiles that are not full.
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

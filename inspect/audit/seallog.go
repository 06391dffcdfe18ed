package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/fault"
)

// tileHeight is the height of the tiles: 256 hashes each.
const tileHeight = 8

// maxTile is the maximum size of a data tile in bytes.
const maxTile = 64 << 20

// A sealLog is the folder of a seal log:
//
//	checkpoint          the newest checkpoint
//	checkpoints/SIZE    every signed checkpoint
//	tile/8/…            hashes and, in tile/8/data/…, records
//
// Tiles are written first and the checkpoint last, so that an interrupted run leaves
// the sealed events intact. A checkpoint of no leaves is written before the first
// tile.
type sealLog struct {
	dir  string
	text []byte // of the checkpoint; nil in a new log

	orphaned string // a file of a log that has lost its checkpoint; empty if there is none
	earlier  []earlierRoot
}

// An earlierRoot is the root that the tree had at a size.
type earlierRoot struct {
	name string // the checkpoint that states it
	size int64
	root tlog.Hash
}

// sealLogName names the log in findings.
const sealLogName = "the seal log"

const sealCheckpoint, sealCheckpoints = "checkpoint", "checkpoints"

func openLog(dir string) (*sealLog, error) {
	l := &sealLog{dir: dir}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l, nil
	case err == nil && !info.IsDir():
		err = errors.New("it is not a folder")
	}
	if err == nil {
		l.text, err = readSmall(filepath.Join(dir, sealCheckpoint), maxCheckpoint)
		if errors.Is(err, fs.ErrNotExist) {
			err = l.checkNew()
		}
	}
	if err != nil {
		return nil, &replay.StoreError{Path: dir, Op: "open", Err: bareError(err), Next: fault.Try("name the folder of a seal log, or one that does not exist yet")}
	}
	return l, nil
}

// checkNew returns an error for a folder without a checkpoint that contains other
// files. If they belong to a seal log, it sets orphaned instead: an interrupted run
// never leaves such a log, since it writes a checkpoint before any tile.
func (l *sealLog) checkNew() error {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case isUnfinished(e.Name()):
		case e.Name() == "tile" || e.Name() == sealCheckpoints:
			l.orphaned = e.Name()
		default:
			return fmt.Errorf("it contains %s but no checkpoint", e.Name())
		}
	}
	return nil
}

// isUnfinished reports whether a file is the leftover of an interrupted run.
func isUnfinished(name string) bool { return strings.HasPrefix(name, ".unfinished-") }

// checkpoint verifies the newest checkpoint and compares it with all signed ones.
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
		return nil, &replay.StoreError{Path: l.dir, Op: "open", Err: errors.New("it was sealed with another key"), Next: fault.Try("give the key it was sealed with: the salts come from it")}
	}
	if err != nil {
		return nil, &replay.StoreError{Path: l.dir, Op: "open", Err: fmt.Errorf("its checkpoint: %w", err), Next: fault.Try("restore it from a backup; checkpoints/ has every signed checkpoint")}
	}
	return c, l.signed(verifier, c, v)
}

// signed reads the signed checkpoints and reports those that are newer than the
// newest or were changed.
func (l *sealLog) signed(key Verifier, newest *Checkpoint, v *Verified) error {
	entries, err := os.ReadDir(filepath.Join(l.dir, sealCheckpoints))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writeError(l.dir, err)
	}
	kept := 0
	for _, e := range entries {
		name := sealCheckpoints + "/" + e.Name()
		if isUnfinished(e.Name()) {
			continue
		}
		kept++
		text, err := readSmall(filepath.Join(l.dir, filepath.FromSlash(name)), maxCheckpoint)
		var c *Checkpoint
		if err == nil {
			c, err = OpenCheckpoint(text, key)
		}
		switch {
		case err != nil:
			v.find(Manipulated, sealLogName, name, "%v", err)
		case strconv.FormatInt(c.Size, 10) != e.Name():
			v.find(Manipulated, sealLogName, name, "it has %s", replay.Counted(c.Size, "leaf", "leaves"))
		case c.Size > newest.Size:
			v.find(RolledBack, sealLogName, sealCheckpoint, "it has %s, but one with %d was signed", replay.Counted(newest.Size, "leaf", "leaves"), c.Size)
		default:
			l.earlier = append(l.earlier, earlierRoot{name, c.Size, c.Root})
		}
	}
	// The checkpoint of no leaves is not among them.
	if kept == 0 && newest.Size > 0 {
		v.find(Missing, sealLogName, sealCheckpoints, "all signed checkpoints are missing")
	}
	return nil
}

func (l *sealLog) read(t tlog.Tile) ([]byte, error) {
	return readSmall(filepath.Join(l.dir, filepath.FromSlash(t.Path())), maxTile)
}

// publish writes a checkpoint as the newest and adds it to the signed ones.
func (l *sealLog) publish(text []byte, size int64) error {
	if err := l.write(sealCheckpoint, text); err != nil {
		return err
	}
	return l.write(sealCheckpoints+"/"+strconv.FormatInt(size, 10), text)
}

// write writes a file atomically: to a temporary file, which it renames.
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

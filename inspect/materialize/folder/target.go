package folder

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"asof/inspect/materialize"
	"asof/inspect/materialize/aside"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fault"
)

// A Target is a shard of a read model in a folder.
type Target struct {
	root  string // the folder
	shown string // as the user wrote it
	shard replay.Shard
	part  string // the folder of the shard
	was   []byte // its manifest when it was first read; nil: there is none
	trail *trail
}

var _ materialize.Trailer = (*Target)(nil)

// Open returns a shard of a folder, which need not exist. shown is the path as the user
// wrote it.
func Open(path, shown string, shard replay.Shard) (*Target, error) {
	t := &Target{root: filepath.Clean(path), shown: shown, shard: shard}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		t.root = real
	}
	if strings.ContainsRune(t.root, 0) {
		return nil, t.refuse("no folder has such a name", fault.Remedy{})
	}
	t.part = filepath.Join(t.root, partName(max(shard.Index, 1), t.of()))
	return t, nil
}

func (t *Target) of() int { return max(t.shard.Of, 1) }

func (t *Target) refuse(why string, next fault.Remedy) error {
	return &materialize.RefusedError{Target: t.shown, Why: why, Next: next}
}

// wrong is the error of a folder that cannot be used.
func (t *Target) wrong(op string, err error) error {
	return &replay.StoreError{Path: t.shown, Op: op, Err: err, Next: fault.Try("check that the disk has room and that the folder is writable")}
}

// Close implements materialize.Target.
func (t *Target) Close() error {
	t.trail.close()
	t.trail = nil
	return nil
}

// Typed implements materialize.Target: the types of a file follow its own values.
func (*Target) Typed() bool { return false }

// partPattern are the names of the folders of shards.
var partPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[1-9][0-9]*-of-([1-9][0-9]*)$`) })

// Checkpoint implements materialize.Target.
func (t *Target) Checkpoint(ctx context.Context) (*materialize.Checkpoint, error) {
	aside.Clean(t.part)
	aside.Clean(filepath.Join(t.root, manifestName))
	if err := t.ours(); err != nil {
		return nil, err
	}
	m, text, err := readManifest(t.part)
	if err != nil {
		return nil, t.wrong("read", err)
	}
	if m == nil {
		return nil, nil
	}
	t.was = text
	if m.Checkpoint == nil {
		return nil, t.notOurs(filepath.Base(t.part))
	}
	if _, err := os.Lstat(filepath.Join(t.root, manifestName)); errors.Is(err, fs.ErrNotExist) {
		if err := t.settle(ctx); err != nil {
			return nil, t.wrong("write", err)
		}
	}
	return m.Checkpoint, nil
}

// ours refuses a folder with files that asof did not write, or with other shards: a reader
// of all its files would read rows twice.
func (t *Target) ours() error {
	info, err := os.Stat(t.root)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Dir(t.root)); err != nil {
			return t.refuse("the folder around it does not exist", fault.Try("name a folder in one that exists"))
		}
		return nil
	}
	if err != nil {
		return t.wrong("read", err)
	}
	if !info.IsDir() {
		return t.refuse("it is not a folder", fault.Try("name a folder"))
	}
	entries, err := os.ReadDir(t.root)
	if err != nil {
		return t.wrong("read", err)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".unfinished-") || name == manifestName {
			continue
		}
		match := partPattern().FindStringSubmatch(name)
		if match == nil {
			return t.notOurs(name)
		}
		if m, _, err := readManifest(filepath.Join(t.root, name)); m == nil || err != nil || m.Checkpoint == nil {
			return t.notOurs(name)
		}
		if of := partName(1, t.of()); !strings.HasSuffix(of, "-"+match[1]) {
			return t.refuse("it has the part "+name+", and the store is now divided by "+strings.TrimPrefix(of, "1-of-"), fault.Try("name another folder, or remove that one"))
		}
	}
	return nil
}

func (t *Target) notOurs(name string) error {
	return t.refuse("asof did not write "+name+" in it", fault.Try("name another folder"))
}

// Heads implements materialize.Target.
func (t *Target) Heads(context.Context) iter.Seq2[materialize.Head, error] {
	return func(yield func(materialize.Head, error) bool) {
		f, err := os.Open(filepath.Join(t.part, headsName))
		if err != nil {
			yield(materialize.Head{}, t.wrong("read", err))
			return
		}
		defer f.Close() //nolint:errcheck // only read
		d := json.NewDecoder(bufio.NewReaderSize(f, 1<<16))
		for {
			var line [2][]byte // JSON has no bytes that are not UTF-8, and ids may
			err := d.Decode(&line)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				err = t.wrong("read", err)
			}
			if !yield(materialize.Head{Stream: replay.StreamID(line[0]), Text: string(line[1])}, err) || err != nil {
				return
			}
		}
	}
}

// Trail implements materialize.Trailer.
func (t *Target) Trail() (query.Trail, error) {
	t.trail.close()
	var err error
	t.trail, err = newTrail()
	return t.trail, err
}

package project

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/exec"
	"asof/replay/fold/js"
	"asof/replay/place"
)

// OpenOptions say how to open a projection.
type OpenOptions struct {
	// AllowExec lets the project file run a command. The user must allow it, since
	// the file may be in the current folder by chance.
	AllowExec bool

	Script js.Limits    // for scripts
	Exec   exec.Options // for commands; the project sets Dir and Name
}

// Open returns the reducer of a projection and its upcaster, nil if it has none. Each
// call returns new ones, so that several folds can run at once; scripts are read only
// once. An unreadable file or a command that is not allowed is an [Error], a script
// that does not compile a [js.SyntaxError].
func (j *Projection) Open(o OpenOptions) (replay.Reducer, replay.Upcaster, error) {
	up, err := j.upcaster(o)
	if err != nil {
		return nil, nil, err
	}
	r, err := j.reducer(o)
	if err != nil {
		return nil, nil, err
	}
	return r, up, nil
}

func (j *Projection) upcaster(o OpenOptions) (replay.Upcaster, error) {
	var all upcasters
	for i, name := range j.Upcast {
		src, err := j.read(name, "upcast", i)
		if err != nil {
			return nil, err
		}
		u, err := js.LoadUpcaster(name, src, o.Script)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return all, nil
}

func (j *Projection) reducer(o OpenOptions) (replay.Reducer, error) {
	switch j.Kind {
	case KindScript:
		src, err := j.read(j.Fold, "fold", -1)
		if err != nil {
			return nil, err
		}
		r, err := js.Load(j.Fold, src, o.Script)
		if err != nil {
			return nil, err
		}
		return r, nil
	case KindCommand:
		if !o.AllowExec {
			return nil, j.doc.fault(j.at.key("fold"),
				fmt.Sprintf("projection %q runs a command, which a project file may not do unless you allow it", j.Name),
				fmt.Sprintf("set ASOF_ALLOW_EXEC=1 to allow it, or name the command itself as the fold: '%s'", j.Fold))
		}
		x := o.Exec
		x.Dir, x.Name = j.dir, j.Fold
		return exec.New(j.command, x), nil
	default:
		return fold.Merge(), nil
	}
}

// Hash identifies what the projection does to events: the SHA-256, in hex, of its
// fold, its scripts and its array keys. For a command it covers only the command
// line and not the program, so it does not show whether a command's states are
// fresh.
func (j *Projection) Hash() (string, error) {
	h := sha256.New()
	add := func(s string) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(s))) // writing to a hash never fails
		h.Write([]byte(s))
	}
	add("asof projection 1")
	switch j.Kind {
	case KindMerge:
		add("merge")
	case KindScript:
		src, err := j.read(j.Fold, "fold", -1)
		if err != nil {
			return "", err
		}
		add("script")
		add(src)
	case KindCommand:
		add("command")
		for _, word := range j.command {
			add(word)
		}
	}
	add("upcast")
	for i, name := range j.Upcast {
		src, err := j.read(name, "upcast", i)
		if err != nil {
			return "", err
		}
		add(src)
	}
	add("array keys")
	for _, key := range j.ArrayKeys {
		add(key)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// read returns the text of the script that the key names, in element i of the key's
// list unless i is -1. It reads each script once, so that a fold does not change
// during a question.
func (j *Projection) read(name, key string, i int) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if src, ok := j.sources[name]; ok {
		return src, nil
	}
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = place.Join(j.dir, path)
	}
	src, err := readFile(path, maxSourceSize)
	if err != nil {
		at := j.at.key(key)
		if element := at.index(i); j.doc.valueAt[element] > 0 {
			at = element
		}
		e := j.doc.fault(at, fmt.Sprintf("%s: %v", name, err), fmt.Sprintf("paths are relative to %s", j.dir))
		e.Err = err
		return "", e
	}
	j.sources[name] = string(src)
	return string(src), nil
}

// upcasters are applied in turn; each continues where another stopped.
type upcasters []replay.Upcaster

// Identity combines the identities of all upcasters, in order.
func (u upcasters) Identity() (id string, ok bool) {
	for _, one := range u {
		i, isOne := one.(replay.Identifier)
		if !isOne {
			return "", false
		}
		each, ok := i.Identity()
		if !ok {
			return "", false
		}
		id += each + "\n"
	}
	return id, true
}

// Upcast applies the upcasters until none of them raises the event's revision.
func (u upcasters) Upcast(e *replay.Event) error {
	for before := -1; e.Revision > before; {
		before = e.Revision
		for _, one := range u {
			if err := one.Upcast(e); err != nil {
				return err
			}
		}
	}
	return nil
}

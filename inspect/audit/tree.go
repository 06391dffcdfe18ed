package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A tree is an RFC 6962 tree that is built leaf by leaf. It keeps only its right
// edge, the last complete subtree of each level. All hashing is done by tlog.
type tree struct {
	size int64
	edge [64]tlog.Hash // by level
}

// add appends the hash of a leaf and returns the hashes of the subtrees that it
// completes: first the leaf's own, then level 1 and up.
func (t *tree) add(leaf tlog.Hash) ([]tlog.Hash, error) {
	hs, err := tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil {
		return nil, err
	}
	copy(t.edge[:], hs)
	t.size++
	return hs, nil
}

// root returns the hash of the tree so far.
func (t *tree) root() (tlog.Hash, error) { return tlog.TreeHash(t.size, t) }

// ReadHashes implements tlog.HashReader. The edge is enough for appending and for
// the root.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		if n != t.size>>level-1 {
			return nil, fmt.Errorf("hash %d of level %d is not on the edge", n, level)
		}
		out[i] = t.edge[level]
	}
	return out, nil
}

// A hashCollector is a tlog.HashReader in two passes: it first records the hashes
// that a proof needs, and returns them once they are known.
type hashCollector struct {
	want  map[int64]tlog.Hash
	known bool // want has the hashes
}

func (w *hashCollector) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if !w.known {
			w.want[x] = tlog.Hash{}
			continue
		}
		h, ok := w.want[x]
		if !ok {
			return nil, fmt.Errorf("hash %d was not collected", x)
		}
		out[i] = h
	}
	return out, nil
}

// proofs returns the inclusion proofs of the given leaves, and the root of the tree.
// It reads all hashes once and keeps only those of the proofs.
func proofs(size int64, leaves []int64, each func(func(tlog.Hash) error) error) ([]tlog.RecordProof, tlog.Hash, error) {
	w := &hashCollector{want: map[int64]tlog.Hash{}}
	for _, n := range leaves {
		if _, err := tlog.ProveRecord(size, n, w); err != nil {
			return nil, tlog.Hash{}, err
		}
	}
	var t tree
	next := int64(0)
	err := each(func(h tlog.Hash) error {
		hs, err := t.add(h)
		if err != nil {
			return err
		}
		for _, h := range hs {
			if _, ok := w.want[next]; ok {
				w.want[next] = h
			}
			next++
		}
		return nil
	})
	if err != nil {
		return nil, tlog.Hash{}, err
	}
	if t.size != size {
		return nil, tlog.Hash{}, fmt.Errorf("there are %d leaf hashes, not %d", t.size, size)
	}
	w.known = true
	out := make([]tlog.RecordProof, len(leaves))
	for i, n := range leaves {
		if out[i], err = tlog.ProveRecord(size, n, w); err != nil {
			return nil, tlog.Hash{}, err
		}
	}
	root, err := t.root()
	return out, root, err
}

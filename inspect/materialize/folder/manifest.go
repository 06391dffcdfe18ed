package folder

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"asof/inspect/materialize"
	"asof/inspect/materialize/aside"
	"asof/replay"
)

const (
	manifestName = "manifest.json"
	headsName    = "streams.ndjson"
)

// A manifest says what files are: those of a shard, or of all shards.
type manifest struct {
	Projection string  `json:"projection"`
	Fold       *string `json:"fold"` // identifies it; null: nothing does
	AsOf       string  `json:"as_of"`
	Position   *int64  `json:"position"`
	Time       *string `json:"time"`
	Shard      string  `json:"shard,omitempty"` // of one shard
	Shards     int     `json:"shards"`
	States     int64   `json:"states"` // rows
	History    int64   `json:"history"`
	Changes    int64   `json:"changes"`

	Checkpoint *materialize.Checkpoint `json:"checkpoint,omitempty"` // of one shard: what a later run continues
}

func manifestOf(c *materialize.Checkpoint, s replay.Shard) *manifest {
	m := &manifest{
		Projection: c.Projection, AsOf: cmp.Or(c.AsOf, "head"), Position: c.Position,
		Shard: shardText(s), Shards: max(s.Of, 1), States: c.Rows, History: c.History, Changes: c.Changes, Checkpoint: c,
	}
	if c.Fold != "" {
		m.Fold = &c.Fold
	}
	if c.Time != "" {
		m.Time = &c.Time
	}
	return m
}

// shardText is a shard, the whole too.
func shardText(s replay.Shard) string {
	if s.IsAll() {
		return "1/1"
	}
	return s.String()
}

func (m *manifest) encode() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	return append(b, '\n'), err
}

// readManifest reads the manifest of a shard; nil: there is no such shard.
func readManifest(dir string) (*manifest, []byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	var m manifest
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	return &m, text, err
}

// partName is the folder of a shard.
func partName(i, of int) string { return strconv.Itoa(i) + "-of-" + strconv.Itoa(of) }

// settle unites the shards and writes their manifest if all are there and of the same moment,
// and removes it otherwise. Processes of several shards may do so at once: the one that
// writes it looks again, and one that replaces a shard settles afterwards.
func (t *Target) settle(ctx context.Context) error {
	for {
		all, err := t.sum()
		if err == nil && all != nil {
			err = t.unite(ctx)
			if errors.Is(err, fs.ErrNotExist) {
				all, err = nil, nil // another process replaces a shard, and settles afterwards
			}
		}
		if err != nil {
			return err
		}
		path := filepath.Join(t.root, manifestName)
		if all == nil {
			return ignoreMissing(os.Remove(path))
		}
		text, err := all.encode()
		if err != nil {
			return err
		}
		if now, err := os.ReadFile(path); err == nil && bytes.Equal(now, text) {
			return nil
		}
		if err := replaceFile(path, text); err != nil {
			return err
		}
	}
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// sum is the manifest of all shards; nil: one lacks, or is of another moment or fold.
func (t *Target) sum() (*manifest, error) {
	var all *manifest
	for i := range t.of() {
		m, _, err := readManifest(filepath.Join(t.root, partName(i+1, t.of())))
		if m == nil || m.Checkpoint == nil || err != nil {
			return nil, err
		}
		if all == nil {
			first := *m
			all = &first
			all.States, all.History, all.Changes = 0, 0, 0
		}
		if !alike(all.Checkpoint, m.Checkpoint) {
			return nil, nil
		}
		all.States += m.States
		all.History += m.History
		all.Changes += m.Changes
	}
	all.Shard, all.Checkpoint = "", nil
	return all, nil
}

// alike reports whether two shards are parts of one whole.
func alike(a, b *materialize.Checkpoint) bool {
	same := a.Position == nil && b.Position == nil || a.Position != nil && b.Position != nil && *a.Position == *b.Position
	return same && a.Format == b.Format && a.Release == b.Release && a.Store == b.Store && a.Projection == b.Projection &&
		a.Fold == b.Fold && a.AsOf == b.AsOf && a.Time == b.Time
}

// replaceFile writes a file as a whole.
func replaceFile(path string, text []byte) error {
	f, err := aside.Make(path)
	if err != nil {
		return err
	}
	defer f.Remove()
	if err := os.WriteFile(f.Next(), text, 0o666); err != nil {
		return err
	}
	return os.Rename(f.Next(), path)
}

package wire

import (
	"time"

	"asof/inspect/check"
	"asof/replay"
)

// Cache is the content of the cache; if cleared, the content that was removed.
type Cache struct {
	Path    string       `json:"path"`
	Limit   int64        `json:"limit"` // bytes
	Bytes   int64        `json:"bytes"`
	States  int          `json:"states"`
	Cleared bool         `json:"cleared"`
	Kept    []KeptStates `json:"kept"`
	Scans   []KeptScan   `json:"scans"`

	// All that there are, of which a page lists some.
	KeptCount int    `json:"kept_count"`
	ScanCount int    `json:"scan_count"`
	Cursor    string `json:"cursor,omitempty"` // only if the lists are cut
}

// KeptStates are the cached states of a timeline under a fold.
type KeptStates struct {
	Store      string    `json:"store"`
	Timeline   string    `json:"timeline"`
	Projection string    `json:"projection"`
	States     int       `json:"states"`
	Bytes      int64     `json:"bytes"`
	Used       time.Time `json:"used"` // last
}

// A KeptScan is what a scan of a store found: the cached answer of a check, or the columns
// of a table of states.
type KeptScan struct {
	Store      string    `json:"store"`
	Shard      *string   `json:"shard"` // null: all streams
	Invariants []string  `json:"invariants"`
	Columns    *string   `json:"columns"` // the table; null: it is a check
	Bytes      int64     `json:"bytes"`
	Used       time.Time `json:"used"` // last
}

// NewCache sums up the content of the cache.
func NewCache(path string, limit int64, cleared bool, kept []KeptStates, scans []KeptScan) Cache {
	c := Cache{Path: path, Limit: limit, Cleared: cleared, Kept: append([]KeptStates{}, kept...), Scans: append([]KeptScan{}, scans...)}
	for i := range c.Kept {
		c.States += c.Kept[i].States
		c.Bytes += c.Kept[i].Bytes
	}
	for i := range c.Scans {
		c.Bytes += c.Scans[i].Bytes
	}
	c.KeptCount, c.ScanCount = len(c.Kept), len(c.Scans)
	return c
}

// StatesProof is the comparison of the cached states of a timeline with a full replay.
type StatesProof struct {
	Stream string  `json:"stream"`
	States int     `json:"states"`
	Stale  int     `json:"stale"` // states of a history that the store no longer has
	Wrong  []int64 `json:"wrong"` // versions
}

// ScanProof is the comparison of what scans of a store left in the cache with new ones: the
// answer of a check, and the columns of tables.
type ScanProof struct {
	Position *int64       `json:"position"` // end of the cached check; null: no answer is cached
	Stale    bool         `json:"stale"`
	Wrong    bool         `json:"wrong"`
	Tables   []TableProof `json:"tables"` // that have cached columns
}

// TableProof is the comparison of the cached columns of a table with those of all states.
type TableProof struct {
	Table   string `json:"table"`
	Columns int    `json:"columns"` // that are cached, of members
	Stale   bool   `json:"stale"`   // the store has changed since
	Wrong   bool   `json:"wrong"`
}

// NewStatesProof converts the comparison of the cached states of a timeline.
func NewStatesProof(stream string, states, stale int, wrong []replay.Version) StatesProof {
	p := StatesProof{Stream: stream, States: states, Stale: stale, Wrong: make([]int64, len(wrong))}
	for i, v := range wrong {
		p.Wrong[i] = int64(v)
	}
	return p
}

// NewKeptScan converts the cached answer of a check of a shard, empty: all streams, or the
// columns of a table.
func NewKeptScan(store, shard string, invariants []string, table string, bytes int64, used time.Time) KeptScan {
	return KeptScan{Store: store, Shard: text(&shard), Invariants: texts(invariants), Columns: text(&table), Bytes: bytes, Used: used}
}

// NewScanProof converts the proofs of a check, nil: there is none, and of tables.
func NewScanProof(p *check.Proof, tables []TableProof) ScanProof {
	out := ScanProof{Tables: append([]TableProof{}, tables...)}
	if p != nil {
		out.Position, out.Stale, out.Wrong = (*int64)(p.Position), p.Stale, p.Wrong
	}
	return out
}

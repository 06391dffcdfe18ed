package wire

import (
	"time"

	"asof/inspect/check"
	"asof/replay"
)

// Cache is what is kept from run to run, or, once cleared, what was.
type Cache struct {
	Path    string       `json:"path"`
	Limit   int64        `json:"limit"` // bytes
	Bytes   int64        `json:"bytes"`
	States  int          `json:"states"`
	Cleared bool         `json:"cleared"`
	Kept    []KeptStates `json:"kept"`
	Scans   []KeptScan   `json:"scans"`
}

// KeptStates are the states that are kept of one timeline under one fold.
type KeptStates struct {
	Store      string    `json:"store"`
	Timeline   string    `json:"timeline"`
	Projection string    `json:"projection"`
	States     int       `json:"states"`
	Bytes      int64     `json:"bytes"`
	Used       time.Time `json:"used"` // last
}

// A KeptScan is what is kept of one check of a store.
type KeptScan struct {
	Store      string    `json:"store"`
	Shard      *string   `json:"shard"` // null: all streams
	Invariants []string  `json:"invariants"`
	Bytes      int64     `json:"bytes"`
	Used       time.Time `json:"used"` // last
}

// NewCache sums up what is kept.
func NewCache(path string, limit int64, cleared bool, kept []KeptStates, scans []KeptScan) Cache {
	c := Cache{Path: path, Limit: limit, Cleared: cleared, Kept: append([]KeptStates{}, kept...), Scans: append([]KeptScan{}, scans...)}
	for i := range c.Kept {
		c.States += c.Kept[i].States
		c.Bytes += c.Kept[i].Bytes
	}
	for i := range c.Scans {
		c.Bytes += c.Scans[i].Bytes
	}
	return c
}

// StatesProof is what a full replay says of the states that are kept of a timeline.
type StatesProof struct {
	Stream string  `json:"stream"`
	States int     `json:"states"`
	Stale  int     `json:"stale"` // of a history that the store no longer has
	Wrong  []int64 `json:"wrong"` // versions
}

// ScanProof is what a full check says of the last one, which is kept.
type ScanProof struct {
	Position *int64 `json:"position"` // up to which it was; null: nothing is kept
	Stale    bool   `json:"stale"`
	Wrong    bool   `json:"wrong"`
}

// NewStatesProof is what was found out of the states that are kept of a timeline.
func NewStatesProof(stream string, states, stale int, wrong []replay.Version) StatesProof {
	p := StatesProof{Stream: stream, States: states, Stale: stale, Wrong: make([]int64, len(wrong))}
	for i, v := range wrong {
		p.Wrong[i] = int64(v)
	}
	return p
}

// NewKeptScan is what is kept of a check of a shard, or of all streams where that is
// empty.
func NewKeptScan(store, shard string, invariants []string, bytes int64, used time.Time) KeptScan {
	return KeptScan{Store: store, Shard: text(&shard), Invariants: texts(invariants), Bytes: bytes, Used: used}
}

// NewScanProof is what was found out of the kept answer of a check.
func NewScanProof(p *check.Proof) ScanProof {
	return ScanProof{Position: (*int64)(p.Position), Stale: p.Stale, Wrong: p.Wrong}
}

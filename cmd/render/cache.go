package render

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"asof/inspect/wire"
)

// Cache prints the contents of the cache.
func (p *Printer) Cache(c wire.Cache) error {
	verb := "cached in"
	if c.Cleared {
		verb = "removed from"
	}
	p.text(count(int64(c.States), "state", "states"))
	if c.ScanCount > 0 {
		p.text(" and " + count(int64(c.ScanCount), "scan", "scans"))
	}
	p.text(safe(fmt.Sprintf(", %s, %s ", sizeText(c.Bytes), verb)))
	p.text(clean(c.Path))
	p.newline()
	if c.Cleared {
		return nil
	}
	return errors.Join(p.cachedStates(c), p.cachedScans(c))
}

func (p *Printer) cachedStates(c wire.Cache) error {
	if len(c.Kept) == 0 {
		return nil
	}
	g := grid{heads: []string{"stream", "projection", "states", "size", string(p.timeHead("last used", math.MaxInt)), "store"}, right: []bool{false, false, true, true, false, false}}
	for _, l := range lastUsedFirst(c.Kept, func(l wire.KeptStates) time.Time { return l.Used }) {
		g.add(clean(l.Timeline), clean(l.Projection), number(int64(l.States)), sizeText(l.Bytes), p.clock(l.Used), clean(l.Store))
	}
	return p.grid(g, 2)
}

func (p *Printer) cachedScans(c wire.Cache) error {
	if len(c.Scans) == 0 {
		return nil
	}
	g := grid{heads: []string{"scan", "shard", "size", string(p.timeHead("last used", math.MaxInt)), "store"}, right: []bool{false, false, true, false, false}}
	for _, s := range lastUsedFirst(c.Scans, func(s wire.KeptScan) time.Time { return s.Used }) {
		shard := safe("")
		if s.Shard != nil {
			shard = clean(*s.Shard)
		}
		what := clean(strings.Join(s.Invariants, ", "))
		if s.Columns != nil {
			what = "columns of " + clean(*s.Columns)
		}
		g.add(what, shard, sizeText(s.Bytes), p.clock(s.Used), clean(s.Store))
	}
	return p.grid(g, 2)
}

// lastUsedFirst returns entries of the cache in the order of their last use.
func lastUsedFirst[E any](entries []E, used func(E) time.Time) []E {
	return slices.SortedStableFunc(slices.Values(entries), func(a, b E) int { return used(b).Compare(used(a)) })
}

// sizeText returns a number of bytes for people.
func sizeText(n int64) safe {
	const units = "KMGT"
	if n < 1024 {
		return safe(strconv.FormatInt(n, 10) + " B")
	}
	f, unit := float64(n)/1024, 0
	for f >= 1024 && unit < len(units)-1 {
		f, unit = f/1024, unit+1
	}
	return safe(fmt.Sprintf("%.1f %ciB", f, units[unit]))
}

// StatesProved prints how the cached states compare with a full replay.
func (p *Printer) StatesProved(v wire.StatesProof) {
	p.text(clean(v.Stream))
	switch {
	case len(v.Wrong) > 0:
		p.text(safe(fmt.Sprintf(": %d of %d cached states were wrong and are removed: the fold is not deterministic", len(v.Wrong), v.States)))
	default:
		p.text(safe(fmt.Sprintf(": %d cached states match a full replay", v.States)))
	}
	p.newline()
	for _, at := range v.Wrong {
		p.text(safe("  " + strconv.FormatInt(at, 10)))
		p.newline()
	}
	if v.Stale > 0 {
		p.text(safe(fmt.Sprintf("%d more were stale and are removed: the store no longer has their history", v.Stale)))
		p.newline()
	}
}

// ScanProved prints how the cached check compares with a full check, and the cached columns
// with those of all states.
func (p *Printer) ScanProved(v wire.ScanProof) {
	for _, t := range v.Tables {
		p.text(clean(t.Table) + ": the cached columns")
		switch {
		case t.Stale:
			p.text(" were stale and are removed: the store has changed")
		case t.Wrong:
			p.text(" were wrong and are removed: the fold is not deterministic")
		default:
			p.text(" match those of all states")
		}
		p.newline()
	}
	if v.Position == nil && len(v.Tables) > 0 {
		return
	}
	if v.Position == nil {
		p.text("no check of these invariants is cached")
		p.newline()
		return
	}
	p.text("the cached check up to position " + integer(*v.Position))
	switch {
	case v.Stale:
		p.text(" is stale and removed: the store no longer has its history")
	case v.Wrong:
		p.text(" is wrong and removed: the fold is not deterministic")
	default:
		p.text(" matches a full check")
	}
	p.newline()
}

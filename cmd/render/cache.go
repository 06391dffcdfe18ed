package render

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// Cache is what is kept from run to run, or, once cleared, what was.
type Cache struct {
	Dir     string
	Limit   int64 // bytes
	Cleared bool
	Kept    []CacheLane
	Scans   []CacheScan
}

// CacheLane is what is kept of one timeline under one fold.
type CacheLane struct {
	Store, Timeline, Fold string
	States                int
	Bytes                 int64
	Used                  time.Time // last
}

// CacheScan is what is kept of one check of a store.
type CacheScan struct {
	Store string
	Shard string // whose streams alone were looked at; empty: all
	Asked []string
	Bytes int64
	Used  time.Time // last
}

// Cache prints what is kept: {"path","limit","bytes","states","cleared","kept":
// [{"store","timeline","projection","states","bytes","used"}],"scans":
// [{"store","shard","invariants","bytes","used"}]}.
func (p *Printer) Cache(c Cache) error {
	states, total := 0, int64(0)
	for _, l := range c.Kept {
		states += l.States
		total += l.Bytes
	}
	for _, s := range c.Scans {
		total += s.Bytes
	}
	if p.o.JSON {
		p.cacheJSON(c, states, total)
		return nil
	}
	verb := "are kept"
	if c.Cleared {
		verb = "were removed"
	}
	p.text(count(int64(states), "state", "states"))
	if n := len(c.Scans); n > 0 {
		p.text(" and " + count(int64(n), "scan", "scans"))
	}
	p.text(safe(fmt.Sprintf(", %s, %s in ", sizeText(total), verb)))
	p.text(clean(c.Dir))
	p.newline()
	if c.Cleared {
		return nil
	}
	return errors.Join(p.cacheLanes(c), p.cacheScans(c))
}

func (p *Printer) cacheLanes(c Cache) error {
	if len(c.Kept) == 0 {
		return nil
	}
	g := grid{heads: []string{"stream", "projection", "states", "size", "last used", "store"}, right: []bool{false, false, true, true, false, false}}
	for i := len(c.Kept) - 1; i >= 0; i-- {
		l := c.Kept[i]
		g.add(clean(l.Timeline), clean(l.Fold), number(int64(l.States)), sizeText(l.Bytes), p.clock(l.Used), clean(l.Store))
	}
	return p.grid(g, 2)
}

func (p *Printer) cacheScans(c Cache) error {
	if len(c.Scans) == 0 {
		return nil
	}
	g := grid{heads: []string{"invariants", "shard", "size", "last used", "store"}, right: []bool{false, false, true, false, false}}
	for i := len(c.Scans) - 1; i >= 0; i-- {
		s := c.Scans[i]
		g.add(clean(strings.Join(s.Asked, ", ")), clean(s.Shard), sizeText(s.Bytes), p.clock(s.Used), clean(s.Store))
	}
	return p.grid(g, 2)
}

func (p *Printer) cacheJSON(c Cache, states int, total int64) {
	kept := state.NewArray()
	for _, l := range c.Kept {
		o := state.NewObject()
		o.Set("store", state.StringValue(l.Store))
		o.Set("timeline", state.StringValue(l.Timeline))
		o.Set("projection", state.StringValue(l.Fold))
		o.Set("states", jsonInt(int64(l.States)))
		o.Set("bytes", jsonInt(l.Bytes))
		o.Set("used", state.StringValue(l.Used.UTC().Format(time.RFC3339Nano)))
		kept.Append(o.Value())
	}
	scans := state.NewArray()
	for _, s := range c.Scans {
		asked := state.NewArray()
		for _, name := range s.Asked {
			asked.Append(state.StringValue(name))
		}
		o := state.NewObject()
		o.Set("store", state.StringValue(s.Store))
		o.Set("shard", jsonText(s.Shard))
		o.Set("invariants", asked.Value())
		o.Set("bytes", jsonInt(s.Bytes))
		o.Set("used", state.StringValue(s.Used.UTC().Format(time.RFC3339Nano)))
		scans.Append(o.Value())
	}
	o := state.NewObject()
	o.Set("path", state.StringValue(c.Dir))
	o.Set("limit", jsonInt(c.Limit))
	o.Set("bytes", jsonInt(total))
	o.Set("states", jsonInt(int64(states)))
	o.Set("cleared", state.BoolValue(c.Cleared))
	o.Set("kept", kept.Value())
	o.Set("scans", scans.Value())
	p.jsonLine(o.Value())
}

// sizeText is a number of bytes for people.
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

// CacheProof is what a full replay says of the states that are kept.
type CacheProof struct {
	States, Stale int
	Wrong         []replay.Version
}

// CacheVerified prints it: {"stream","states","stale","wrong":[version]}.
func (p *Printer) CacheVerified(stream string, v CacheProof) {
	if p.o.JSON {
		wrong := state.NewArray()
		for _, at := range v.Wrong {
			wrong.Append(jsonInt(int64(at)))
		}
		o := state.NewObject()
		o.Set("stream", state.StringValue(stream))
		o.Set("states", jsonInt(int64(v.States)))
		o.Set("stale", jsonInt(int64(v.Stale)))
		o.Set("wrong", wrong.Value())
		p.jsonLine(o.Value())
		return
	}
	p.text(clean(stream))
	switch {
	case len(v.Wrong) > 0:
		p.text(safe(fmt.Sprintf(": %d of %d kept states are wrong, and removed: the fold does not give the same each time", len(v.Wrong), v.States)))
	default:
		p.text(safe(fmt.Sprintf(": %d kept states are what the events come to", v.States)))
	}
	p.newline()
	for _, at := range v.Wrong {
		p.text(safe("  " + strconv.FormatInt(int64(at), 10)))
		p.newline()
	}
	if v.Stale > 0 {
		p.text(safe(fmt.Sprintf("%d more were of a history that the store no longer has, and are removed", v.Stale)))
		p.newline()
	}
}

// CacheScanProof is what a full check says of the last one, which is kept.
type CacheScanProof struct {
	Position     *replay.Position // up to which it was; nil: nothing is kept
	Stale, Wrong bool
}

// CacheScanVerified prints it: {"position","stale","wrong"}.
func (p *Printer) CacheScanVerified(v CacheScanProof) {
	if p.o.JSON {
		o := state.NewObject()
		o.Set("position", state.NullValue())
		if v.Position != nil {
			o.Set("position", jsonInt(int64(*v.Position)))
		}
		o.Set("stale", state.BoolValue(v.Stale))
		o.Set("wrong", state.BoolValue(v.Wrong))
		p.jsonLine(o.Value())
		return
	}
	if v.Position == nil {
		p.text("nothing is kept of a check by these invariants")
		p.newline()
		return
	}
	p.text("what is kept of the check up to position " + integer(*v.Position))
	switch {
	case v.Stale:
		p.text(" is of a history that the store no longer has, and removed")
	case v.Wrong:
		p.text(" is wrong, and removed: the fold does not give the same each time")
	default:
		p.text(" is what the events come to")
	}
	p.newline()
}

package ask

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"asof/inspect/drift"
	"asof/replay"
	"asof/replay/workspace"
)

// A driftCursor is where the lists of a page end, and the moment of all pages.
type driftCursor struct {
	at    string
	place *drift.Place // nil: the first page
}

// driftKeys is the number of keys of a cursor: the moment, the last wrong value, and the last
// key of each list.
const driftKeys = 8

// unpaged is the question without its page.
func (q Drift) unpaged() Drift {
	q.Page = Page{}
	return q
}

// begin returns where the page begins.
func (q Drift) begin(ctx context.Context, s *workspace.Store) (c driftCursor, err error) {
	keys, err := q.Page.begin(q.unpaged(), driftKeys)
	if err != nil {
		return c, err
	}
	if keys == nil {
		if q.Checkpoint == "" && q.Kind() != DriftSnapshots { // those are as of what was read
			c.at, err = pinnedAt(ctx, s, q.At)
		}
		return c, err
	}
	c.at, c.place = keys[0], &drift.Place{}
	if _, ok := strings.CutPrefix(keys[1], "+"); ok {
		c.place.Cell = &drift.CellPlace{Key: keys[1][1:], Column: keys[2], Path: keys[3]}
	}
	for i, to := range c.lists() {
		if key, ok := strings.CutPrefix(keys[4+i], "+"); ok {
			*to = &key
		}
	}
	return c, nil
}

// lists are the last keys of the lists.
func (c driftCursor) lists() []**string {
	p := c.place
	return []**string{&p.Lacks, &p.Surplus, &p.Twice, &p.Failed}
}

// after is the cursor of a page that ends at a place; empty: nothing comes after it.
func (q Drift) after(at string, place *drift.Place) string {
	if place == nil {
		return ""
	}
	keys := make([]string, driftKeys)
	keys[0] = at
	if cell := place.Cell; cell != nil {
		keys[1], keys[2], keys[3] = "+"+cell.Key, cell.Column, cell.Path
	}
	for i, last := range (driftCursor{place: place}).lists() {
		if *last != nil {
			keys[4+i] = "+" + **last
		}
	}
	return cursorAt(q.unpaged(), keys...)
}

// bySnapshot is the order of the keys of snapshots: by stream, then by version.
func bySnapshot(a, b string) int {
	one, v := snapshotOf(a)
	other, u := snapshotOf(b)
	return cmp.Or(strings.Compare(one, other), cmp.Compare(v, u))
}

func snapshotOf(key string) (stream string, v replay.Version) {
	i := strings.LastIndexByte(key, '@')
	n, _ := strconv.ParseInt(key[i+1:], 10, 64) // of a cursor that was made here
	return key[:max(i, 0)], replay.Version(n)
}

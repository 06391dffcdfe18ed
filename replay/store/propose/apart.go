package propose

import (
	"fmt"
	"slices"
)

// The names of what counts within a stream and nowhere else: one of them that repeats there
// says that the stream is several.
var sequenceNames = []string{
	"streamversion", "streamposition", "streamrevision", "aggregateversion", "originatorversion", "aggversion", "aggver", "sequence", "sequencenumber", "sequenceno",
	"sequencenr", "seq", "seqnr", "seqno", "seqnum", "playhead", "eventsequence",
}

// apart adds to the stream the column that tells apart what the id alone merges: within
// the two, a counter that repeats within the id goes up by one from row to row.
func (a *analysis) apart(counter *column) bool {
	var by *column
	var best tally
	for _, c := range a.columns {
		if c == counter || !a.mayTellApart(c) {
			continue
		}
		t := a.count(append([]*column{c}, a.parts...), counter)
		counts := !t.twice && t.dense && t.one && t.inRows && t.groups < t.rows
		if counts && (by == nil || t.groups < best.groups) {
			by, best = c, t
		}
	}
	if by == nil {
		return false
	}
	a.why = append(a.why, fmt.Sprintf("%s counts within the stream together with %s", counter.Name, by.Name))
	if counter.called(revisionNames) && best.rows < 2*best.groups { // too few to tell it from a revision
		a.doubt, a.merged = counter, a.parts
	}
	a.version, a.taken[counter], a.taken[by] = counter, true, true
	last := len(a.parts) - 1
	a.parts = slices.Insert(slices.Clone(a.parts), last, by)
	return true
}

// mayTellApart reports whether a column may be a part of the stream that no name gives away.
func (a *analysis) mayTellApart(c *column) bool {
	of := c.isLabel() || c.endsIn("id", "no", "number", "key", "code")
	return of && c.isKey() && !a.taken[c] && !c.isTime(a.s) && !a.aloneUnique(c) &&
		c.filled == len(a.s.Rows) && c.distinct > 1 && c.distinct < c.filled &&
		!slices.ContainsFunc([][]string{strongTypes, typeNames, idNames, actorNames, corrNames, causNames, readerNames, versionNames}, c.called)
}

// halfQualified names a tenant or a type that some rows lack, while it tells apart rows of
// one id: neither with it nor without it are the streams right.
func (a *analysis) halfQualified(id *column) *column {
	for _, names := range [][]string{tenantNames, kindNames} {
		c := a.best(names, func(c *column) bool { return c.isLabelOrNumber() && c.filled > 0 && c.filled < id.filled })
		if c == nil {
			continue
		}
		of := map[string]string{}
		for _, row := range a.s.Rows {
			key, ok := keyOf(row, []*column{id})
			value, _ := keyOf(row, []*column{c})
			if seen, again := of[key]; ok && again && seen != value {
				return c
			}
			of[key] = value
		}
	}
	return nil
}

package drift

import "strings"

// A Place is where the lists of a page end: the last item of each. Rows come in the order of
// their keys, so a later page finds it again, also when rows were added or taken away.
type Place struct {
	Cell                          *CellPlace // nil: none was listed
	Lacks, Surplus, Twice, Failed *string    // keys; nil: none was listed
}

// A CellPlace names a wrong value.
type CellPlace struct{ Key, Column, Path string }

// Counts are how many items of each list come before those that are listed.
type Counts struct{ Cells, Lacks, Surplus, Twice, Failed int64 }

// A pager lists at most that many items of each kind, from a place on.
type pager struct {
	most  int
	order func(a, b string) int
	cut   bool // an item comes after those that are listed

	lacks, surplus, twice, failed pagedKeys

	afterCell, lastCell *CellPlace
	cellsBefore         int64
	cells               int
	passed              bool // the cell where the page before ended, in its row
}

// pagedKeys are the keys of one list.
type pagedKeys struct {
	after, last *string // where the page before ended, and where this one does
	before      int64   // keys up to there
	n           int     // that are listed
}

func (p *pager) begin(o Options) {
	p.most, p.order = o.Most, o.Order
	if p.order == nil {
		p.order = strings.Compare
	}
	if at := o.After; at != nil {
		p.afterCell, p.lastCell = at.Cell, at.Cell
		for _, one := range []struct {
			keys *pagedKeys
			at   *string
		}{{&p.lacks, at.Lacks}, {&p.surplus, at.Surplus}, {&p.twice, at.Twice}, {&p.failed, at.Failed}} {
			one.keys.after, one.keys.last = one.at, one.at
		}
	}
}

// end is where the page ends; nil: nothing comes after it.
func (p *pager) end() *Place {
	if !p.cut {
		return nil
	}
	return &Place{p.lastCell, p.lacks.last, p.surplus.last, p.twice.last, p.failed.last}
}

func (p *pager) before() Counts {
	return Counts{p.cellsBefore, p.lacks.before, p.surplus.before, p.twice.before, p.failed.before}
}

// lists reports whether the next key of a list is on the page.
func (p *pager) lists(k *pagedKeys, key string) bool {
	switch {
	case k.after != nil && p.order(key, *k.after) <= 0:
		k.before++
		return false
	case k.n > 0 && *k.last == key: // of a row that is repeated more than once
		return false
	case k.n >= p.most:
		p.cut = true
		return false
	}
	k.n++
	k.last = &key
	return true
}

// listsCell reports whether the next wrong value is on the page. The columns of a row come in
// the order of their names, but for members of a state.
func (p *pager) listsCell(at CellPlace, members bool) bool {
	if p.isBefore(at, members) {
		p.cellsBefore++
		return false
	}
	if p.cells >= p.most {
		p.cut = true
		return false
	}
	p.cells++
	p.lastCell = &at
	return true
}

func (p *pager) isBefore(at CellPlace, members bool) bool {
	after := p.afterCell
	if after == nil {
		return false
	}
	order := p.order(at.Key, after.Key)
	if order != 0 {
		return order < 0
	}
	if !members {
		return at.Column <= after.Column
	}
	if p.passed {
		return false
	}
	p.passed = at == *after
	return true
}

package sqlite

import (
	"bytes"
	"errors"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// inOrder makes the reader read versions that are stored in their order where they are. It looks
// once whether they are, before the first answer.
func (r *Reader) inOrder() error {
	look := r.Layout.InOrder
	if look == nil {
		return nil
	}
	r.Layout.InOrder = nil
	l, err := look()
	if err != nil || l == nil {
		return err
	}
	to := r.Layout
	to.Prepare, to.Piecemeal, to.Straight, to.Ranks = l.Prepare, l.Piecemeal, l.Straight, l.Ranks
	to.TimesFrom, to.TimesKey = l.TimesFrom, l.TimesKey
	return nil
}

// inOrder returns the layout of a history whose versions are in the order of time, with the
// number of the row where times are equal, if that is the order of these numbers. Otherwise
// it returns nil. h has one source.
func (p *Probe) inOrder(h *table.RowHistory) (*table.Layout, error) {
	ranks, err := p.rowsInOrder(&h.Sources[0])
	if err != nil || ranks == nil {
		return nil, err
	}
	in := *h
	in.Sequence = true
	out := p.rowLayout(&in)
	if out.Straight == nil {
		return nil, nil
	}
	if !ranks.Identical() {
		out.Ranks, out.Straight.All.Ranks = ranks, ranks
	}
	return out, nil
}

// rowsInOrder returns the positions of the versions if times never go back in the order of
// the row's numbers; else nil. It reads an index of times if there is one.
func (p *Probe) rowsInOrder(s *table.RowSource) (*table.Ranks, error) {
	id := "v." + table.QuoteName(s.Versions.RowID())
	sql := s.Times(p.Name(s.Versions), id)
	byTime := sql + " ORDER BY " + s.Time + ", " + id
	sql += " ORDER BY " + id
	covered, err := p.covered(byTime)
	if covered {
		sql = byTime
	}
	if err != nil {
		return nil, err
	}
	clock := rowClock{times: cell.NewTimes(p.Opts.TimeZone, "", nil)}
	ranks := &table.Ranks{}
	var at cell.Value
	err = p.query(sql, nil, func(stmt *sqlite.Stmt) error {
		p.readColumn(stmt, 0, &at)
		row := stmt.ColumnInt64(1)
		last, some := ranks.Last()
		if some && row <= last || !clock.follows(&at) || !ranks.Add(row) {
			return errMixed
		}
		return nil
	})
	if errors.Is(err, errMixed) {
		return nil, nil
	}
	return ranks, err
}

var errMixed = errors.New("the versions are not stored in their order")

// covered reports whether an index alone yields the rows of a query, in its order.
func (p *Probe) covered(sql string) (bool, error) {
	covered := false
	err := p.query("EXPLAIN QUERY PLAN "+sql, nil, func(s *sqlite.Stmt) error {
		const detail = 3
		covered = strings.Contains(s.ColumnText(detail), " USING COVERING INDEX ")
		return nil
	})
	return covered, err
}

// A rowClock compares the time of each row with the one before it, as [clockOrder] does.
type rowClock struct {
	times      *cell.Times
	last       cell.Kind // of the last time; Null before the first
	number     int64
	text, next []byte
}

// follows reports whether a time does not come before the last one. It is false for times of
// several kinds, and for texts that are no time.
func (c *rowClock) follows(at *cell.Value) bool {
	last := c.last
	c.last = at.Kind
	switch at.Kind {
	case cell.Int:
		ok := last == cell.Null || last == cell.Int && at.Num >= c.number
		c.number = at.Num
		return ok
	case cell.Text:
		var ok bool
		if c.next, ok = c.times.AppendSortable(c.next[:0], at.B); !ok {
			return false
		}
		c.text, c.next = c.next, c.text
		return last == cell.Null || last == cell.Text && bytes.Compare(c.text, c.next) >= 0
	}
	return false
}

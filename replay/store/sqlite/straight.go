package sqlite

import (
	"fmt"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

var rowTypes = table.RowTypes{Text: "text", Integer: "bigint"}

// straight reads the versions of the only table where they are, if their order is that of its
// rows: then they are counted on the way, and need no temporary table.
func (p *Probe) straight(l *table.Layout, h *table.RowHistory, of rowsOf) {
	s := h.Sources[0]
	if !h.Sequence || len(h.Sources) > 1 || !s.OrderIsRowID() {
		return
	}
	name := p.Name(s.Versions)
	all := h.Straight(l, s, name, rowTypes)
	l.Straight = &table.Straight{All: all, Untyped: h.Untyped, Of: func(stream string) (*table.Layout, bool, error) {
		one, ok, err := of(stream)
		if !ok || err != nil {
			return nil, ok, err
		}
		return h.Straight(l, one, name, rowTypes), true, nil
	}}
	if l.TimesFrom == "" {
		l.TimesFrom = all.From
	}
	if l.Piecemeal == nil {
		l.Piecemeal = &table.Piecemeal{}
	}
	l.Piecemeal.Rows, l.Piecemeal.Row = all.From, all.Cols[source.Position]
}

// A rowCounter counts the versions of rows that are read straight.
type rowCounter struct {
	r       *Reader
	untyped bool
	reverse bool
	last    int64 // the last version that is read; 0 is all
	streams map[string]*counted
	one     *counted      // the only stream; else nil
	of      *table.Layout // its versions
}

// A counted is a stream with the number of its versions so far.
type counted struct {
	name string
	n    int64
}

// straightly returns the layout for reading a query straight, with a counter, or nil.
func (r *Reader) straightly(q replay.Query) (*table.Layout, *rowCounter, error) {
	s := r.Layout.Straight
	if !s.Counts(q) {
		return nil, nil, nil
	}
	c := &rowCounter{r: r, untyped: s.Untyped, reverse: q.Reverse, streams: map[string]*counted{}}
	if hi, ok := q.Versions.Hi(); ok {
		if hi < 1 {
			return nil, nil, nil
		}
		c.last = int64(hi)
	}
	if q.Streams == nil {
		return s.All, c, nil
	}
	if r.prepared { // an index leads to each version
		return nil, nil, nil
	}
	l, ok, err := s.Of(string(q.Streams[0]))
	if !ok || err != nil {
		return nil, nil, err
	}
	c.one, c.of = &counted{name: string(q.Streams[0])}, l
	return l, c, nil
}

// done reports whether all versions that the query wants were read.
func (c *rowCounter) done() bool { return c.last > 0 && c.one != nil && c.one.n == c.last }

// count gives the row its version.
func (c *rowCounter) count(row *table.Row) error {
	of := c.one
	if of == nil {
		name := row.At(source.Stream).B
		if of = c.streams[string(name)]; of == nil {
			of = &counted{name: string(name)}
			c.streams[of.name] = of
		}
	}
	of.n++
	row.Name = of.name
	v := row.At(source.Version)
	v.Kind, v.Num = cell.Int, of.n
	if c.reverse {
		n, err := c.before(row)
		if err != nil {
			return err
		}
		v.Num = n
	}
	if c.untyped {
		t := row.At(source.Type)
		t.Kind, t.B = cell.Text, append(t.B[:0], table.RowUpdate...)
		if v.Num == 1 {
			t.B = append(t.B[:0], table.RowInsert...)
		}
	}
	return nil
}

// before counts the versions of the row's stream up to this one.
func (c *rowCounter) before(row *table.Row) (int64, error) {
	of := c.of
	if of == nil {
		var ok bool
		var err error
		if of, ok, err = c.r.Layout.Straight.Of(string(row.At(source.Stream).B)); err != nil {
			return 0, err
		} else if !ok {
			return 0, fmt.Errorf("the stream %q names no row", row.At(source.Stream).B)
		}
	}
	n, err := c.r.one("SELECT count(*) FROM "+of.From+" WHERE "+of.Cols[source.Position]+" <= ?1", row.At(source.Position).Num)
	return n.Num, err
}

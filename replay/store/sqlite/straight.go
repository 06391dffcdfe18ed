package sqlite

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

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
	p.byColumns(l, &s)
	members, join := p.membersOf(s.Versions, s.Members)
	l.Join = join
	names := p.nameParts(&s)
	all := h.Straight(l, s, name, rowTypes, names, members)
	joined := s.Where != "" || slices.ContainsFunc(names, func(e string) bool { return !strings.HasPrefix(e, "v.") && e[0] != '\'' })
	countTo := func(stream string) (string, bool, error) {
		one, ok, err := of(stream)
		if !joined { // no condition needs what is
			one.Joins = ""
		}
		return one.CountTo(name), ok, err
	}
	l.Straight = &table.Straight{All: all, Untyped: h.Untyped, CountTo: countTo, Of: func(stream string) (*table.Layout, bool, error) {
		one, ok, err := of(stream)
		if !ok || err != nil {
			return nil, ok, err
		}
		one.Parts = s.Parts
		return h.Straight(l, one, name, rowTypes, []string{}, members), true, nil
	}}
	if l.TimesFrom == "" {
		l.TimesFrom = all.From
	}
	if l.Piecemeal == nil {
		l.Piecemeal = &table.Piecemeal{}
	}
	l.Piecemeal.Rows, l.Piecemeal.Row = all.From, all.Cols[source.Position]
}

// byColumns makes the payload of the values of a row's columns, in place of SQL that does.
func (p *Probe) byColumns(l *table.Layout, s *table.RowSource) {
	const most = 1000 // columns, of the 2000 of a query
	keys, err := p.rowKeys(s.Versions, s.Row)
	if len(keys) == 0 || len(keys) > most || err != nil { // without the keys, SQL is as good
		return
	}
	keys = quotedKeys(keys)
	for _, c := range s.Row {
		s.Parts = append(s.Parts, s.Versions.Ref("v", c.Name))
	}
	var scan cell.Scanner
	l.Assemble = func(out []byte, parts []cell.Value) []byte {
		return append(appendMembers(append(out, '{'), keys, parts, &scan), '}')
	}
}

// nameParts returns SQL for the parts of the names of streams, as [table.Layout].Names: the key's
// columns as stored, if they are known.
func (p *Probe) nameParts(s *table.RowSource) []string {
	names := append([]string{s.Table}, s.Keys...)
	for i, name := range s.Columns {
		if c := s.Versions.Column(name); c != nil && s.Keys[i] == p.Key("v", c) {
			names[i+1] = s.Versions.Ref("v", name)
		}
	}
	return names
}

// A rowCounter counts the versions of rows that are read straight.
type rowCounter struct {
	r       *Reader
	untyped bool
	reverse bool
	last    int64               // the last version that is read; 0 is all
	streams map[string]*counted // by what parts writes
	now     *counted            // the stream of the last row
	key     []byte              // by which it is in streams
	next    []byte
	part    cell.Value
	one     *counted // the only stream; else nil
}

// A counted is a stream with the number of its versions so far.
type counted struct {
	name  string
	n     int64
	waits *heldRow // its last version, if the next one tells what that needs
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
	c.one = &counted{name: string(q.Streams[0])}
	return l, c, nil
}

// done reports whether all versions that the query wants were read.
func (c *rowCounter) done() bool { return c.last > 0 && c.one != nil && c.one.n == c.last }

// stream returns the stream of the statement's row.
func (c *rowCounter) stream(stmt *sqlite.Stmt, names [2]int) (*counted, error) {
	if c.one != nil {
		return c.one, nil
	}
	c.next = c.next[:0]
	for at := names[0]; at < names[1]; at++ {
		c.r.probe.readColumn(stmt, at, &c.part)
		if asText(stmt, at, &c.part); c.part.Kind == cell.Blob && at > names[0] {
			c.part.B = []byte(hex.EncodeToString(c.part.B))
		}
		c.next = cell.AppendText(c.next, c.part.B)
	}
	if c.now != nil && bytes.Equal(c.next, c.key) {
		return c.now, nil
	}
	c.key, c.next = c.next, c.key
	if c.now = c.streams[string(c.key)]; c.now != nil {
		return c.now, nil
	}
	parts, err := cell.SplitTexts(c.key, nil)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, part := range parts {
		texts = append(texts, string(part))
	}
	c.now = &counted{name: cell.JoinStream(texts...)}
	c.streams[string(c.key)] = c.now
	return c.now, nil
}

// count gives the row its stream and its version there.
func (c *rowCounter) count(row *table.Row, of *counted) error {
	of.n++
	row.Name = of.name
	stream := row.At(source.Stream)
	stream.Kind, stream.B = cell.Text, append(stream.B[:0], of.name...)
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
	sql, ok, err := c.r.Layout.Straight.CountTo(row.Name)
	if err != nil {
		return 0, err
	} else if !ok {
		return 0, fmt.Errorf("the stream %q names no row", row.Name)
	}
	n, err := c.r.one(sql, row.At(source.Position).Num)
	return n.Num, err
}

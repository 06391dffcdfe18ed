package sqlite

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"sync/atomic"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/table"
)

// countings numbers the temporary tables: a connection may try several mappings.
var countings atomic.Int64

// Count counts the versions of a table once, in one pass in their order, and keeps them
// in a temporary table. A question about one stream counts only that stream, by a window
// function. So does every question about a view or a query, whose rows have no id.
func (p *Probe) Count(l *table.Layout, t *table.Table, c table.Counting) error {
	window := p.Rows(c.Window())
	id := t.RowID()
	if id == "" {
		l.From = window
		return nil
	}
	id = table.QuoteName(id)
	name := fmt.Sprint("asof_counted", countings.Add(1))
	own := ""
	if c.RowID != "" {
		own = "e." + id + " AS " + id + ", "
	}
	l.From = p.Rows("SELECT " + own + "e.*, c." + c.Version + " FROM " + c.From + " AS e CROSS JOIN temp." + name + " AS c ON c.asof_row = e." + id)
	rows := "*"
	if c.RowID != "" {
		rows = id + " AS " + id + ", *"
	}
	l.Piecemeal = &table.Piecemeal{
		Rows: p.Rows("SELECT " + rows + " FROM " + c.From + c.Where), Row: id, Ordered: c.Order == id+", "+id,
		Streams: p.Rows("SELECT * FROM " + c.From + c.Where),
		Stream:  func(table.OneValue, string) (string, error) { return window, nil },
	}
	l.Prepare = func() error { return p.count(c, id, name) }
	return nil
}

// count fills the temporary table of that name. The limit keeps SQLite from dropping the order.
func (p *Probe) count(c table.Counting, id, name string) error {
	var keys, values []string
	for i, of := range c.Streams {
		keys = append(keys, fmt.Sprint("asof_key", i))
		values = append(values, of+" AS "+keys[i])
	}
	if err := addCounter(p.conn, name); err != nil {
		return err
	}
	return p.Exec(
		"CREATE TEMP TABLE "+name+"(asof_row INTEGER PRIMARY KEY, "+c.Version+" INTEGER NOT NULL)",
		"INSERT INTO temp."+name+" SELECT asof_row, "+name+"("+strings.Join(keys, ", ")+") FROM (SELECT "+
			id+" AS asof_row, "+strings.Join(values, ", ")+" FROM "+c.From+c.Where+" ORDER BY "+c.Order+" LIMIT -1)",
	)
}

// addCounter registers a function that returns how often it was called with the same
// values.
func addCounter(conn *sqlite.Conn, name string) error {
	counts := map[string]*int64{}
	var key []byte
	return conn.CreateFunction(name, &sqlite.FunctionImpl{
		NArgs: -1,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			key = key[:0]
			for _, v := range args {
				key = appendKey(key, v)
			}
			n := counts[string(key)]
			if n == nil {
				n = new(int64)
				counts[string(key)] = n
			}
			*n++
			return sqlite.IntegerValue(*n), nil
		},
	})
}

// appendKey appends a value so that different values differ. As in SQL, a real number
// without a fraction is the same as the integer.
func appendKey(key []byte, v sqlite.Value) []byte {
	switch v.Type() {
	case sqlite.TypeInteger:
		return binary.BigEndian.AppendUint64(append(key, 'i'), uint64(v.Int64()))
	case sqlite.TypeFloat:
		f := v.Float()
		if n := int64(f); float64(n) == f {
			return binary.BigEndian.AppendUint64(append(key, 'i'), uint64(n))
		}
		return binary.BigEndian.AppendUint64(append(key, 'f'), math.Float64bits(f))
	case sqlite.TypeText:
		s := v.Text()
		return append(binary.BigEndian.AppendUint64(append(key, 't'), uint64(len(s))), s...)
	case sqlite.TypeBlob:
		b := v.Blob()
		return append(binary.BigEndian.AppendUint64(append(key, 'b'), uint64(len(b))), b...)
	}
	return append(key, 'n')
}

package query

import (
	"iter"

	"zombiezen.com/go/sqlite"
)

// rows are the rows of one scan. They come from the store as they are asked for; when
// another scan begins, the rest is read and kept, because a store is read by one scan at
// a time.
type rows struct {
	next func() ([]sqlite.Value, error, bool)
	stop func()

	repeats []repeated // instead of all else

	kept kept
	err  error // behind the kept rows
	done bool  // next has no more
}

// begin starts a scan.
func (db *DB) begin(seq iter.Seq2[[]sqlite.Value, error]) *rows {
	r := &rows{kept: kept{db: db}}
	r.next, r.stop = iter.Pull2(seq)
	db.live = r
	return r
}

// drain reads the rest of the scan that is being read.
func (db *DB) drain() error {
	r := db.live
	db.live = nil
	if r == nil || r.done {
		return nil
	}
	for {
		row, err, ok := r.next()
		if !ok {
			break
		}
		if err != nil {
			r.err = err
			break
		}
		if err := r.kept.add(row); err != nil {
			return err
		}
	}
	r.done = true
	r.stop()
	return nil
}

// rowBytes is about what a row takes.
func rowBytes(row []sqlite.Value) int {
	n := 48 * len(row)
	for _, v := range row {
		switch v.Type() {
		case sqlite.TypeText:
			n += len(v.Text())
		case sqlite.TypeBlob:
			n += len(v.Blob())
		}
	}
	return n
}

func (r *rows) pull() (row []sqlite.Value, err error) {
	if len(r.repeats) > 0 {
		return r.repeat(), nil
	}
	if row, err := r.kept.take(); row != nil || err != nil {
		return row, err
	}
	if r.err != nil || r.done {
		return nil, r.err
	}
	row, err, ok := r.next()
	if !ok || err != nil {
		r.done, r.err = true, err
		r.stop()
		return nil, err
	}
	return row, nil
}

// Open implements sqlite.VTable.
func (t *table) Open() (sqlite.VTableCursor, error) { return &cursor{t: t}, nil }

// Disconnect implements sqlite.VTable.
func (t *table) Disconnect() error { return nil }

// Destroy implements sqlite.VTable.
func (t *table) Destroy() error { return nil }

// A cursor is a scan of a table as SQLite sees it.
type cursor struct {
	t    *table
	rows *rows
	row  []sqlite.Value
	id   rowID
}

// Filter implements sqlite.VTableCursor.
func (c *cursor) Filter(id sqlite.IndexID, args []sqlite.Value) error {
	if err := c.close(); err != nil {
		return err
	}
	if err := c.t.db.drain(); err != nil {
		return c.fail(err)
	}
	l, n, err := c.t.limitsOf(id, args)
	if err != nil {
		return c.fail(err)
	}
	if alike, ok, err := c.t.counted(l, n); err != nil {
		return c.fail(err)
	} else if ok {
		c.rows, c.id = &rows{repeats: alike, done: true}, rowID{}
		return c.Next()
	}
	seq, err := c.t.scan(l, n)
	if err != nil {
		return c.fail(err)
	}
	c.rows, c.id = c.t.db.begin(seq), rowID{}
	return c.Next()
}

// Next implements sqlite.VTableCursor.
func (c *cursor) Next() (err error) {
	c.id.known = false
	if c.row, err = c.rows.pull(); err != nil {
		return c.fail(err)
	}
	return nil
}

// Column implements sqlite.VTableCursor.
func (c *cursor) Column(i int, _ bool) (sqlite.Value, error) { return c.row[i], nil }

// RowID implements sqlite.VTableCursor.
func (c *cursor) RowID() (int64, error) { return c.id.of(c.row), nil }

// EOF implements sqlite.VTableCursor.
func (c *cursor) EOF() bool { return c.row == nil }

// Close implements sqlite.VTableCursor.
func (c *cursor) Close() error { return c.close() }

func (c *cursor) close() error {
	if c.rows == nil {
		return nil
	}
	c.rows.kept.drop()
	if c.t.db.live == c.rows {
		c.t.db.live = nil
	}
	if !c.rows.done {
		c.rows.done = true
		c.rows.stop()
	}
	c.rows, c.row = nil, nil
	return nil
}

// fail keeps an error of the store: SQLite would keep its text alone.
func (c *cursor) fail(err error) error {
	if c.t.db.err == nil {
		c.t.db.err = err
	}
	return err
}

package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay/store/table"
)

// A cursor is a server-side cursor. It keeps memory flat for a history of any length, and
// allows other queries between two of its rows. It uses plain SQL (DECLARE, FETCH, CLOSE
// in a transaction), which Citus, YugabyteDB and CockroachDB (from 22.2) support too.
type cursor struct {
	session    *session
	ctx        context.Context
	name       string
	generation int
	batch      batch
	at         int
	want       int  // number of rows for the next fetch
	done       bool // the server has no more rows
}

const (
	firstRows  = 64
	mostRows   = 4096
	batchBytes = 1 << 20
)

// declare opens a cursor and fetches its first rows, all in one round trip.
func (s *session) declare(ctx context.Context, sql string, args []any) (*cursor, error) {
	return s.declareBetween(ctx, "", "", sql, args)
}

// declareBetween is like declare, and runs a statement before the cursor is declared and
// another after it, which return no rows. An empty one is left out.
func (s *session) declareBetween(ctx context.Context, before, after, sql string, args []any) (*cursor, error) {
	if s.broken != nil {
		return nil, s.broken
	}
	s.cursors++
	c := &cursor{
		session: s, ctx: ctx, name: fmt.Sprintf("asof_%d", s.cursors), generation: s.generation, want: firstRows,
	}
	var b pgconn.Batch
	for _, name := range s.over {
		b.ExecParams("CLOSE "+name, nil, nil, nil, nil)
	}
	s.over = s.over[:0]
	if before != "" {
		b.ExecParams(before, nil, nil, nil, nil)
	}
	b.ExecParams("DECLARE "+c.name+" NO SCROLL CURSOR FOR "+sql, encoded(args), nil, nil, nil)
	if after != "" {
		b.ExecParams(after, nil, nil, nil, nil)
	}
	b.ExecParams(c.fetchSQL(), nil, nil, nil, nil)
	c.batch.reset()
	results := s.conn.ExecBatch(ctx, &b)
	for results.NextResult() {
		if err := eachRow(results.ResultReader(), c.batch.add); err != nil {
			results.Close() //nolint:errcheck // the first error matters
			return nil, err
		}
	}
	c.done = c.batch.rows < c.want
	return c, results.Close()
}

func (c *cursor) fetchSQL() string { return fmt.Sprintf("FETCH FORWARD %d FROM %s", c.want, c.name) }

// next returns the next row, or nil at the end.
func (c *cursor) next() (*rawRow, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	if c.session.broken != nil {
		return nil, c.session.broken
	}
	if c.at == c.batch.rows {
		if c.done {
			return nil, nil
		}
		if err := c.fetch(); err != nil {
			return nil, err
		}
		if c.batch.rows == 0 {
			return nil, nil
		}
	}
	c.at++
	return c.batch.at(c.at - 1), nil
}

// fetch requests about one batch of rows, judging by the size of earlier rows.
func (c *cursor) fetch() error {
	if c.generation != c.session.generation {
		return errors.New("a failed query on the same connection ended this one")
	}
	if c.batch.rows > 0 {
		each := max(c.batch.size()/c.batch.rows, 1)
		c.want = max(1, min(batchBytes/each, 4*c.want, mostRows))
	}
	c.at = 0
	c.batch.reset()
	err := c.session.Run(c.ctx, c.fetchSQL(), nil, c.batch.add)
	c.done = c.batch.rows < c.want
	return err
}

// Next reads the next row.
func (c *cursor) Next(st *table.Statement, into *table.Row) (bool, error) {
	row, err := c.next()
	if err != nil || row == nil {
		return false, err
	}
	for col, at := range st.Cols {
		if at >= 0 {
			row.read(at, &into.Vals[col])
		}
	}
	if st.Item >= 0 {
		row.read(st.Item, &into.Item)
	}
	return true, nil
}

// Close closes the cursor, at once or with the next query.
func (c *cursor) Close() {
	s := c.session
	if s.broken != nil || c.generation != s.generation || s.conn.IsClosed() {
		return
	}
	if c.done { // it occupies little, and closing it can wait for the next query
		s.over = append(s.over, c.name)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := s.Run(ctx, "CLOSE "+c.name, nil, nil); err != nil {
		s.recover()
	}
}

package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"asof/inspect/materialize"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// grace is how long the end of a connection may take.
const grace = 5 * time.Second

// A change is a transaction. Rows wait in files until it begins, so that it is short.
type change struct {
	ctx         context.Context
	t           *Target
	plan        materialize.Plan
	old         *materialize.Checkpoint
	rows, heads *lines
	over        bool
}

// types are those of columns, by the kind of their values.
var types = map[materialize.Kind]string{
	materialize.KindNone: "text", materialize.KindText: "text", materialize.KindBoolean: "boolean", materialize.KindInteger: "bigint",
	materialize.KindDecimal: "numeric", materialize.KindTime: "timestamptz", materialize.KindJSON: "jsonb",
}

// Begin implements materialize.Target.
func (t *Target) Begin(ctx context.Context, p materialize.Plan) (materialize.Change, error) {
	for _, c := range p.Columns {
		if !fits(c.Name) {
			return nil, t.refuse("PostgreSQL has no column called "+strconv.Quote(c.Name), fault.Try("choose columns with shorter names").With("columns", "total,status"))
		}
	}
	old, err := t.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	c := &change{ctx: ctx, t: t, plan: p, old: old}
	if c.rows, err = newLines(); err == nil {
		c.heads, err = newLines()
	}
	if err != nil {
		c.Discard()
		return nil, err
	}
	return c, nil
}

// Put implements materialize.Change.
func (c *change) Put(row []state.Value, h materialize.Head) error {
	fields := make([]field, len(row))
	for i, v := range row {
		fields[i] = fieldOf(v, c.plan.Columns[i])
		if held := unheld(fields[i]); held != "" {
			return c.t.refuse("PostgreSQL holds no "+held+", and "+c.plan.Columns[i].Name+" of "+replay.Printable(string(h.Stream), 80)+" has one", fault.Try("leave the column out").With("columns", "total,status"))
		}
	}
	if err := c.rows.put(fields...); err != nil {
		return err
	}
	return c.heads.put(field{string(h.Stream), true}, field{h.Text, true})
}

// unheld names what a text has and PostgreSQL does not hold; empty: nothing. In JSON, the
// server finds it.
func unheld(f field) string {
	switch {
	case !f.set:
		return ""
	case strings.ContainsRune(f.text, 0):
		return "NUL"
	case state.HasHalf(f.text):
		return "half of a surrogate pair"
	}
	return ""
}

// fieldOf is a value as the type of its column reads it.
func fieldOf(v state.Value, c materialize.Column) field {
	switch {
	case v.IsAbsent(), v.Kind() == state.Null && !c.Whole:
		return field{}
	case c.Kind != materialize.KindJSON && v.Kind() == state.String:
		return field{v.Text(), true}
	}
	return field{string(state.AppendSorted(nil, v)), true}
}

// definition is a list of columns.
func definition(cols []materialize.Column, key string) []string {
	var out []string
	for _, c := range cols {
		one := quoted(c.Name) + " " + types[c.Kind]
		if c.Name == "stream" && !c.IsMember {
			one += key
		}
		out = append(out, one)
	}
	return out
}

// copyTo makes a temporary table of lines.
func (c *change) copyTo(table, columns string, from *lines) error {
	if _, err := c.t.run(c.ctx, "CREATE TEMP TABLE "+table+"("+columns+") ON COMMIT DROP"); err != nil {
		return err
	}
	r, err := from.Reader()
	if err != nil {
		return err
	}
	tag, err := c.t.conn.CopyFrom(c.ctx, r, "COPY pg_temp."+table+" FROM STDIN")
	if err == nil && tag.RowsAffected() != from.n {
		err = &materialize.CountError{Written: from.n, Counted: tag.RowsAffected()}
	}
	return err
}

// Finish implements materialize.Change.
func (c *change) Finish(cp *materialize.Checkpoint) (int64, error) {
	rows, err := c.finish(cp)
	return rows, c.t.wrong("write", err)
}

func (c *change) finish(cp *materialize.Checkpoint) (int64, error) {
	const own = "(name text PRIMARY KEY, position bigint, time timestamptz, row_count bigint, checkpoint text)"
	position := "NULL"
	if cp.Position != nil {
		position = strconv.FormatInt(*cp.Position, 10)
	}
	encoded, err := cp.Encode()
	if err != nil {
		return 0, err
	}
	table, name, mark, streams := c.t.own(c.t.table), text(c.t.table), c.t.own("asof_checkpoint"), c.t.own("asof_streams")
	if _, err := c.t.run(c.ctx, "BEGIN"); err != nil {
		return 0, err
	}
	if err := c.copyTo("asof_rows", strings.Join(definition(c.plan.Columns, ""), ", "), c.rows); err != nil {
		return 0, err
	}
	if err := c.copyTo("asof_heads", "stream text, head text", c.heads); err != nil {
		return 0, err
	}
	script := append([]string{
		"CREATE TABLE IF NOT EXISTS " + mark + own,
		"CREATE TABLE IF NOT EXISTS " + streams + "(name text, stream text, head text, PRIMARY KEY(name, stream))",
	}, c.define(table)...)
	if c.plan.Onto != nil {
		script = append(script,
			"ANALYZE pg_temp.asof_heads",
			"DELETE FROM "+table+" t USING pg_temp.asof_heads h WHERE t.stream = h.stream",
			"DELETE FROM "+streams+" t USING pg_temp.asof_heads h WHERE t.name = "+name+" AND t.stream = h.stream")
	} else {
		script = append(script, "DELETE FROM "+streams+" WHERE name = "+name)
	}
	var names []string
	for _, col := range c.plan.Columns {
		names = append(names, quoted(col.Name))
	}
	list := strings.Join(names, ", ")
	script = append(script,
		"INSERT INTO "+table+"("+list+") SELECT "+list+" FROM pg_temp.asof_rows",
		"INSERT INTO "+streams+" SELECT "+name+", stream, head FROM pg_temp.asof_heads",
		"INSERT INTO "+mark+" VALUES("+name+", "+position+", NULLIF("+text(cp.Time)+", '')::timestamptz, "+strconv.FormatInt(cp.Rows, 10)+", "+text(encoded)+
			") ON CONFLICT (name) DO UPDATE SET (position, time, row_count, checkpoint) = (EXCLUDED.position, EXCLUDED.time, EXCLUDED.row_count, EXCLUDED.checkpoint)")
	for _, sql := range script {
		if _, err := c.t.run(c.ctx, sql); err != nil {
			return 0, err
		}
	}
	counted, err := c.t.run(c.ctx, "SELECT count(*) FROM "+table)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(counted[0][0]), 10, 64)
}

// define creates the table, or adds the columns that it lacks, or empties it.
func (c *change) define(table string) []string {
	cols := c.plan.Columns
	switch {
	case c.plan.Onto != nil:
		var script []string
		for i, col := range definition(cols, "") {
			if !slices.ContainsFunc(c.old.Columns, func(o materialize.Column) bool { return o.Name == cols[i].Name }) {
				script = append(script, "ALTER TABLE "+table+" ADD COLUMN "+col)
			}
		}
		return script
	case c.old != nil && slices.Equal(definition(c.old.Columns, ""), definition(cols, "")):
		return []string{"DELETE FROM " + table}
	}
	return []string{"DROP TABLE IF EXISTS " + table, "CREATE TABLE " + table + "(" + strings.Join(definition(cols, " PRIMARY KEY"), ", ") + ")"}
}

// Commit implements materialize.Change.
func (c *change) Commit() error {
	_, err := c.t.run(c.ctx, "COMMIT")
	c.over = err == nil
	c.Discard()
	return c.t.wrong("write", err)
}

// Discard implements materialize.Change.
func (c *change) Discard() {
	for _, l := range []*lines{c.rows, c.heads} {
		if l != nil {
			l.Close()
		}
	}
	c.rows, c.heads = nil, nil
	if !c.over && c.t.conn != nil {
		_ = c.t.Close() // the server undoes the transaction
	}
	c.over = true
}

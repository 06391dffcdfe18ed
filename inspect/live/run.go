package live

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"asof/replay"
	"asof/replay/fault"
)

// mostFound bounds the rows that a result lists.
const mostFound = 10_000

// Run compares the rows of a store with their history. It holds one row at a time.
// progress, if not nil, is called with the number of events read since the last call.
func Run(ctx context.Context, r replay.Reader, progress func(int64)) (*Result, error) {
	source, ok := r.(replay.LiveReader)
	if info := r.Info(); !ok || !info.Rows {
		return nil, &replay.UnsupportedError{
			Dialect: info.Dialect, Lacks: "live rows",
			Next: fault.Try("only a history of rows in the database that has the rows can be compared with them"),
		}
	}
	tables, err := source.LiveTables(ctx)
	if err != nil {
		return nil, err
	}
	c := &comparing{
		tables: tables, byCategory: map[string]int{}, out: &Result{},
		deletes: r.Info().Has("deletes"), gaps: make([]gaps, len(tables)),
	}
	for i, t := range tables {
		c.byCategory[t.Category] = i
		c.out.Tables = append(c.out.Tables, newTable(t))
		c.gaps[i] = newGaps()
	}
	if err := c.run(ctx, r, source, progress); err != nil {
		return nil, err
	}
	for i := range c.out.Tables {
		t := &c.out.Tables[i]
		t.NotRecorded, t.NotLive = sortGaps(c.gaps[i].notRecorded), sortGaps(c.gaps[i].notLive)
		c.out.Streams += t.Streams
		c.out.Rows += t.Rows
	}
	return c.out, nil
}

func newTable(t replay.LiveTable) Table {
	return Table{Category: t.Category, Name: t.Name, Reason: t.Reason, Keyless: t.Keyless, Findings: map[Verdict]int64{}}
}

// gaps counts the columns of a table that only one side has.
type gaps struct{ notRecorded, notLive map[string]int64 }

func newGaps() gaps { return gaps{map[string]int64{}, map[string]int64{}} }

// comparing goes through the history and the live rows side by side.
type comparing struct {
	tables     []replay.LiveTable
	byCategory map[string]int
	gaps       []gaps
	deletes    bool // the history records deletes
	out        *Result
}

func (c *comparing) run(ctx context.Context, r replay.Reader, source replay.LiveReader, progress func(int64)) error {
	nextRow, stop := iter.Pull2(source.LiveRows(ctx, c.tables))
	defer stop()
	row, err := pulled(nextRow())
	if err != nil {
		return err
	}
	var last recorded
	// unrecorded handles the live rows before a stream, or all that are left.
	unrecorded := func(id replay.StreamID, all bool) error {
		for row != nil && (all || row.Stream < id) {
			c.unrecorded(row)
			if row, err = pulled(nextRow()); err != nil {
				return err
			}
		}
		return nil
	}
	settle := func() error {
		if last.stream == "" {
			return nil
		}
		if err := unrecorded(last.stream, false); err != nil {
			return err
		}
		if row == nil || row.Stream != last.stream {
			c.compare(&last, nil)
			return nil
		}
		c.compare(&last, row)
		row, err = pulled(nextRow())
		return err
	}
	q := replay.Query{Order: replay.ByStream, Skip: replay.FieldMeta}
	for e, err := range r.Events(ctx, q) {
		if err != nil {
			return err
		}
		if e.Stream != last.stream {
			if err := settle(); err != nil {
				return err
			}
			last.begin(e)
		}
		last.take(e)
		c.out.Events++
		if progress != nil {
			progress(1)
		}
	}
	if err := settle(); err != nil {
		return err
	}
	return unrecorded("", true)
}

// pulled returns the next row, or nil at the end.
func pulled(row *replay.LiveRow, err error, more bool) (*replay.LiveRow, error) {
	if !more {
		return nil, nil
	}
	return row, err
}

// tableOf returns the index of a category's table.
func (c *comparing) tableOf(category string) int {
	i, ok := c.byCategory[category]
	if !ok {
		i = len(c.tables)
		t := replay.LiveTable{Category: category, Reason: "nothing says which table has its rows"}
		c.byCategory[category] = i
		c.tables, c.gaps, c.out.Tables = append(c.tables, t), append(c.gaps, newGaps()), append(c.out.Tables, newTable(t))
	}
	return i
}

func (c *comparing) found(i int, r Row) {
	c.out.Tables[i].Findings[r.Verdict]++
	if len(c.out.Found) == mostFound {
		c.out.More++
		return
	}
	c.out.Found = append(c.out.Found, r)
}

func (c *comparing) unrecorded(row *replay.LiveRow) {
	c.out.Tables[row.Table].Rows++
	if !c.tables[row.Table].Partial {
		c.found(row.Table, Row{Stream: row.Stream, Category: c.tables[row.Table].Category, Verdict: Unrecorded})
	}
}

// compare compares the last recorded state with the row, which is nil if there is none.
func (c *comparing) compare(last *recorded, row *replay.LiveRow) {
	i := c.tableOf(last.category)
	t := &c.out.Tables[i]
	t.Streams++
	if row != nil {
		t.Rows++
	}
	if c.tables[i].Name == "" {
		return
	}
	r := Row{Stream: last.stream, Category: last.category, Last: last.at}
	switch {
	case row == nil && last.gone:
		return
	case row == nil && !c.deletes:
		t.Gone++
		return
	case row == nil:
		r.Verdict = Missing
	case last.gone:
		r.Verdict = Undeleted
	case c.tables[i].Reason != "":
		return
	default:
		c.columns(i, last, row, &r)
		if r.Verdict == "" {
			return
		}
	}
	c.found(i, r)
}

// columns compares the columns that both sides have.
func (c *comparing) columns(i int, last *recorded, row *replay.LiveRow, r *Row) {
	was, reason := last.row()
	now, failed := parsed(row.Data)
	switch {
	case reason != "":
		r.Verdict, r.Reason = Unknown, reason
		return
	case failed != "":
		r.Verdict, r.Reason = Unknown, fmt.Sprintf("the live row cannot be read: %s", failed)
		return
	}
	t := &c.out.Tables[i]
	t.Compared++
	met := map[string]bool{}
	for _, col := range c.tables[i].Columns {
		at := slices.IndexFunc(col.Recorded, func(name string) bool { return !was.Get(name).IsAbsent() })
		if at < 0 {
			c.gaps[i].notRecorded[col.Name]++
			continue
		}
		met[col.Recorded[at]] = true
		t.columns++
		old, live := was.Get(col.Recorded[at]), now.Get(col.Name)
		if !col.Same(old, live) {
			r.Verdict = Changed
			r.Columns = append(r.Columns, Column{col.Name, old, live})
		}
	}
	for name := range was.Each {
		if !met[name] && !slices.Contains(c.tables[i].Key, name) {
			c.gaps[i].notLive[name]++
		}
	}
}

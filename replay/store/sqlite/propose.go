package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/propose"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A trial reads samples of a database's tables.
type trial struct {
	p    *Probe
	file *File
}

// propose adds to the error of an unknown dialect what its tables may be read by.
func (p *Probe) propose(ctx context.Context, file *File, unknown *source.UnknownDialectError) error {
	if err := addFunctions(p.conn); err != nil {
		return err
	}
	var err error
	unknown.Proposals, unknown.Missing, err = propose.Tables(ctx, &trial{p, file}, p.Tables)
	if unknown.Looked = propose.Names(p.Tables); len(unknown.Looked) == 0 {
		unknown.Missing = []string{"the file has no tables"}
	}
	return err
}

// sampleSQL is SQL for the first rows of a table, with their rowids where those are no
// column.
func sampleSQL(t *table.Table, rows int) string {
	sql, order := "SELECT *", ""
	if id := t.RowID(); id != "" {
		order = " ORDER BY " + table.QuoteName(id)
		if t.Column(id) == nil {
			sql = "SELECT " + table.QuoteName(id) + " AS " + table.QuoteName(id) + ", *"
		}
	}
	return fmt.Sprintf("%s FROM %s%s LIMIT %d", sql, table.QuoteName(t.Name), order, rows)
}

// Sample reads the first rows of a table.
func (t *trial) Sample(of *table.Table, rows int) (*propose.Sample, error) {
	var columns string
	for i, c := range of.Cols {
		if i > 0 {
			columns += ", "
		}
		columns += table.QuoteName(c.Name)
	}
	s := &propose.Sample{}
	err := t.p.EachRow(len(of.Cols), "SELECT "+columns+" FROM ("+sampleSQL(of, rows+1)+")", nil, func(vs []cell.Value) error {
		row := slices.Clone(vs)
		for i := range row {
			row[i].B = bytes.Clone(row[i].B)
		}
		s.Rows = append(s.Rows, row)
		return nil
	})
	s.Whole = len(s.Rows) <= rows
	s.Rows = s.Rows[:min(rows, len(s.Rows))]
	return s, err
}

// Open reads the first rows of a table by a proposal.
func (t *trial) Open(of *table.Table, by *source.Proposal, rows int) (replay.Reader, error) {
	o := *t.p.Opts
	o.Table, o.Map = by.Table, maps.Clone(by.Map)
	p, some := *t.p, *of
	p.Opts, some.Source = &o, p.Rows(sampleSQL(of, rows))
	l, err := table.MapTable(&p, &some, "table ", by.Map)
	if err != nil {
		return nil, err
	}
	r, err := newReader("", t.file, &p, l)
	if err != nil {
		return nil, err
	}
	return tried{r}, nil
}

// tried is a reader that leaves its file to the caller, who lent it.
type tried struct{ *Reader }

// Close ends what is still being read, and no more.
func (t tried) Close() error {
	t.file = nil
	return t.Reader.Close()
}

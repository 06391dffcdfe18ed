package mysql

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/propose"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A trial reads samples of a database's tables.
type trial struct {
	ctx context.Context
	p   *Probe
}

// proposeTables adds to the error of an unknown dialect what the tables may be read by.
func proposeTables(ctx context.Context, p *Probe, unknown *source.UnknownDialectError) error {
	proposals, missing, err := propose.Tables(ctx, &trial{ctx, p}, p.Tables)
	unknown.Proposals, unknown.Missing = proposals, missing
	return err
}

// sampleSQL is SQL for some rows of a table: the first ones, where a unique number says
// which those are.
func (t *trial) sampleSQL(of *table.Table, rows int) string {
	order := ""
	for _, u := range of.Uniques {
		if len(u) == 1 && of.Column(u[0]) != nil && classOf(of.Column(u[0]).Type) == isInteger {
			order = " ORDER BY " + table.QuoteName(of.Column(u[0]).Name)
		}
	}
	return fmt.Sprintf("SELECT * FROM %s%s LIMIT %d", t.p.Name(of), order, rows)
}

// Sample reads some rows of a table.
func (t *trial) Sample(of *table.Table, rows int) (*propose.Sample, error) {
	columns := make([]string, len(of.Cols))
	for i, c := range of.Cols {
		columns[i] = table.QuoteName(c.Name)
	}
	s := &propose.Sample{}
	err := t.p.session.Run(t.ctx, "SELECT "+strings.Join(columns, ", ")+" FROM ("+t.sampleSQL(of, rows+1)+") AS e", nil, func(r []cell.Value) error {
		row := make([]cell.Value, len(r))
		for i := range row {
			row[i] = r[i]
			row[i].B = append([]byte(nil), r[i].B...)
		}
		s.Rows = append(s.Rows, row)
		return nil
	})
	s.Whole = len(s.Rows) <= rows
	s.Rows = s.Rows[:min(rows, len(s.Rows))]
	return s, err
}

// Open reads some rows of a table by a proposal.
func (t *trial) Open(of *table.Table, by *source.Proposal, rows int) (replay.Reader, error) {
	o := *t.p.Opts
	o.Table, o.Map = by.Table, maps.Clone(by.Map)
	p, some := *t.p, *of
	p.Opts, some.Source = &o, p.Rows(t.sampleSQL(of, rows))
	l, err := table.MapTable(&p, &some, "table ", by.Map)
	if err != nil {
		return nil, err
	}
	r := &reader{session: t.p.session, probe: &p}
	if r.Binding, err = l.Bind(&o, "", r); err != nil {
		return nil, err
	}
	return tried{r}, nil
}

// tried is a reader that leaves its session to the caller, who lent it.
type tried struct{ *reader }

// Close does nothing.
func (tried) Close() error { return nil }

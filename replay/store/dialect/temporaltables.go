package dialect

import (
	"errors"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchTemporalTables binds temporal_tables 1.0 to 1.2 for PostgreSQL, and its rewrites in
// PL/pgSQL. A versioned table has a column sys_period, and TABLE_history has the versions
// that ended:
//
//	TABLE(…, sys_period tstzrange), TABLE_history(…, sys_period tstzrange)
//
// A version is the whole row and begins with its period. It is an update if another
// version of the row ends then, and else an insert. A version that ends without another or
// the live row is followed by a delete. The key is that of the live table.
//
// Nothing records the user or the transaction. A row that was created and deleted in one
// transaction leaves no version, and rows from before the versioning begin with it. The
// history keeps columns that the live table dropped, and has NULL for those it got later.
func matchTemporalTables(p *postgres.Probe) (*table.Layout, error) {
	h := &table.RowHistory{Rows: table.FullRows}
	var names []string
	var tables []table.LiveTable
	for _, live := range p.All() {
		hist := p.Table(live.Name + "_history")
		if hist == nil || !hasPeriod(live) && !hasPeriod(hist) {
			continue
		}
		for _, t := range []*table.Table{live, hist} {
			if !hasPeriod(t) {
				return nil, errors.New("table " + t.Name + " has no column sys_period of the type tstzrange")
			}
		}
		key, err := p.PrimaryKey(live)
		if err != nil {
			return nil, err
		}
		if len(key) == 0 || hist.Require(key...) != nil {
			h.LeftOut = append(h.LeftOut, table.Omission{What: "table " + live.Name + ", which has no primary key that its history has"})
			continue
		}
		sources, err := temporalSources(p, live, hist, key)
		if err != nil {
			return nil, err
		}
		h.Sources, names = append(h.Sources, sources...), append(names, live.Name)
		row, err := table.Live(p, live.Name, live)
		if err != nil {
			return nil, err
		}
		row.Reason = "the live row is the last version itself"
		tables = append(tables, row)
	}
	h.Live = func() ([]table.LiveTable, error) { return tables, nil }
	if len(names) == 0 {
		return nil, errors.New(source.NoTable + "with sys_period that has a history")
	}
	h.Recognised = "sys_period in " + source.Listed(names, 5) + " and the histories"
	return p.RowHistory(h), nil
}

func hasPeriod(t *table.Table) bool {
	c := t.Column("sys_period")
	return c != nil && c.Type == "tstzrange"
}

// temporalSources returns the beginnings of versions in the history and of live rows, and
// the deletes.
func temporalSources(p *postgres.Probe, live, hist *table.Table, key []string) ([]table.RowSource, error) {
	same := func(t *table.Table) string {
		var conds []string
		for _, k := range key {
			conds = append(conds, t.Ref("o", k)+" = v."+table.QuoteName(k))
		}
		return strings.Join(conds, " AND ")
	}
	other := func(t *table.Table, cond string) string {
		return "EXISTS (SELECT 1 FROM " + p.Name(t) + " AS o WHERE " + same(t) + " AND " + cond + ")"
	}
	begins := "CASE WHEN " + other(hist, "upper(o.sys_period) = lower(v.sys_period)") + " THEN '" + table.RowUpdate + "' ELSE '" + table.RowInsert + "' END"
	follows := "(" + other(hist, "lower(o.sys_period) = upper(v.sys_period)") + " OR " + other(live, "lower(o.sys_period) = upper(v.sys_period)") + ")"
	var out []table.RowSource
	for _, one := range []struct {
		t                *table.Table
		where, time, typ string
	}{
		{hist, "upper(v.sys_period) IS NOT NULL AND NOT " + follows, "upper(v.sys_period)", "'" + table.RowDelete + "'"},
		{hist, "NOT isempty(v.sys_period)", "lower(v.sys_period)", begins},
		{live, "NOT isempty(v.sys_period)", "lower(v.sys_period)", begins},
	} {
		s := table.RowSource{Versions: one.t, Table: table.QuoteText(live.Name), Where: one.where, Time: one.time, Type: one.typ}
		for _, k := range key {
			s.Keys = append(s.Keys, p.Key("v", one.t.Column(k)))
		}
		s.Order = s.Keys[0]
		var err error
		if s.Data, err = p.Row("v", one.t, columnsBut(one.t, []string{"sys_period"})); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

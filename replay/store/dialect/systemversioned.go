package dialect

import (
	"errors"
	"fmt"
	"strings"

	"asof/replay/store/mysql"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// MariaDB (10.3 to 11.4) keeps the versions of the rows of a table WITH SYSTEM VERSIONING,
// each with the time from which and until which it was the row. These columns may be
// hidden, as row_start and row_end, or have names. A version that follows another without
// a gap is an update, and any other is an insert. The end of a version that none follows
// is a delete, whose payload is the row before it.
//
// The times are those of statements, and a version that ended when it began was never the
// row for anybody else. DELETE HISTORY removes versions without a trace, and a table has
// none from before it was versioned. Tables with numbers of transactions instead of times,
// and tables without a primary key, are left out.
func systemVersioned() mysql.Dialect {
	return mysql.Dialect{Name: "mariadb-system-versioned", Match: matchSystemVersioned}
}

// openEnd is the end of a version that is still the row.
const openEnd = "TIMESTAMP'2038-01-19 03:14:07.999999'"

func matchSystemVersioned(p *mysql.Probe) (*table.Layout, error) {
	h := &table.RowHistory{Rows: table.FullRows}
	var names, without []string
	for _, t := range p.All() {
		period, ok := p.Period(t)
		if !ok {
			continue
		}
		key, err := p.PrimaryKey(t)
		if err != nil {
			return nil, err
		}
		why := ""
		switch {
		case period.Numbers:
			why = "table " + t.Name + ", whose periods are transactions and not times"
		case len(key) == 0:
			why = "table " + t.Name + ", which has no primary key"
		}
		if why != "" {
			without = append(without, why)
			continue
		}
		sources, err := versionedSources(p, t, period, key)
		if err != nil {
			return nil, err
		}
		h.Sources, names = append(h.Sources, sources...), append(names, t.Name)
	}
	switch {
	case len(names) == 0 && len(without) > 0:
		return nil, fmt.Errorf("it can't be read: %s", source.Listed(without, 5))
	case len(names) == 0:
		return nil, errors.New(source.NoTable + "WITH SYSTEM VERSIONING")
	}
	for _, why := range without {
		h.LeftOut = append(h.LeftOut, table.Omission{What: why})
	}
	h.Recognised = "SYSTEM VERSIONING of " + source.Listed(names, 5)
	return p.RowHistory(h), nil
}

// versionedSources returns the beginnings of versions, and the ends of those that none
// follows.
func versionedSources(p *mysql.Probe, t *table.Table, period mysql.Period, key []string) ([]table.RowSource, error) {
	cols := columnsBut(t, []string{strings.ToLower(period.Start), strings.ToLower(period.End)})
	start, end := "x."+table.QuoteName(period.Start), "x."+table.QuoteName(period.End)
	taken := map[string]bool{}
	var list []string
	for _, c := range cols {
		taken[strings.ToLower(c.Name)] = true
		list = append(list, "x."+table.QuoteName(c.Name))
	}
	free := func(name string) string { // no column has it
		for taken[name] {
			name += "_"
		}
		return name
	}
	var keys, parts []string
	for _, name := range key {
		keys, parts = append(keys, p.Key("v", t.Column(name))), append(parts, p.Key("x", t.Column(name)))
	}
	window := " OVER (PARTITION BY " + strings.Join(parts, ", ") + " ORDER BY " + start + ")"
	from, to, before, after := free("asof_from"), free("asof_to"), free("asof_before"), free("asof_after")
	versions := "(SELECT " + strings.Join(list, ", ") + ", " + start + " AS " + from + ", " + end + " AS " + to + ", lag(" + end + ")" + window + " AS " + before +
		", lead(" + start + ")" + window + " AS " + after + " FROM " + p.Name(t) + " FOR SYSTEM_TIME ALL AS x WHERE " + start + " < " + end + ")"
	data, err := p.Row("v", t, cols)
	if err != nil {
		return nil, err
	}
	begun := table.RowSource{
		Versions: t, From: versions, Table: table.QuoteText(t.Name), Keys: keys, Order: strings.Join(keys, " || ' ' || "), Data: data,
		Time: "concat(v." + from + ", 'Z')",
		Type: "CASE WHEN v." + before + " = v." + from + " THEN '" + table.RowUpdate + "' ELSE '" + table.RowInsert + "' END",
	}
	if len(key) == 1 {
		begun.Order = t.Ref("v", key[0])
	}
	ended := begun
	ended.Time = "concat(v." + to + ", 'Z')"
	ended.Type = "'" + table.RowDelete + "'"
	ended.Where = "v." + to + " < " + openEnd + " AND (v." + after + " IS NULL OR v." + after + " <> v." + to + ")"
	return []table.RowSource{begun, ended}, nil
}

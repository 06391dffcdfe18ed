package dialect

import (
	"errors"
	"fmt"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// sqlite-history 0.1 (Python) keeps the versions of a table in _TABLE_history by triggers:
//
//	_TABLE_history(_rowid, the table's columns, _version, _updated, _mask)
//
// _mask has a bit for each column that a version sets, and is -1 for a delete, which has
// the row before. The key of a stream is the rowid. _updated is in milliseconds. Versions
// of all tables are ordered by time and then by their rowid.
//
// The triggers compare with !=, so a column that becomes NULL, or was NULL, is in no
// version. check of the live rows finds such rows.
func matchSQLiteHistory(p *sqlite.Probe) (*table.Layout, error) {
	h := &table.RowHistory{Rows: table.ChangedColumns, TimeUnit: cell.UnitNamed("ms")}
	var names []string
	var tables []table.LiveTable
	for _, t := range p.All() {
		name, ok := strings.CutPrefix(t.Name, "_")
		name, ends := strings.CutSuffix(name, "_history")
		if !ok || !ends {
			continue
		}
		if err := t.Partly(2, "_rowid", "_version", "_updated", "_mask"); err != nil {
			return nil, err
		}
		if t.Column("_mask") == nil {
			continue
		}
		s, err := sqliteHistorySource(p, t, name)
		if err != nil {
			return nil, err
		}
		live, err := sqliteHistoryLive(p, name)
		if err != nil {
			return nil, err
		}
		h.Sources, names, tables = append(h.Sources, s), append(names, t.Name), append(tables, live)
	}
	if len(names) == 0 {
		return nil, errors.New(source.NoTable + "with _rowid, _version, _updated and _mask")
	}
	h.Live = func() ([]table.LiveTable, error) { return tables, nil }
	h.Recognised = "_rowid, _version, _updated and _mask in " + source.Listed(names, 5)
	return p.RowHistory(h), nil
}

// mostMasked is how many columns a mask has room for.
const mostMasked = 63

func sqliteHistorySource(p *sqlite.Probe, t *table.Table, name string) (table.RowSource, error) {
	mask := t.Ref("v", "_mask")
	s := table.RowSource{
		Versions: t, Table: table.QuoteText(name), Keys: []string{p.Key("v", t.Column("_rowid"))},
		Order: "v." + t.RowID(), Time: t.Ref("v", "_updated"),
		Type: "CASE WHEN " + mask + " = -1 THEN 'delete' WHEN " + t.Ref("v", "_version") + " = 1 THEN 'insert' ELSE 'update' END",
	}
	cols := columnsBut(t, []string{"_rowid", "_version", "_updated", "_mask"})
	if len(cols) > mostMasked {
		return s, fmt.Errorf("table %s has %d columns, and its masks have room for %d", t.Name, len(cols), mostMasked)
	}
	var members []string
	for i, c := range cols {
		row, err := p.Row("v", t, []*table.Column{c})
		if err != nil {
			return s, err
		}
		members = append(members, fmt.Sprintf("CASE WHEN %s & %d THEN substr(%s, 2, length(%[3]s) - 2) || ',' ELSE '' END", mask, int64(1)<<i, row))
	}
	s.Data = "'{' || rtrim(" + strings.Join(append(members, "''"), " || ") + ", ',') || '}'"
	return s, nil
}

// sqliteHistoryLive describes the live table, whose key is its rowid.
func sqliteHistoryLive(p *sqlite.Probe, name string) (table.LiveTable, error) {
	live, err := table.Live(p, name, p.Table(name))
	if err != nil {
		return live, err
	}
	t := p.Table(name)
	if t == nil || t.RowID() == "" {
		return live, nil
	}
	var cols []*table.Column
	for i := range t.Cols {
		cols = append(cols, &t.Cols[i])
	}
	live = table.LiveTable{
		Category: name, Table: t, From: p.Name(t), Keys: []string{"CAST(l." + table.QuoteName(t.RowID()) + " AS TEXT)"},
		Columns: table.LiveColumns(t, nil, p.Options().TimeZone),
	}
	live.Data, err = p.Row("l", t, cols)
	return live, err
}

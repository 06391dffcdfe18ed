package sqlite

import (
	"cmp"
	"fmt"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// singly reads the versions of one row by the library's index of its key, in place of all.
// They are counted once, in a temporary table, because a question looks for the first, for
// the last and then for all of them.
func (p *Probe) singly(l *table.Layout, h *table.RowHistory, of rowsOf) {
	s := &h.Sources[0]
	l.TimesFrom = "(SELECT v.*, " + s.Time + " AS time, " + s.Order + " AS seq FROM " + p.Name(s.Versions) + " AS v) AS asof_rows"
	l.TimesKey = "asof_rows.seq"
	counted := map[string]string{} // by stream
	l.Piecemeal = &table.Piecemeal{Data: "asof_rows.data", Stream: func(_ table.OneValue, stream string) (string, error) {
		from, ok := counted[stream]
		if !ok {
			var err error
			if from, err = p.countRow(h, of, stream, len(counted)); err != nil {
				return "", err
			}
			counted[stream] = from
		}
		return from, nil
	}}
}

// countRow counts the versions of the row whose stream is the nth, and returns SQL for them.
func (p *Probe) countRow(h *table.RowHistory, of rowsOf, stream string, nth int) (from string, err error) {
	if nth == 0 {
		if err := p.Exec("CREATE TEMP TABLE asof_row(stream INTEGER, version INTEGER, row INTEGER NOT NULL, PRIMARY KEY(stream, version)) WITHOUT ROWID"); err != nil {
			return "", err
		}
	}
	s := h.Sources[0]
	name, id := p.Name(s.Versions), "v."+table.QuoteName(s.Versions.RowID())
	one := *h
	one.Sources = []table.RowSource{s}
	found, ok, err := of(stream)
	if err != nil {
		return "", err
	}
	if ok {
		one.Sources[0] = found
		rows := one.Select(0, name, rowTypes, id+" AS row")
		if err := p.Exec(fmt.Sprintf("INSERT INTO temp.asof_row SELECT %d, row_number() OVER (ORDER BY r.seq), r.row FROM (%s) AS r", nth, rows)); err != nil {
			return "", err
		}
	}
	found.Where = fmt.Sprintf("o.stream = %d AND %s = o.row", nth, id)
	one.Sources[0] = found
	rows := one.Select(0, "temp.asof_row AS o CROSS JOIN "+name, rowTypes, id+" AS row, o.version AS version, "+s.Order+" AS position, "+s.Data+" AS data")
	return "(" + rows + ") AS asof_rows", nil
}

// rowsOf returns a function that returns the source of the versions of one row, or false if no
// row has the name.
func (p *Probe) rowsOf(s table.RowSource) rowsOf {
	const most = 1000 // rows
	known := map[string]table.RowSource{}
	return func(stream string) (table.RowSource, bool, error) {
		parts, ok := cell.SplitStream(stream, 1+len(s.Keys))
		if !ok {
			return s, false, nil
		}
		one, ok := known[stream]
		if !ok {
			var err error
			if one, err = p.ofRow(s, parts); err != nil {
				return s, false, err
			}
			if len(known) == most {
				clear(known)
			}
			known[stream] = one
		}
		return one, true, nil
	}
}

type rowsOf func(stream string) (table.RowSource, bool, error)

// ofRow returns the source of the versions of the row with these parts of its name.
func (p *Probe) ofRow(s table.RowSource, parts []string) (table.RowSource, error) {
	var failed error
	one, own := s.OfRow(parts, sameText, func(c *table.Column, text string) string {
		cond, err := p.sameKey(s.Versions, c, text)
		failed = cmp.Or(failed, err)
		return cond
	})
	if failed != nil {
		return s, failed
	}
	// The columns are seldom of a kind that takes other values for the same.
	others := cell.Value{Kind: cell.Int}
	if one.Where != "" {
		var err error
		if others, err = p.First("SELECT 1 FROM " + p.Name(s.Versions) + " AS v" + s.Joins + " WHERE (" + one.Where + ") AND NOT (" + own + ")"); err != nil {
			return s, err
		}
	}
	if others.Kind != cell.Null {
		one.Where = table.AndAlso(one.Where, own)
	}
	one.Table, one.Keys, one.Columns = anyText(parts[0]), nil, nil // all of these versions have the same
	for _, k := range parts[1:] {
		one.Keys = append(one.Keys, anyText(k))
	}
	return one, nil
}

// anyText returns SQL for a text, which may have a NUL.
func anyText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		return fmt.Sprintf("CAST(x'%x' AS TEXT)", s)
	}
	return table.QuoteText(s)
}

// sameText returns SQL for an expression that is the text, byte by byte.
func sameText(e, text string) string { return "(" + e + ") || '' = " + anyText(text) }

// sameKey returns SQL for a column whose value is shown as the text, of any type. Where
// several types may be, those that none of the rows has are left out, because only a single value
// keeps the order of an index.
func (p *Probe) sameKey(t *table.Table, c *table.Column, text string) (string, error) {
	values := []string{anyText(text)}
	if c.Affinity() == cell.Blob && cell.IsNumber([]byte(text)) { // other columns convert it
		values = append(values, text)
	}
	if _, ok := HexID(text); ok {
		values = append(values, "x'"+text+"'")
	}
	ref := "v." + table.QuoteName(c.Name)
	if len(values) > 1 {
		var found []string
		for _, v := range values {
			has, err := p.First("SELECT 1 FROM " + p.Name(t) + " AS v WHERE " + ref + " = " + v)
			if err != nil {
				return "", err
			}
			if has.Kind != cell.Null {
				found = append(found, v)
			}
		}
		values = found
	}
	return ref + " IN (" + strings.Join(values, ", ") + ")", nil
}

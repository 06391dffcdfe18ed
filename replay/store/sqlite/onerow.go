package sqlite

import (
	"fmt"
	"strconv"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// singly reads the versions of one row by the library's index of its key, in place of all.
// They are counted once, in a temporary table, because a question looks for the first, for
// the last and then for all of them.
func (p *Probe) singly(l *table.Layout, h *table.RowHistory) {
	s := &h.Sources[0]
	l.TimesFrom = "(SELECT v.*, " + s.Time + " AS time, " + s.Order + " AS seq FROM " + p.Name(s.Versions) + " AS v) AS asof_rows"
	l.TimesKey = "asof_rows.seq"
	counted := map[string]string{} // by stream
	l.Piecemeal = &table.Piecemeal{Data: "asof_rows.data", Stream: func(_ table.OneValue, stream string) (string, error) {
		from, ok := counted[stream]
		if !ok {
			var err error
			if from, err = p.countRow(h, stream, len(counted)); err != nil {
				return "", err
			}
			counted[stream] = from
		}
		return from, nil
	}}
}

// countRow counts the versions of the row whose stream is the nth, and returns SQL for them.
func (p *Probe) countRow(h *table.RowHistory, stream string, nth int) (from string, err error) {
	if nth == 0 {
		if err := p.Exec("CREATE TEMP TABLE asof_row(stream INTEGER, version INTEGER, row INTEGER NOT NULL, PRIMARY KEY(stream, version)) WITHOUT ROWID"); err != nil {
			return "", err
		}
	}
	types := table.RowTypes{Text: "text", Integer: "bigint"}
	s := h.Sources[0]
	name, id := p.Name(s.Versions), "v."+table.QuoteName(s.Versions.RowID())
	one := *h
	one.Sources = []table.RowSource{s}
	if parts, ok := cell.SplitStream(stream, 1+len(s.Keys)); ok {
		one.Sources[0] = s.OfRow(stream, parts, anyText, sameKey)
		rows := one.Select(0, name, types, id+" AS row")
		s.Table, s.Keys = anyText(parts[0]), nil // all of these versions have the same
		for _, k := range parts[1:] {
			s.Keys = append(s.Keys, anyText(k))
		}
		if err := p.Exec(fmt.Sprintf("INSERT INTO temp.asof_row SELECT %d, row_number() OVER (ORDER BY r.seq), r.row FROM (%s) AS r", nth, rows)); err != nil {
			return "", err
		}
	}
	one.Sources[0] = s
	one.Sources[0].Where = fmt.Sprintf("o.stream = %d AND %s = o.row", nth, id)
	rows := one.Select(0, "temp.asof_row AS o CROSS JOIN "+name, types, id+" AS row, o.version AS version, "+s.Order+" AS position, "+s.Data+" AS data")
	return "(" + rows + ") AS asof_rows", nil
}

// anyText returns SQL for a text, which may have a NUL.
func anyText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		return fmt.Sprintf("CAST(x'%x' AS TEXT)", s)
	}
	return table.QuoteText(s)
}

// sameKey returns SQL for a column whose value is shown as the given one, of any type.
func sameKey(column, value string) string {
	values := []string{anyText(value)}
	if n, ok := integerID(value); ok {
		values = append(values, strconv.FormatInt(n, 10))
	}
	if _, ok := HexID(value); ok {
		values = append(values, "x'"+value+"'")
	}
	return column + " IN (" + strings.Join(values, ", ") + ")"
}

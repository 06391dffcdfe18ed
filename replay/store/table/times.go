package table

import (
	"cmp"
	"context"
	"fmt"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// endRows is the number of rows at each end that determine a column's range.
const endRows = 64

// timeRange returns the range of the time column's numbers, at its ends or of all rows.
func (b *Binding) timeRange(ctx context.Context, all bool) (cell.NumberRange, error) {
	l := b.Layout
	from, key := cmp.Or(l.TimesFrom, l.From), cmp.Or(l.TimesKey, l.Cols[source.Position])
	sql := "SELECT " + l.Cols[source.Time] + " FROM " + from
	if l.Where != "" && l.TimesFrom == "" {
		sql += " WHERE " + l.Where
	}
	ends := []string{sql}
	if !all {
		ends = nil
		if key != "" {
			ends = append(ends, fmt.Sprintf("%s ORDER BY %s DESC LIMIT %d", sql, key, endRows))
			sql += " ORDER BY " + key
		}
		ends = append(ends, fmt.Sprintf("%s LIMIT %d", sql, endRows))
	}
	var r cell.NumberRange
	for _, sql := range ends {
		if err := b.engine.EachValue(ctx, sql, func(v *cell.Value) {
			if n, ok := b.Times.NumberOf(v); ok {
				r.Add(n)
			}
		}); err != nil {
			return r, err
		}
	}
	return r, nil
}

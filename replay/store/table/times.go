package table

import (
	"cmp"
	"fmt"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// endRows is how many rows at each end of a column tell its range.
const endRows = 64

// TimeRange looks at the numbers of a column of times: those at its ends, or all.
func (l *Layout) TimeRange(all bool, c *cell.Times, eachValue func(sql string, each func(*cell.Value)) error) (cell.NumberRange, error) {
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
		if err := eachValue(sql, func(v *cell.Value) {
			if n, ok := c.NumberOf(v); ok {
				r.Add(n)
			}
		}); err != nil {
			return r, err
		}
	}
	return r, nil
}

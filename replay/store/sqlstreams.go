package store

import "asof/replay"

// selectStreams writes the statement for a query of streams. Its columns are the
// id and, unless only those are wanted, the number of events, the first version
// and the last.
func (l *layout) selectStreams(f flavour, q replay.StreamQuery) *statement {
	b := &builder{layout: l, flavour: f, rest: residue{limit: q.Limit}}
	b.streams(q.IDs)
	if q.Prefix != "" {
		b.rest.idPrefix = newIDPrefix(q.Prefix)
		b.begins(colStream, b.rest.idPrefix)
	}
	b.rest.categories = b.oneOf(colCategory, q.Categories)
	id := f.bytes(l.cols[colStream])
	b.sql.WriteString("SELECT " + l.cols[colStream])
	if !q.IDsOnly || b.rest.categories != nil {
		v := l.cols[colVersion]
		b.sql.WriteString(", count(*), min(" + v + "), max(" + v + ")")
	}
	b.sql.WriteString(" FROM " + l.from + b.whereClause() + " GROUP BY " + id + " ORDER BY " + id)
	if q.Limit > 0 && !b.rest.filters() {
		b.sql.WriteString(" LIMIT " + b.arg(int64(q.Limit)))
	}
	return &statement{sql: b.sql.String(), args: b.args, rest: b.rest}
}

// countStreams is SQL for the number of streams and of their events. Where the
// streams have an index it is read from that alone, so that it can be compared
// with what a scan of the table finds.
func (l *layout) countStreams(f flavour) string {
	where := ""
	if l.where != "" {
		where = " WHERE " + l.where
	}
	return "SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM " + l.from + where +
		" GROUP BY " + f.bytes(l.cols[colStream]) + ") AS streams"
}

// streamStep is SQL for the least stream whose id compares so with the first
// parameter (empty: whatever it is) and, if it is bounded, is below the second.
func (l *layout) streamStep(f flavour, compare string, bounded bool) string {
	b := &builder{layout: l, flavour: f}
	id := f.bytes(l.cols[colStream])
	if compare != "" {
		b.and(id + " " + compare + " " + f.param(1, ""))
	}
	if bounded {
		b.and(id + " < " + f.param(2, ""))
	}
	return "SELECT " + l.cols[colStream] + " FROM " + l.from + b.whereClause() + " ORDER BY " + id + " LIMIT 1"
}

// ofStream is SQL for the events of one stream.
func (l *layout) ofStream(f flavour, arg func(any) string, id string) (string, bool) {
	if l.matchStream != nil {
		return l.matchStream(arg, id)
	}
	b := builder{layout: l, flavour: f}
	expr, value, ok := b.key(id)
	if !ok {
		return "", false
	}
	return expr + " = " + arg(value), true
}

package table

import (
	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// SelectStreams returns the statement for a query of streams. It selects the id and, unless
// the query wants only ids, the number of events and the first and last version. The rows are
// in order, unless they are to be joined with events.
func (l *Layout) SelectStreams(f Flavour, q replay.StreamQuery) *Statement {
	b := &builder{Layout: l, flavour: f, rest: residue{limit: q.Limit}}
	b.streams(q.IDs)
	if q.Prefix != "" {
		b.rest.IDPrefix = cell.NewIDPrefix(q.Prefix)
		b.begins(source.Stream, b.rest.IDPrefix)
	}
	b.rest.Categories = b.oneOf(source.Category, q.Categories)
	id := f.Bytes(l.Cols[source.Stream])
	b.after(q, id)
	b.sql.WriteString("SELECT " + l.Cols[source.Stream])
	described := b.rest.describes(q)
	if described {
		v := l.Cols[source.Version]
		b.sql.WriteString(", count(*), min(" + v + "), max(" + v + ")")
	}
	b.sql.WriteString(" FROM " + l.From + b.whereClause() + " GROUP BY " + id)
	limited := q.Limit > 0 && !b.rest.filters()
	if limited || !described || !f.Joins { // what is joined is sorted then
		b.sql.WriteString(" ORDER BY " + id)
		if q.Reverse {
			b.sql.WriteString(" DESC")
		}
	}
	if limited {
		b.sql.WriteString(" LIMIT " + b.arg(int64(q.Limit)))
	}
	return &Statement{SQL: b.sql.String(), Args: b.args, Rest: b.rest}
}

// describes reports whether a query of streams needs their first and last events.
func (r *residue) describes(q replay.StreamQuery) bool { return !q.IDsOnly || r.Categories != nil }

// after adds the condition that a list continues after a stream. An id that the engine
// does not accept is compared with each row instead.
func (b *builder) after(q replay.StreamQuery, id string) {
	switch {
	case q.After == "":
	case b.Derived.Has(source.Stream) || !b.flavour.takes(string(q.After)):
		b.rest.after = &q
	case q.Reverse:
		b.and(id + " < " + b.arg(string(q.After)))
	default:
		b.and(id + " > " + b.arg(string(q.After)))
	}
}

// TakesID reports whether a stream's id passes the filter that SQL did not apply.
func (r *residue) TakesID(id string) bool {
	return (r.Streams == nil || r.Streams[id]) && (r.IDPrefix == nil || r.IDPrefix.Matches(id)) &&
		(r.after == nil || r.after.Follows(replay.StreamID(id)))
}

// TakesCategory is like TakesID for the category of a stream.
func (r *residue) TakesCategory(c string) bool { return r.Categories == nil || r.Categories[c] }

// countStreams returns SQL for the number of streams and of their events. If the streams
// have an index, the engine reads only the index, so that the result can be compared with a
// scan of the table.
func (l *Layout) countStreams(f Flavour) string {
	where := ""
	if l.Where != "" {
		where = " WHERE " + l.Where
	}
	return "SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM " + l.From + where +
		" GROUP BY " + f.Bytes(l.Cols[source.Stream]) + ") AS streams"
}

// StreamStep returns SQL for the next stream: the first whose id is greater than the first
// parameter, or the last whose id is less. The comparison may be empty, which takes any id,
// and may include the id itself. If bounded, the id is below the second parameter.
func (l *Layout) StreamStep(f Flavour, compare string, bounded, back bool) string {
	b := &builder{Layout: l, flavour: f}
	id := f.Bytes(l.Cols[source.Stream])
	if compare != "" {
		b.and(id + " " + compare + " " + f.Param(1, ""))
	}
	if bounded {
		b.and(id + " < " + f.Param(2, ""))
	}
	order := id
	if back {
		order += " DESC"
	}
	return "SELECT " + l.Cols[source.Stream] + " FROM " + l.From + b.whereClause() + " ORDER BY " + order + " LIMIT 1"
}

// OfStream returns an SQL condition for the events of one stream.
func (l *Layout) OfStream(f Flavour, arg func(any) string, id string) (string, bool) {
	if l.MatchStream != nil {
		return l.MatchStream(arg, id)
	}
	b := builder{Layout: l, flavour: f}
	expr, value, ok := b.key(id)
	if !ok {
		return "", false
	}
	return expr + " = " + arg(value), true
}

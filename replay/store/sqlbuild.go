package store

import (
	"errors"
	"slices"
	"strings"

	"asof/replay"
)

// maxInList bounds the streams that are named in one SQL statement. Beyond it,
// all rows are read and those of other streams passed over, which is as fast.
const maxInList = 500

// A flavour is what the SQL of two engines differs in.
type flavour struct {
	param func(n int, v any) string // the nth parameter, from 1, which is v
	bytes func(e string) string     // the expression, compared byte by byte

	same func(e string) string // the same for equality alone; nil is bytes

	// blobs tells that a column of texts can hold the bytes of one as a blob, which
	// does not compare as the text does.
	blobs bool

	// text is the beginning of s that the engine can take as a text; nil takes all.
	text func(s string) string
	// after gives the least text that is greater than all that begin with s.
	after func(s string) (string, bool)
}

// equal is the expression, compared byte by byte for equality.
func (f *flavour) equal(e string) string {
	if f.same != nil {
		return f.same(e)
	}
	return f.bytes(e)
}

func (f *flavour) takes(s string) bool { return f.text == nil || f.text(s) == s }

// A statement is SQL with its arguments (string, int64 or []byte), and what is
// left to do after it.
type statement struct {
	sql  string
	args []any
	cols [numColumns]int // index in the result; -1 where not selected
	item int             // that of the layout's item
	rest residue
}

// A residue is the part of a query that SQL was not asked for.
type residue struct {
	none       bool // nothing can match: don't ask
	streams    map[string]bool
	categories map[string]bool
	types      map[string]bool
	idPrefix   *idPrefix
	limit      int
}

func (r *residue) filters() bool {
	return r.streams != nil || r.categories != nil || r.types != nil || r.idPrefix != nil
}

// A builder writes one statement.
type builder struct {
	*layout
	flavour flavour
	sql     strings.Builder
	args    []any
	conds   []string
	rest    residue
}

func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return b.flavour.param(len(b.args), v)
}

func (b *builder) and(cond string) { b.conds = append(b.conds, cond) }

// key returns the expression that streams are looked up by, and the value for id.
func (b *builder) key(id string) (expr string, value any, ok bool) {
	expr, value, ok = b.streamKey, id, true
	if expr == "" {
		expr = b.flavour.equal(b.cols[colStream])
	}
	if b.streamArg != nil {
		value, ok = b.streamArg(id)
	}
	return expr, value, ok
}

func (b *builder) streams(ids []replay.StreamID) {
	if ids == nil {
		return
	}
	if b.matchStream != nil {
		b.matchStreams(ids)
		return
	}
	set := map[string]bool{}
	var list []string
	var expr string
	for _, id := range distinct(ids) {
		e, v, ok := b.key(string(id))
		if !ok {
			continue
		}
		expr, set[string(id)] = e, true
		if len(set) <= maxInList {
			list = append(list, b.arg(v))
		}
	}
	switch {
	case len(set) == 0:
		b.rest.none = true
	case len(set) > maxInList:
		b.args = b.args[:len(b.args)-len(list)]
		b.rest.streams = set
	case len(list) == 1:
		b.and(expr + " = " + list[0])
	default:
		b.and(expr + " IN (" + strings.Join(list, ", ") + ")")
	}
}

// matchStreams asks for streams that are known by more than one value.
func (b *builder) matchStreams(ids []replay.StreamID) {
	set := map[string]bool{}
	var conds []string
	before := len(b.args)
	for _, id := range distinct(ids) {
		cond, ok := b.matchStream(b.arg, string(id))
		if !ok {
			continue
		}
		if set[string(id)] = true; len(conds) <= maxInList {
			conds = append(conds, cond)
		}
	}
	switch {
	case len(set) == 0:
		b.rest.none = true
	case len(conds) > maxInList:
		b.args = b.args[:before]
		b.rest.streams = set
	default:
		b.and("(" + strings.Join(conds, ") OR (") + ")")
	}
}

// oneOf asks for rows whose column is one of the values, in SQL if it can be.
func (b *builder) oneOf(c column, values []string) map[string]bool {
	if values == nil {
		return nil
	}
	if len(values) == 0 {
		b.rest.none = true
		return nil
	}
	if b.has(c) && !b.derived.has(c) && len(values) <= maxInList {
		var list []string
		for _, v := range values {
			if b.flavour.takes(v) {
				list = append(list, b.arg(v))
			}
			if b.flavour.blobs {
				list = append(list, b.arg([]byte(v)))
			}
		}
		if list == nil {
			b.rest.none = true
			return nil
		}
		b.and(b.flavour.equal(b.cols[c]) + " IN (" + strings.Join(list, ", ") + ")")
		return nil
	}
	set := map[string]bool{}
	for _, v := range values {
		set[v] = true
	}
	return set
}

// begins asks for rows whose column begins with the prefix, which may ask for
// more than that: the caller compares again.
func (b *builder) begins(c column, p *idPrefix) {
	if b.derived.has(c) {
		return
	}
	if raw := b.uuids[c]; raw != "" {
		b.beginsUUID(raw, p)
		return
	}
	var any []string
	e := b.flavour.bytes(b.cols[c])
	ranges := p.ranges()
	for _, r := range ranges {
		from, to := r[0], r[1]
		if b.flavour.text != nil {
			from, to = b.flavour.text(from), b.flavour.text(to)
		}
		cond := e + " >= " + b.arg(from)
		if next, ok := b.flavour.after(to); ok {
			cond += " AND " + e + " < " + b.arg(next)
		}
		any = append(any, "("+cond+")")
	}
	if b.flavour.blobs && c == colID {
		// One range with both ends: of many, or of an open one, SQLite scans the table.
		cond := e + " >= " + b.arg([]byte(ranges[0][0]))
		if next, ok := afterPrefix(ranges[len(ranges)-1][1]); ok {
			cond += " AND " + e + " < " + b.arg([]byte(next))
		}
		any = append(any, "("+cond+")")
	}
	b.and("(" + strings.Join(any, " OR ") + ")")
}

// beginsUUID asks for UUIDs that begin so, which compare as their digits do.
func (b *builder) beginsUUID(raw string, p *idPrefix) {
	if p.hex == "" {
		b.rest.none = true
		return
	}
	const digits = 32
	missing := digits - len(p.hex)
	low := dashUUID(p.hex + strings.Repeat("0", missing))
	high := dashUUID(p.hex + strings.Repeat("f", missing))
	b.and(raw + " >= " + b.arg(low) + " AND " + raw + " <= " + b.arg(high))
}

// whereClause returns the conditions so far, as SQL.
func (b *builder) whereClause() string {
	conds := b.conds
	if b.where != "" {
		conds = append([]string{b.where}, conds...)
	}
	if len(conds) == 0 {
		return ""
	}
	return " WHERE (" + strings.Join(conds, ") AND (") + ")"
}

// selectEvents writes the statement for a query.
func (l *layout) selectEvents(f flavour, q replay.Query) (*statement, error) {
	b := &builder{layout: l, flavour: f, rest: residue{limit: q.Limit}}
	q.Streams = distinct(q.Streams)
	oneStream := len(q.Streams) == 1
	b.streams(q.Streams)
	if err := b.spans(q, oneStream); err != nil {
		return nil, err
	}
	b.rest.types = b.oneOf(colType, q.Types)
	b.rest.categories = b.oneOf(colCategory, q.Categories)
	if q.IDPrefix != "" {
		b.rest.none = b.rest.none || !l.has(colID) // Info says that there are no ids
		b.rest.idPrefix = newIDPrefix(q.IDPrefix)
		if l.has(colID) {
			b.begins(colID, b.rest.idPrefix)
		}
	}
	st := &statement{}
	want := l.wanted(q)
	b.sql.WriteString("SELECT ")
	n := 0
	for c := range numColumns {
		st.cols[c] = -1
		if !l.has(c) || !want.has(c) {
			continue
		}
		if n > 0 {
			b.sql.WriteString(", ")
		}
		b.sql.WriteString(l.cols[c])
		st.cols[c] = n
		n++
	}
	if st.item = -1; l.item != "" {
		b.sql.WriteString(", " + l.item)
		st.item = n
	}
	b.sql.WriteString(" FROM " + l.from + b.whereClause())
	if err := b.order(q, oneStream); err != nil {
		return nil, err
	}
	if q.Limit > 0 && !b.rest.filters() {
		b.sql.WriteString(" LIMIT " + b.arg(int64(q.Limit)))
	}
	st.sql, st.args, st.rest = b.sql.String(), b.args, b.rest
	return st, nil
}

// wanted returns the columns that a query needs.
func (l *layout) wanted(q replay.Query) columnSet {
	want := columnsOf(colStream, colVersion, colPosition, colCategory, colType, colRevision)
	if q.Skip&replay.FieldID == 0 || q.IDPrefix != "" {
		want |= columnsOf(colID)
	}
	if q.Skip&replay.FieldTime == 0 {
		want |= columnsOf(colTime)
	}
	if q.Skip&replay.FieldMeta == 0 {
		want |= columnsOf(colMeta, colActor, colCorrelation, colCausation)
	}
	if q.Skip&replay.FieldData == 0 || l.dataAlways || l.inData&^q.Skip != 0 {
		want |= columnsOf(colData)
	}
	return want
}

func (b *builder) spans(q replay.Query, oneStream bool) error {
	lo, hasLo := q.Versions.Lo()
	hi, hasHi := q.Versions.Hi()
	if (hasLo || hasHi) && !oneStream {
		return errors.New("a range of versions needs exactly one stream")
	}
	b.between(colVersion, int64(lo), hasLo, int64(hi), hasHi)
	from, hasFrom := q.Positions.Lo()
	to, hasTo := q.Positions.Hi()
	if (hasFrom || hasTo) && !b.has(colPosition) {
		return &replay.UnsupportedError{Dialect: b.dialect, Lacks: "positions"}
	}
	b.between(colPosition, int64(from), hasFrom, int64(to), hasTo)
	return nil
}

func (b *builder) between(c column, lo int64, hasLo bool, hi int64, hasHi bool) {
	if hasLo {
		b.and(b.cols[c] + " >= " + b.arg(lo))
	}
	if hasHi {
		b.and(b.cols[c] + " <= " + b.arg(hi))
	}
}

func (b *builder) order(q replay.Query, oneStream bool) error {
	way := ""
	if q.Reverse {
		way = " DESC"
	}
	switch {
	case oneStream:
		b.sql.WriteString(" ORDER BY " + b.cols[colVersion] + way)
	case q.Order == replay.ByStream:
		b.sql.WriteString(" ORDER BY " + b.flavour.bytes(b.cols[colStream]) + way + ", " + b.cols[colVersion] + way)
	case b.has(colPosition):
		b.sql.WriteString(" ORDER BY " + b.cols[colPosition] + way)
	default:
		e := &replay.UnsupportedError{
			Dialect: b.dialect, Lacks: "positions",
			Next: "ask stream by stream: this store keeps no order across streams",
		}
		if len(b.contexts) > 1 {
			e.Next = "choose one of its applications by --context: " + listed(b.contexts, 10)
		}
		return e
	}
	return nil
}

// distinct returns the ids without repetition, sorted; nil stays nil.
func distinct(ids []replay.StreamID) []replay.StreamID {
	if len(ids) < 2 {
		return ids
	}
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

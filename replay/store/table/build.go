package table

import (
	"errors"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// maxInList is the maximum number of streams in one SQL statement. Beyond it, reading all
// rows and skipping other streams is as fast.
const maxInList = 500

// A Flavour describes the SQL of one engine.
type Flavour struct {
	Param func(n int, v any) string // returns the nth parameter, from 1, for value v
	Bytes func(e string) string     // makes the expression compare byte by byte

	Same func(e string) string // like Bytes, for equality only; nil means Bytes

	// Joins is set if the engine joins two tables without an index in linear time.
	Joins bool

	// Blobs is set if a column may store a text as a blob, which compares differently
	// from the text.
	Blobs bool

	// Text returns the longest prefix of s that the engine accepts; nil accepts all.
	Text func(s string) string
	// After returns the smallest text greater than all texts with prefix s.
	After func(s string) (string, bool)
}

// equal makes the expression compare byte by byte for equality.
func (f *Flavour) equal(e string) string {
	if f.Same != nil {
		return f.Same(e)
	}
	return f.Bytes(e)
}

func (f *Flavour) takes(s string) bool { return f.Text == nil || f.Text(s) == s }

// A Statement is SQL with its arguments (string, int64 or []byte) and the filters to apply
// afterwards.
type Statement struct {
	SQL   string
	Args  []any
	Cols  [source.NumFields]int // index in the result; -1 where not selected
	Item  int                   // index of the layout's Item; -1 if none
	Parts [2]int                // indexes of the first of the layout's Parts and after the last; the same if none
	Names [2]int                // the same of the layout's Names

	Members [2]int // the same of the layout's Members; the first is that of the metadata
	Join    func(values []cell.Value, into *cell.Value) error

	Assemble func(out []byte, parts []cell.Value) []byte // see [Layout]
	Texts    source.FieldSet                             // see [Layout]
	Rest     residue
}

// A residue is the part of a query that SQL does not filter.
type residue struct {
	None       bool // nothing can match, so the statement need not run
	Streams    map[string]bool
	Categories map[string]bool
	types      map[string]bool
	IDPrefix   *cell.IDPrefix
	after      *replay.StreamQuery // of the streams that are listed; nil: all
	limit      int
}

func (r *residue) filters() bool {
	return r.Streams != nil || r.Categories != nil || r.types != nil || r.IDPrefix != nil || r.after != nil
}

// A builder builds one statement.
type builder struct {
	*Layout
	flavour Flavour
	sql     strings.Builder
	args    []any
	conds   []string
	rest    residue
}

func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return b.flavour.Param(len(b.args), v)
}

func (b *builder) and(cond string) { b.conds = append(b.conds, cond) }

// key returns the expression for looking up streams, and its value for id.
func (b *builder) key(id string) (expr string, value any, ok bool) {
	expr, value, ok = b.StreamKey, id, true
	if expr == "" {
		expr = b.flavour.equal(b.Cols[source.Stream])
	}
	if b.StreamArg != nil {
		value, ok = b.StreamArg(id)
	}
	return expr, value, ok
}

func (b *builder) streams(ids []replay.StreamID) {
	if ids == nil {
		return
	}
	if b.MatchStream != nil {
		b.matchStreams(ids)
		return
	}
	set := map[string]bool{}
	var list []string
	var expr string
	for _, id := range Distinct(ids) {
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
		b.rest.None = true
	case len(set) > maxInList:
		b.args = b.args[:len(b.args)-len(list)]
		b.rest.Streams = set
	case len(list) == 1:
		b.and(expr + " = " + list[0])
	default:
		b.and(expr + " IN (" + strings.Join(list, ", ") + ")")
	}
}

// matchStreams adds a condition for streams that are identified by several values.
func (b *builder) matchStreams(ids []replay.StreamID) {
	set := map[string]bool{}
	var conds []string
	before := len(b.args)
	for _, id := range Distinct(ids) {
		own := len(b.args)
		cond, ok := b.MatchStream(b.arg, string(id))
		if !ok {
			b.args = b.args[:own] // of the parts before the one that can't match
			continue
		}
		if set[string(id)] = true; len(conds) <= maxInList {
			conds = append(conds, cond)
		}
	}
	switch {
	case len(set) == 0:
		b.rest.None = true
	case len(conds) > maxInList:
		b.args = b.args[:before]
		b.rest.Streams = set
	default:
		b.and("(" + strings.Join(conds, ") OR (") + ")")
	}
}

// oneOf restricts a column to the values, in SQL if possible. It returns the values to
// check afterwards.
func (b *builder) oneOf(c source.Field, values []string) map[string]bool {
	if values == nil {
		return nil
	}
	if len(values) == 0 {
		b.rest.None = true
		return nil
	}
	if b.Has(c) && !b.Derived.Has(c) && len(values) <= maxInList {
		var list []string
		for _, v := range values {
			if b.flavour.takes(v) {
				list = append(list, b.arg(v))
			}
			if b.flavour.Blobs {
				list = append(list, b.arg([]byte(v)))
			}
		}
		if list == nil {
			b.rest.None = true
			return nil
		}
		b.and(b.flavour.equal(b.Cols[c]) + " IN (" + strings.Join(list, ", ") + ")")
		return nil
	}
	set := map[string]bool{}
	for _, v := range values {
		set[v] = true
	}
	return set
}

// begins restricts a column to values with the prefix. The condition may match more values,
// so the caller checks again.
func (b *builder) begins(c source.Field, p *cell.IDPrefix) {
	if b.Derived.Has(c) {
		return
	}
	if raw := b.UUIDs[c]; raw != "" {
		b.beginsUUID(raw, p)
		return
	}
	var any []string
	e := b.flavour.Bytes(b.Cols[c])
	ranges := p.Ranges()
	for _, r := range ranges {
		from, to := r[0], r[1]
		if b.flavour.Text != nil {
			from, to = b.flavour.Text(from), b.flavour.Text(to)
		}
		cond := e + " >= " + b.arg(from)
		if next, ok := b.flavour.After(to); ok {
			cond += " AND " + e + " < " + b.arg(next)
		}
		any = append(any, "("+cond+")")
	}
	if b.flavour.Blobs && c == source.ID {
		// A single range with both ends: SQLite scans the table for several or open ranges.
		cond := e + " >= " + b.arg([]byte(ranges[0][0]))
		if next, ok := cell.AfterPrefix(ranges[len(ranges)-1][1]); ok {
			cond += " AND " + e + " < " + b.arg([]byte(next))
		}
		any = append(any, "("+cond+")")
	}
	b.and("(" + strings.Join(any, " OR ") + ")")
}

// beginsUUID restricts a UUID column to a prefix. UUIDs sort like their digits.
func (b *builder) beginsUUID(raw string, p *cell.IDPrefix) {
	if p.Hex == "" {
		b.rest.None = true
		return
	}
	const digits = 32
	missing := digits - len(p.Hex)
	low := cell.DashUUID(p.Hex + strings.Repeat("0", missing))
	high := cell.DashUUID(p.Hex + strings.Repeat("f", missing))
	b.and(raw + " >= " + b.arg(low) + " AND " + raw + " <= " + b.arg(high))
}

// whereClause returns the WHERE clause.
func (b *builder) whereClause() string {
	conds := b.conds
	if b.Where != "" {
		conds = append([]string{b.Where}, conds...)
	}
	if len(conds) == 0 {
		return ""
	}
	return " WHERE (" + strings.Join(conds, ") AND (") + ")"
}

// SelectEvents returns the statement for a query of events.
func (l *Layout) SelectEvents(f Flavour, q replay.Query) (*Statement, error) {
	b := &builder{Layout: l, flavour: f, rest: residue{limit: q.Limit}}
	q.Streams = Distinct(q.Streams)
	oneStream := len(q.Streams) == 1
	b.streams(q.Streams)
	if err := b.spans(q, oneStream); err != nil {
		return nil, err
	}
	b.rest.types = b.oneOf(source.Type, q.Types)
	b.rest.Categories = b.oneOf(source.Category, q.Categories)
	if q.IDPrefix != "" {
		b.rest.None = b.rest.None || !l.Has(source.ID) // Info lists ids as lacking
		b.rest.IDPrefix = cell.NewIDPrefix(q.IDPrefix)
		if l.Has(source.ID) {
			b.begins(source.ID, b.rest.IDPrefix)
		}
	}
	st := &Statement{Texts: l.Texts}
	b.columns(st, q)
	b.sql.WriteString(" FROM " + l.From + b.whereClause())
	if err := b.order(q, oneStream); err != nil {
		return nil, err
	}
	if q.Limit > 0 && !b.rest.filters() {
		b.sql.WriteString(" LIMIT " + b.arg(int64(q.Limit)))
	}
	st.SQL, st.Args, st.Rest = b.sql.String(), b.args, b.rest
	return st, nil
}

func (b *builder) spans(q replay.Query, oneStream bool) error {
	lo, hasLo := q.Versions.Lo()
	hi, hasHi := q.Versions.Hi()
	if (hasLo || hasHi) && !oneStream {
		return errors.New("a range of versions needs exactly one stream")
	}
	b.between(source.Version, int64(lo), hasLo, int64(hi), hasHi)
	from, hasFrom := q.Positions.Lo()
	to, hasTo := q.Positions.Hi()
	if (hasFrom || hasTo) && !b.Has(source.Position) {
		return &replay.UnsupportedError{Dialect: b.Dialect, Lacks: "positions"}
	}
	b.between(source.Position, int64(from), hasFrom, int64(to), hasTo)
	return nil
}

func (b *builder) between(c source.Field, lo int64, hasLo bool, hi int64, hasHi bool) {
	if hasLo {
		b.and(b.Cols[c] + " >= " + b.arg(lo))
	}
	if hasHi {
		b.and(b.Cols[c] + " <= " + b.arg(hi))
	}
}

func (b *builder) order(q replay.Query, oneStream bool) error {
	way := ""
	if q.Reverse {
		way = " DESC"
	}
	switch {
	case oneStream:
		b.sql.WriteString(" ORDER BY " + b.Cols[source.Version] + way)
	case q.Order == replay.ByStream:
		b.sql.WriteString(" ORDER BY " + b.flavour.Bytes(b.Cols[source.Stream]) + way + ", " + b.Cols[source.Version] + way)
	case b.Has(source.Position):
		b.sql.WriteString(" ORDER BY " + b.Cols[source.Position] + way)
	default:
		e := &replay.UnsupportedError{
			Dialect: b.Dialect, Lacks: "positions",
			Next: fault.Try("ask stream by stream: this store has no order across streams"),
		}
		if b.Mapped {
			e.Next = fault.Try("map position to a column that orders all rows, or ask stream by stream")
		}
		if len(b.Contexts) > 1 {
			e.Next = fault.Try("choose one of its applications").With("context", b.Contexts[:min(10, len(b.Contexts))]...)
		}
		return e
	}
	return nil
}

// Distinct returns the ids sorted and without duplicates, or nil for nil.
func Distinct(ids []replay.StreamID) []replay.StreamID {
	if len(ids) < 2 {
		return ids
	}
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

// AndAlso adds a condition to others; an empty condition matches all rows.
func AndAlso(where, cond string) string {
	if where == "" {
		return cond
	}
	return where + " AND " + cond
}

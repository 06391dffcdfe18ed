package table

import (
	"cmp"
	"fmt"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// The types of row versions. Some libraries have more.
const (
	RowInsert = "insert"
	RowUpdate = "update"
	RowDelete = "delete"
)

// FullRows is the [Layout].Rows of a library that records the whole row.
func FullRows(typ string) replay.RowChange {
	if typ == RowDelete {
		return replay.RowGone
	}
	return replay.RowFull
}

// ChangedColumns is the [Layout].Rows of a library that records what changed.
func ChangedColumns(typ string) replay.RowChange {
	if typ == RowDelete {
		return replay.RowGone
	}
	return replay.RowSet
}

// A RowHistory describes the versions of rows in one or more tables.
type RowHistory struct {
	Recognised string
	Sources    []RowSource
	Rows       func(typ string) replay.RowChange
	Sequence   bool // the Order of the only source is an integer, and orders everything

	// Sequenced is set if the Orders are integers, and the versions of a row are in one
	// source: its versions are in this order, whatever their times.
	Sequenced bool

	// Transactions is set if the Orders of all sources are transactions, and integers.
	Transactions bool

	Untyped  bool // the first version is an insert, and the others are updates
	Decoder  func() Decoder
	LeftOut  []Omission
	Lacks    []string
	TimeUnit *cell.TimeUnit // if it is known

	Live func() ([]LiveTable, error) // see [Layout]
}

// A RowSource is one table of versions, v. Fields that the library does not have are
// empty.
type RowSource struct {
	Versions *Table
	From     string   // SQL: the versions, if they are not simply the rows of Versions
	Joins    string   // SQL: what the fields need in addition to v, except Data
	Where    string   // SQL: which rows are versions; empty: all
	Table    string   // SQL: the name of the row's table
	Keys     []string // SQL: the key's columns as text
	Columns  []string // the names of the key's columns, if a question about one row may look it up by them
	Keyless  bool     // the library also records what is about no row: a version without a key is not lost

	Order string // SQL: the order of versions of the same time
	Time  string // SQL

	Type, ID, Actor, Correlation, Meta string // SQL, text

	Members *Members // of which Meta is [RowProbe].Members, if it is

	Data  string    // SQL over v alone: the payload
	Row   []*Column // the columns of Versions of which Data is [RowProbe].Row, if it is
	Parts []string  // SQL: the texts of which Data is an array, if the decoder takes them one by one
	Late  *Late     // the last of them, in whose place Parts has what Late needs

	OwnData, OwnActor string // SQL: what v itself has of them, if they are from other rows too
}

// Owns returns, for the fields that some source has from other rows too, functions for what
// the versions of a source themselves have of them.
func (h *RowHistory) Owns() map[source.Field]func(*RowSource) string {
	owns := map[source.Field]func(*RowSource) string{}
	for i := range h.Sources {
		if h.Sources[i].OwnData != "" {
			owns[source.Data] = func(s *RowSource) string { return cmp.Or(s.OwnData, s.Data) }
		}
		if h.Sources[i].OwnActor != "" {
			owns[source.Actor] = func(s *RowSource) string { return cmp.Or(s.OwnActor, s.Actor, "NULL") }
		}
	}
	return owns
}

// Members are the members of an object: SQL for texts and numbers.
type Members struct{ Names, Values []string }

// A RowProbe is a probe of an engine that writes the SQL of row histories.
type RowProbe interface {
	Probe
	// Name returns SQL that names the table.
	Name(t *Table) string
	// Table finds a table by name, ignoring case.
	Table(name string) *Table
	// All returns the tables, by name.
	All() []*Table
	// PrimaryKey returns the columns of a table's primary key.
	PrimaryKey(t *Table) ([]string, error)
	// References returns the names of the tables to which foreign keys of a table lead.
	References(t *Table) ([]string, error)
	// Key returns SQL for a column of a key as text.
	Key(alias string, c *Column) string
	// Row returns SQL for a JSON object of the columns. NULL is null, a JSON column is
	// JSON, and bytes are text in base64.
	Row(alias string, t *Table, cols []*Column) (string, error)
	// Members returns SQL for a JSON object of texts and numbers, without those that are
	// NULL. It is NULL if all are.
	Members(names, values []string) string
	// Array returns SQL for a JSON array of texts, with null for NULL.
	Array(values ...string) string
	// SameKey returns an SQL condition for a row whose key is in another table, so that
	// the index of the first applies if their types agree.
	SameKey(alias string, c *Column, other string, o *Column) string
	// Values returns the first column of a query.
	Values(sql string) ([]string, error)
	// Steps returns the different values of a column, by the index that begins with it.
	Steps(t *Table, column string) ([]string, error)
	// RowHistory returns the layout of a history.
	RowHistory(h *RowHistory) *Layout
}

// Column returns SQL for a column of a table with an alias.
func (t *Table) Ref(alias, column string) string {
	c := t.Column(column)
	if c == nil {
		return "NULL"
	}
	return alias + "." + QuoteName(c.Name)
}

// OrNull returns the expression, or NULL of a type if it is empty.
func orNull(e, typ string) string {
	if e == "" {
		return "CAST(NULL AS " + typ + ")"
	}
	return e
}

// hasKey returns an SQL condition for the versions that have a key.
func (s *RowSource) hasKey() string {
	var conds []string
	for i, k := range append([]string{s.Table}, s.Keys...) {
		if len(s.Columns) == len(s.Keys) && i > 0 {
			k = s.Versions.Ref("v", s.Columns[i-1])
		}
		if !strings.HasPrefix(k, "'") {
			conds = append(conds, k+" IS NOT NULL")
		}
	}
	return strings.Join(conds, " AND ")
}

// Stream returns SQL for the name of the stream.
func (s *RowSource) Stream() string {
	parts := make([]string, 0, len(s.Keys)+1)
	for _, k := range append([]string{s.Table}, s.Keys...) {
		parts = append(parts, escaped(k))
	}
	return strings.Join(parts, " || '/' || ")
}

func (s *RowSource) from(name string) string {
	return " FROM " + name + " AS v" + s.Joins
}

func (s *RowSource) where(conds ...string) string {
	var all []string
	for _, c := range append([]string{s.Where}, conds...) {
		if c != "" {
			all = append(all, "("+c+")")
		}
	}
	if all == nil {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}

// RowTypes names the types to which an engine casts text and integers.
type RowTypes struct{ Text, Integer string }

// Select returns SQL for the versions in one source, as the columns src, category,
// stream, time, seq, tie, type, id, actor, correlation, meta, and then last.
func (h *RowHistory) Select(i int, name string, types RowTypes, last string) string {
	s, text := &h.Sources[i], types.Text
	seq, tie := s.Order, "CAST("+s.Order+" AS "+text+")"
	if h.Transactions {
		tie = s.Stream()
	} else if !h.Sequence {
		seq = "CAST(NULL AS " + types.Integer + ")"
		if s.OrderIsNumber() {
			seq, tie = s.Order, "CAST(NULL AS "+text+")"
		}
	}
	typ := orNull(s.Type, text)
	return fmt.Sprintf("SELECT %d AS src, %s AS category, %s AS stream, %s AS time, %s AS seq, %s AS tie, %s AS type, %s AS id, %s AS actor, %s AS correlation, %s AS meta, %s",
		i, s.Table, s.Stream(), orNull(s.Time, text), seq, tie, typ, orNull(s.ID, text), orNull(s.Actor, text),
		orNull(s.Correlation, text), orNull(s.Meta, text), last) + s.from(name) + s.where(s.hasKey())
}

// Ordered returns SQL for all versions with their positions and versions, in a server, which
// orders them for each question.
func (h *RowHistory) Ordered(p RowProbe, types RowTypes) string {
	var all []string
	for i := range h.Sources {
		s := &h.Sources[i]
		all = append(all, h.Select(i, cmp.Or(s.From, p.Name(s.Versions)), types, h.payload(s)))
	}
	position := "row_number() OVER (ORDER BY " + h.Order("r", nil) + ")"
	if h.Sequence {
		position = "r.seq"
	}
	return "SELECT " + position + " AS position, row_number() OVER (PARTITION BY r.stream ORDER BY " + h.VersionOrder("r", nil) +
		") AS version, r.* FROM (" + strings.Join(all, " UNION ALL ") + ") AS r"
}

// payload returns SQL for the payload of a source's versions, data, and for what the versions
// themselves have of it and of the actor.
func (h *RowHistory) payload(s *RowSource) string {
	sql, owns := s.Data+" AS data", h.Owns()
	for _, f := range []source.Field{source.Data, source.Actor} {
		if own := owns[f]; own != nil {
			sql += ", " + own(s) + " AS own_" + source.FieldNames[f]
		}
	}
	return sql
}

// OrderIsNumber reports whether the order is a column of integers.
func (s *RowSource) OrderIsNumber() bool {
	name := columnOf(s.Order)
	c := s.Versions.Column(name)
	if c == nil && name != "" && name == s.Versions.RowID() {
		return true
	}
	return c != nil && strings.Contains(strings.ToLower(c.Type), "int")
}

// HasTimes reports whether the times are a column of the versions.
func (s *RowSource) HasTimes() bool { return s.Versions.Column(columnOf(s.Time)) != nil }

// Times returns SQL for the times and the numbers of the versions, in any order. It reads
// columns of the key only if they may be NULL.
func (s *RowSource) Times(name, id string) string {
	known := *s
	if s.Versions.neverNullIn(s.Columns) && len(s.Columns) == len(s.Keys) {
		known.Keys = nil
	}
	return "SELECT " + s.Time + ", " + id + s.from(name) + s.where(known.hasKey())
}

// OrderIsRowID reports whether the order is the number that the engine gives each row.
func (s *RowSource) OrderIsRowID() bool {
	id := s.Versions.RowID()
	return id != "" && columnOf(s.Order) == strings.ToLower(id)
}

// Order returns SQL for the order of all versions, of the columns of [RowHistory.Select].
// clock makes times sort by time; nil if they do.
func (h *RowHistory) Order(alias string, clock func(e string) string) string {
	at := func(column string) string { return alias + "." + column }
	switch {
	case h.Sequence:
		return at("seq")
	case h.Transactions:
		return at("seq") + ", " + at("src") + ", " + at("tie")
	}
	time := at("time")
	if clock != nil {
		time = clock(time)
	}
	return time + ", " + at("src") + ", " + at("seq") + ", " + at("tie")
}

// VersionOrder returns SQL for the order of a row's versions.
func (h *RowHistory) VersionOrder(alias string, clock func(e string) string) string {
	if h.Sequenced {
		return alias + ".seq"
	}
	return h.Order(alias, clock)
}

// TypeOf returns SQL for the type of a version.
func (h *RowHistory) TypeOf(typ, version string) string {
	if !h.Untyped {
		return typ
	}
	return "CASE WHEN " + version + " = 1 THEN '" + RowInsert + "' ELSE '" + RowUpdate + "' END"
}

// Layout returns what layouts have in common in all engines, for events with the columns
// of [RowHistory.Select] and position and version.
func (h *RowHistory) Layout(p RowProbe, from, alias string) *Layout {
	l := &Layout{
		Recognised: h.Recognised, From: from, Numbered: true, ByClock: !h.Sequence && !h.Sequenced && !h.Transactions, Rows: h.Rows,
		TimeUnit: h.TimeUnit, Live: h.Live, collated: p.Collated,
		Decoder: h.Decoder, LeftOut: h.LeftOut, Lacks: h.Lacks,
	}
	for f, has := range map[source.Field]func(*RowSource) bool{
		source.Stream: nil, source.Version: nil, source.Position: nil, source.Category: nil, source.Type: nil, source.Time: nil,
		source.ID:          func(s *RowSource) bool { return s.ID != "" },
		source.Actor:       func(s *RowSource) bool { return s.Actor != "" },
		source.Correlation: func(s *RowSource) bool { return s.Correlation != "" },
		source.Meta:        func(s *RowSource) bool { return s.Meta != "" },
	} {
		for i := range h.Sources {
			if has == nil || has(&h.Sources[i]) {
				l.Cols[f] = alias + "." + source.FieldNames[f]
			}
		}
	}
	for i := range h.Sources {
		s := &h.Sources[i]
		if c := s.Versions.Column(columnOf(s.Time)); c != nil && l.ByClock {
			typ := strings.ToLower(c.Type)
			l.ClockOfTexts = l.ClockOfTexts || strings.Contains(typ, "char") || strings.Contains(typ, "text")
		}
		if s.Where != "" {
			all := *s
			all.Where = ""
			l.leaveOut(undecided("SELECT count(*)" + s.from(cmp.Or(s.From, p.Name(s.Versions))) + all.where("("+s.Where+") IS NULL")))
		}
		has := s.hasKey()
		if has == "" {
			continue
		}
		without := Lost("version", " without a key in "+s.Versions.Name, "SELECT count(*)"+s.from(cmp.Or(s.From, p.Name(s.Versions)))+s.where("NOT ("+has+")"))
		without.Lost = !s.Keyless
		l.leaveOut(without)
	}
	return l
}

// leaveOut counts an omission together with those of the same name.
func (l *Layout) leaveOut(more Omission) {
	more.of = "" // no row of a history is known to be of a stream without its key
	for i := range l.LeftOut {
		if o := &l.LeftOut[i]; o.What == more.What {
			o.Count = "SELECT (" + o.Count + ") + (" + more.Count + ")"
			return
		}
	}
	l.LeftOut = append(l.LeftOut, more)
}

// RowType returns SQL that translates a library's marks of versions to types. Other marks
// are types as they are.
func RowType(e, insert, update, remove string) string {
	return "CASE " + e + " WHEN " + QuoteText(insert) + " THEN '" + RowInsert + "' WHEN " + QuoteText(update) +
		" THEN '" + RowUpdate + "' WHEN " + QuoteText(remove) + " THEN '" + RowDelete + "' ELSE " + e + " END"
}

package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay/fault"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// mapped makes a layout of the options' Table and Map. The table is looked for in
// every probe, in order.
func mapped[P Probe](o *source.Options, probes []P) (*Layout, error) {
	if o.Query != "" && len(probes) > 0 {
		t, err := probes[0].Query(o.Query)
		if err != nil {
			return nil, err
		}
		return MapTable(probes[0], t, "", queryMap(t, o.Map))
	}
	if o.Table == "" {
		return nil, noTable(probes)
	}
	var names []string
	for _, p := range probes {
		t, what, err := p.Lookup(o.Table)
		if err != nil {
			return nil, err
		}
		if t != nil {
			return MapTable(p, t, what, o.Map)
		}
		names = append(names, p.TableNames()...)
	}
	slices.Sort(names)
	return nil, source.Missing(fmt.Sprintf(source.NoTable+"%q", o.Table), o.Table, slices.Compact(names))
}

// noTable is the error of a mapping without a table, with the tables to choose from.
func noTable[P Probe](probes []P) error {
	var names []string
	for _, p := range probes {
		names = append(names, p.TableNames()...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return &mappingError{"a mapping needs the table that holds the events", fault.Try("name one").With("table", names[:min(10, len(names))]...)}
}

// A mapper makes a layout of a mapping.
type mapper struct {
	p       Probe
	t       *Table
	l       *Layout
	fields  map[string]string
	flavour Flavour

	exprs     [source.NumFields]*expr
	partition []string // SQL: what tells streams apart
	needed    []string // SQL: what no event is without
}

// MapTable makes a layout of a mapping for a table; what says "table " or "view ".
func MapTable(p Probe, t *Table, what string, fields map[string]string) (*Layout, error) {
	for _, required := range []string{"stream", "version"} {
		if fields[required] == "" {
			return nil, t.lacks(what, required)
		}
	}
	m := &mapper{p: p, t: t, fields: fields, l: &Layout{
		Recognised: p.Found("the mapping given, of " + what + t.Name),
		From:       p.From(t),
		TypeName:   t.Name,
		CategoryOf: cell.CategoryOfName,
	}}
	var err error
	if m.flavour, err = p.Flavour(); err != nil {
		return nil, err
	}
	for f := range source.NumFields {
		if err := m.parse(f, fields[source.FieldNames[f]]); err != nil {
			return nil, err
		}
	}
	for f := range source.NumFields {
		if err := m.field(f); err != nil {
			return nil, err
		}
	}
	if !m.l.Has(source.Type) {
		m.l.Recognised += "; every event has the type " + t.Name + ", because no column is mapped to it"
	}
	m.leaveOut()
	if m.exprs[source.Version].counted {
		return m.l, m.count()
	}
	return m.l, nil
}

// parse reads what the mapping says of a field.
func (m *mapper) parse(f source.Field, text string) error {
	if text == "" {
		return nil
	}
	l, t := m.l, m.t
	if f == source.Time {
		var err error
		if text, l.TimeUnit, err = t.timeColumn(text); err != nil {
			return err
		}
		l.TimesKey, l.TimesFrom = QuoteName(t.RowID()), l.From
	}
	if name, counted := strings.CutPrefix(text, "#"); counted && f == source.Version && t.Column(name) == nil && t.Column(text) == nil {
		if m.exprs[f] = m.countedBy(name); m.exprs[f] != nil {
			return nil
		}
	}
	if f == source.Position && t.Column(text) == nil && strings.EqualFold(text, "rowid") && t.RowID() != "" {
		m.exprs[f] = &expr{terms: []term{{col: &Column{Name: t.RowID(), Type: "INTEGER", NotNull: true}}}}
		return nil
	}
	e, err := parseExpr(t, f, text)
	if err != nil {
		return err
	}
	m.exprs[f] = e
	return t.once(f, e)
}

// countedBy is the order of versions that are counted by what is no column of that
// name: the rowid, or another field of the mapping. It is nil for any other name.
func (m *mapper) countedBy(name string) *expr {
	if strings.EqualFold(name, "rowid") && m.t.RowID() != "" {
		return &expr{counted: true, terms: []term{{col: &Column{Name: m.t.RowID(), Type: "INTEGER"}}}}
	}
	for _, f := range []source.Field{source.Position, source.Time, source.ID} {
		to := m.fields[source.FieldNames[f]]
		if name != source.FieldNames[f] || to == "" {
			continue
		}
		if f == source.Time {
			to, _, _ = m.t.timeColumn(to)
		}
		if e, err := parseExpr(m.t, f, to); err == nil && e.terms[0].col != nil {
			e.counted = true
			return e
		}
		if f == source.Position && strings.EqualFold(to, "rowid") {
			return m.countedBy(to)
		}
	}
	return nil
}

// field makes what the mapping says a field of the layout.
func (m *mapper) field(f source.Field) error {
	l, e := m.l, m.exprs[f]
	switch {
	case f == source.Category && e == nil:
		one := categoryTerm(m.exprs[source.Stream].terms)
		if one == nil {
			return nil
		}
		e = &expr{terms: []term{*one}}
	case e == nil || e.counted:
		return nil
	}
	col := e.plain()
	switch {
	case f == source.Stream && col == nil:
		return m.composeStream(e.terms)
	case e.rest:
		l.Cols[f] = m.p.Object(m.t, m.restOfRow())
		return nil
	case len(e.terms) > 1:
		return m.object(f, e)
	case col == nil && e.terms[0].col == nil:
		l.Cols[f] = m.p.Collated(QuoteText(e.terms[0].literal))
		return nil
	case col == nil:
		l.Cols[f] = m.p.JSON(m.t, e.terms[0].col, e.terms[0].at, f)
		if f == source.Version {
			m.without(l.Cols[f])
		}
		return nil
	}
	if err := m.p.MapColumn(l, m.t, f, col); err != nil {
		return err
	}
	if f == source.Stream {
		m.partition = []string{l.StreamKey}
		if l.StreamKey == "" || l.MatchStream != nil {
			m.partition = []string{m.flavour.Bytes(l.Cols[f])}
		}
	}
	if (f == source.Stream || f == source.Version) && !col.NotNull {
		m.without(m.p.Ref(col))
	}
	return nil
}

// object makes one JSON object of several columns.
func (m *mapper) object(f source.Field, e *expr) error {
	var cols []*Column
	for _, t := range e.terms {
		if t.col == nil || t.at != nil {
			return errors.New("the mapping of data joins what is not a whole column")
		}
		cols = append(cols, t.col)
	}
	m.l.Cols[f] = m.p.Object(m.t, cols)
	return nil
}

// restOfRow returns the columns that the mapping does not use otherwise.
func (m *mapper) restOfRow() []*Column {
	used := map[string]bool{}
	for _, e := range m.exprs {
		if e == nil {
			continue
		}
		for _, t := range e.terms {
			if t.col != nil && t.at == nil {
				used[t.col.Name] = true
			}
		}
	}
	var cols []*Column
	for i := range m.t.Cols {
		if !used[m.t.Cols[i].Name] {
			cols = append(cols, &m.t.Cols[i])
		}
	}
	return cols
}

// without says that a row where the expression is NULL is no event.
func (m *mapper) without(e string) { m.needed = append(m.needed, e+" IS NOT NULL") }

// leaveOut leaves out the rows that lack a stream or a version, and counts them.
func (m *mapper) leaveOut() {
	if m.needed == nil {
		return
	}
	l := m.l
	l.Where = strings.Join(m.needed, " AND ")
	all := "SELECT count(*) FROM " + l.From + " WHERE NOT (" + l.Where + ")"
	l.LeftOut = append(l.LeftOut, LostOf("row", " without a stream or a version", all))
}

// A Counting says how the versions of a table's rows are counted within their streams.
type Counting struct {
	From, Where string   // the rows that are counted
	Streams     []string // SQL: what tells streams apart
	Order       string   // SQL: the order within a stream, in which no two rows are equal
	Version     string   // the name of the version, which no column has
	RowID       string   // the name of the rowid, unless a column has it
}

// Window is SQL that counts by a window function, which sorts the rows each time.
func (c Counting) Window() string {
	own := ""
	if c.RowID != "" {
		own = QuoteName(c.RowID) + " AS " + QuoteName(c.RowID) + ", "
	}
	return "SELECT " + own + "*, row_number() OVER (PARTITION BY " + strings.Join(c.Streams, ", ") +
		" ORDER BY " + c.Order + ") AS " + c.Version + " FROM " + c.From + c.Where
}

// count makes the versions count within the stream.
func (m *mapper) count() error {
	l, by := m.l, m.exprs[source.Version].terms[0]
	e := m.exprs[source.Time]
	l.ByClock = e != nil && e.terms[0].col == by.col && slices.Equal(e.terms[0].at, by.at)
	order, sure := "", true
	if l.ByClock {
		order, sure = m.p.Clock(m.t, by.col, by.at)
	} else {
		order = m.p.Order(m.t, by.col, by.at)
	}
	l.ClockOfTexts = !sure
	c := Counting{
		From: l.From, Streams: m.partition, Version: m.newName("asof_version"), Order: order + ", " + m.p.Tie(m.t),
	}
	if id := m.t.RowID(); m.t.Column(id) == nil {
		c.RowID = id
	}
	if l.Where != "" {
		c.Where, l.Where = " WHERE "+l.Where, ""
	}
	if err := m.p.Count(l, m.t, c); err != nil {
		return err
	}
	l.Cols[source.Version] = c.Version
	l.Numbered = true
	l.Recognised += "; the versions are counted within the stream by " + by.col.Name
	if l.ByClock {
		l.Recognised += ", so they depend on a clock"
	}
	return nil
}

// newName returns the name, changed so that no column of the table has it.
func (m *mapper) newName(name string) string {
	for m.t.Column(name) != nil {
		name += "_"
	}
	return name
}

package dialect

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchPgHistory binds django-pghistory 1 to 3 (Python). Triggers write an event model for
// each tracked model, by default APP_MODELevent, which may have any name:
//
//	APP_MODELevent(pgh_id, pgh_created_at, pgh_label, [pgh_obj_id], [pgh_context_id], [pgh_context], the tracked columns)
//	pghistory_context(id, created_at, updated_at, metadata)
//
// The triggers are in the catalog. They name the tracked table, and for each label the
// statement and whether the row is that before or after it. A label without a trigger means
// what it means by default: insert, update and delete, snapshot, or after_update and the
// like of version 2. The row of any other is taken as the row after the event, and its type
// is the label; what was recognized names them.
//
// A stream is TABLE/KEY of the tracked table. The payload has the tracked columns. If an
// update records only the row before it, the row after it is that of the next version, or
// the live row; nothing has the row before the first. If one event records the row after
// too, those with the row before are left out and counted. By default no delete is
// recorded.
//
// The context is the correlation, its user the actor, and the rest metadata, with the label
// if that is not the type. Versions are in the order of pgh_id, because pgh_created_at is
// the beginning of a transaction. Only a model with two event models needs the times.
func matchPgHistory(p *postgres.Probe) (*table.Layout, error) {
	triggers, err := pghTriggers(p)
	if err != nil {
		return nil, err
	}
	var all []*pghModel
	tracked := map[string]int{}
	h := &table.RowHistory{Rows: table.FullRows, Sequenced: true}
	for _, t := range p.All() {
		if t.Column("pgh_id") == nil && t.Column("pgh_label") == nil {
			continue
		}
		if err := t.Require("pgh_id", "pgh_label", "pgh_created_at"); err != nil {
			return nil, err
		}
		m, err := newPghModel(p, t, triggers[t.Name])
		if err != nil {
			return nil, err
		}
		if m.keys == nil {
			h.LeftOut = append(h.LeftOut, table.Omission{What: "table " + t.Name + ", because nothing says which columns are its key"})
			continue
		}
		all = append(all, m)
		tracked[m.category]++
	}
	if len(all) == 0 {
		return nil, errors.New(source.NoTable + "with pgh_id, pgh_created_at and pgh_label, and a key")
	}
	if err := addPghModels(p, h, all, tracked); err != nil {
		return nil, err
	}
	return p.RowHistory(h), nil
}

// addPghModels adds the sources of all event models.
func addPghModels(p *postgres.Probe, h *table.RowHistory, all []*pghModel, tracked map[string]int) error {
	var names, guessed []string
	var tables []table.LiveTable
	deletes := false
	for _, m := range all {
		s, err := m.source(p)
		if err != nil {
			return err
		}
		live, err := table.Live(p, m.category, m.live)
		if err != nil {
			return err
		}
		if m.past != nil && live.Table != nil {
			live.Reason = "the history records the rows before updates, not the last"
		}
		if tracked[m.category] > 1 { // each has some of the columns
			h.Rows, h.Sequenced = table.ChangedColumns, false
		}
		if !slices.ContainsFunc(tables, func(l table.LiveTable) bool { return l.Category == live.Category }) {
			tables = append(tables, live)
		}
		h.Sources, names, guessed = append(h.Sources, s), append(names, m.t.Name), append(guessed, m.guessed...)
		h.LeftOut = append(h.LeftOut, m.leftOut(p)...)
		deletes = deletes || m.deletes
		h.Sequenced = h.Sequenced && s.OrderIsNumber()
	}
	h.Live = func() ([]table.LiveTable, error) { return tables, nil }
	h.Sequence = len(h.Sources) == 1 && h.Sources[0].OrderIsNumber()
	if !deletes {
		h.Lacks = []string{"deletes"}
	}
	h.Recognised = "pgh_id, pgh_created_at and pgh_label in " + source.Listed(names, 5)
	if slices.Sort(guessed); len(guessed) > 0 {
		h.Recognised += "; no trigger says what " + source.Listed(slices.Compact(guessed), 5) + " records, so it is taken as the row after the event"
	}
	return nil
}

// A pghLabel is what events with a label record.
type pghLabel struct {
	ops    map[string]bool // the types
	before bool            // of an update: the row before it
}

// pghDefaults are the labels of the library's own trackers, of versions 3 and 2.
var pghDefaults = map[string]pghLabel{
	"insert": {ops: map[string]bool{table.RowInsert: true}}, "after_insert": {ops: map[string]bool{table.RowInsert: true}},
	"update": {ops: map[string]bool{table.RowUpdate: true}}, "after_update": {ops: map[string]bool{table.RowUpdate: true}},
	"delete": {ops: map[string]bool{table.RowDelete: true}}, "before_delete": {ops: map[string]bool{table.RowDelete: true}},
	"before_update":          {ops: map[string]bool{table.RowUpdate: true}, before: true},
	"snapshot":               {ops: map[string]bool{table.RowInsert: true, table.RowUpdate: true}},
	"after_insert_or_update": {ops: map[string]bool{table.RowInsert: true, table.RowUpdate: true}},
}

// A pghModel is a table of events.
type pghModel struct {
	t, live  *table.Table // live is nil if it is unknown
	category string
	keys     []string // of the row
	labels   map[string]pghLabel
	deletes  bool     // some label is of deletes
	past     []string // labels with the row before updates, whose row after is elsewhere
	left     []string // labels with the row before updates, which others have after them
	guessed  []string // labels that nothing explains
}

func newPghModel(p *postgres.Probe, t *table.Table, triggers []pghTrigger) (*pghModel, error) {
	m := &pghModel{t: t, labels: map[string]pghLabel{}}
	for _, tr := range triggers {
		l := m.labels[tr.label]
		if l.ops == nil {
			l.ops = map[string]bool{}
		}
		l.ops[tr.op], l.before = true, l.before || tr.before && tr.op == table.RowUpdate
		m.labels[tr.label] = l
		m.live = p.Table(tr.table)
	}
	if m.live == nil {
		m.live = p.Table(strings.TrimSuffix(strings.ToLower(t.Name), "event"))
	}
	if m.live == t {
		m.live = nil
	}
	m.category = strings.TrimSuffix(t.Name, "event")
	if m.live != nil {
		m.category = m.live.Name
	}
	if err := m.explain(p); err != nil {
		return nil, err
	}
	return m, m.findKey(p)
}

// explain finds what the labels in the table mean.
func (m *pghModel) explain(p *postgres.Probe) error {
	found, err := p.Values("SELECT DISTINCT " + p.Collated(m.t.Ref("v", "pgh_label")+"::text") + " FROM " + p.Name(m.t) + " AS v ORDER BY 1")
	if err != nil {
		return err
	}
	after := false
	for _, name := range found {
		if _, ok := m.labels[name]; ok {
			continue
		}
		if l, ok := pghDefaults[name]; ok {
			m.labels[name] = l
			continue
		}
		m.guessed, after = append(m.guessed, name), true
	}
	var before []string
	for _, name := range slices.Sorted(maps.Keys(m.labels)) {
		l := m.labels[name]
		m.deletes = m.deletes || l.ops[table.RowDelete]
		after = after || l.ops[table.RowUpdate] && !l.before
		if l.before {
			before = append(before, name)
		}
	}
	if after {
		m.left = before
	} else {
		m.past = before
	}
	return nil
}

// findKey finds the columns of the row's key.
func (m *pghModel) findKey(p *postgres.Probe) error {
	if c := m.t.Column("pgh_obj_id"); c != nil {
		m.keys = []string{c.Name}
		return nil
	}
	if m.live == nil {
		return nil
	}
	key, err := p.PrimaryKey(m.live)
	if err != nil || m.t.Require(key...) != nil {
		return err
	}
	m.keys = key
	return nil
}

// leftOut describes the versions that are not read.
func (m *pghModel) leftOut(p *postgres.Probe) []table.Omission {
	var out []table.Omission
	if m.left != nil {
		out = append(out, table.Counted("version", " in "+m.t.Name+" with the row before an update, because others have the row after it", "SELECT count(*) FROM "+p.Name(m.t)+" AS v WHERE "+m.is("v", m.left)))
	}
	if m.past != nil {
		out = append(out, table.Omission{What: "the rows of " + m.category + " before their first update, because updates record the row before them"})
	}
	return out
}

// is returns an SQL condition for the labels.
func (m *pghModel) is(alias string, labels []string) string {
	var texts []string
	for _, l := range labels {
		texts = append(texts, table.QuoteText(l))
	}
	return m.t.Ref(alias, "pgh_label") + " IN (" + strings.Join(texts, ", ") + ")"
}

func (m *pghModel) source(p *postgres.Probe) (table.RowSource, error) {
	t := m.t
	s := table.RowSource{
		Versions: t, Table: table.QuoteText(m.category), Order: t.Ref("v", "pgh_id"), Time: t.Ref("v", "pgh_created_at"),
		ID: p.Key("v", t.Column("pgh_id")), Type: m.typeOf(p),
	}
	if m.left != nil {
		s.Where = "NOT " + m.is("v", m.left)
	}
	for _, k := range m.keys {
		s.Keys = append(s.Keys, p.Key("v", t.Column(k)))
	}
	m.context(p, &s)
	var err error
	if s.Data, err = p.Row("v", t, pghTracked(t)); err != nil || m.past == nil {
		return s, err
	}
	s.OwnData = "CASE WHEN " + m.is("v", m.past) + " THEN " + pghLost + " ELSE " + s.Data + " END"
	s.Data, err = m.rowAfter(p, s.Data)
	return s, err
}

// pghTracked returns the columns of the tracked model.
func pghTracked(t *table.Table) []*table.Column {
	return slices.DeleteFunc(columnsBut(t, nil), func(c *table.Column) bool { return strings.HasPrefix(strings.ToLower(c.Name), "pgh_") })
}

// sameRow returns an SQL condition for the versions n of the row of v.
func (m *pghModel) sameRow() string {
	var conds []string
	for _, k := range m.keys {
		conds = append(conds, m.t.Ref("n", k)+" = "+m.t.Ref("v", k))
	}
	return strings.Join(conds, " AND ")
}

// with returns the labels of a type.
func (m *pghModel) with(op string, alone bool) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m.labels)) {
		if l := m.labels[name]; l.ops[op] && (!alone || len(l.ops) == 1) {
			out = append(out, name)
		}
	}
	return out
}

// typeOf returns SQL for the type of a version. A label of inserts and updates is an insert
// where the row has no version before, or a delete.
func (m *pghModel) typeOf(p *postgres.Probe) string {
	label := m.t.Ref("v", "pgh_label")
	sql := ""
	for _, op := range []string{table.RowInsert, table.RowUpdate, table.RowDelete} {
		if labels := m.with(op, true); labels != nil {
			sql += " WHEN " + m.is("v", labels) + " THEN '" + op + "'"
		}
	}
	var mixed []string
	for _, name := range slices.Sorted(maps.Keys(m.labels)) {
		if len(m.labels[name].ops) > 1 {
			mixed = append(mixed, name)
		}
	}
	if mixed != nil {
		gone := "false"
		if labels := m.with(table.RowDelete, false); labels != nil {
			gone = m.is("n", labels)
		}
		sql += " WHEN " + m.is("v", mixed) + " THEN CASE WHEN coalesce((SELECT " + gone + " FROM " + p.Name(m.t) + " AS n WHERE " + m.sameRow() +
			" AND " + m.t.Ref("n", "pgh_id") + " < " + m.t.Ref("v", "pgh_id") + " ORDER BY " + m.t.Ref("n", "pgh_id") + " DESC LIMIT 1), true)" +
			" THEN '" + table.RowInsert + "' ELSE '" + table.RowUpdate + "' END"
	}
	if sql == "" {
		return label
	}
	return "CASE" + sql + " ELSE " + label + " END"
}

// pghLost is the payload of a version whose row is not recorded: no JSON, so it is unreadable.
const pghLost = "'the row after it is not recorded'"

// rowAfter returns SQL for the row after a version, where updates record the row before.
func (m *pghModel) rowAfter(p *postgres.Probe, own string) (string, error) {
	cols := pghTracked(m.t)
	row, err := p.Row("n", m.t, cols)
	if err != nil {
		return "", err
	}
	if inserts := m.with(table.RowInsert, false); inserts != nil {
		row = "CASE WHEN " + m.is("n", inserts) + " THEN " + pghLost + " ELSE " + row + " END"
	}
	next := "(SELECT " + row + " FROM " + p.Name(m.t) + " AS n WHERE " + m.sameRow() + " AND " + m.t.Ref("n", "pgh_id") + " > " +
		m.t.Ref("v", "pgh_id") + " ORDER BY " + m.t.Ref("n", "pgh_id") + " LIMIT 1)"
	now := pghLost
	if m.live != nil && !p.Options().Recorded {
		key, err := p.PrimaryKey(m.live)
		if err != nil {
			return "", err
		}
		cols = slices.DeleteFunc(cols, func(c *table.Column) bool { return m.live.Column(c.Name) == nil })
		if row, err = p.Row("l", m.live, cols); err != nil {
			return "", err
		}
		if len(key) == len(m.keys) && len(key) > 0 {
			var same []string
			for i, k := range key {
				same = append(same, p.SameKey("l", m.live.Column(k), "v", m.t.Column(m.keys[i])))
			}
			now = "(SELECT " + row + " FROM " + p.Name(m.live) + " AS l WHERE " + strings.Join(same, " AND ") + ")"
		}
	}
	return "CASE WHEN " + m.is("v", m.past) + " THEN coalesce(" + next + ", " + now + ", " + pghLost + ") ELSE " + own + " END", nil
}

// context reads the context of a version, from its table or from the version's own columns.
func (m *pghModel) context(p *postgres.Probe, s *table.RowSource) {
	metadata := ""
	if id := m.t.Column("pgh_context_id"); id != nil {
		s.Correlation = p.Key("v", id)
		if contexts := p.Table("pghistory_context"); contexts != nil && contexts.Require("id", "metadata") == nil && m.t.Column("pgh_context") == nil {
			s.Joins = " LEFT JOIN " + p.Name(contexts) + " AS r ON r.id = v." + table.QuoteName(id.Name)
			metadata = contexts.Ref("r", "metadata")
		}
	}
	if c := m.t.Column("pgh_context"); c != nil {
		metadata = m.t.Ref("v", c.Name)
	}
	label := m.t.Ref("v", "pgh_label")
	names, values := []string{"label"}, []string{"nullif(" + label + ", " + s.Type + ")"}
	if metadata != "" {
		user := "(" + metadata + " ->> 'user')"
		if s.Actor = user; hasDjangoUsers(p) {
			s.Joins += " LEFT JOIN " + p.Name(p.Table("auth_user")) + " AS u ON u.id::text = " + user
			s.Actor, s.OwnActor = "coalesce(u.username, "+user+")", user
		}
		names, values = append(names, "context"), append(values, metadata)
	}
	s.Meta = p.Members(names, values)
}

package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// django-simple-history 2.5 to 3.10 (Python) has a table of versions for each model, by
// default APP_historicalMODEL, which may have any name. So its columns identify it
// history_id, history_date and history_type: + created, ~ changed, - deleted. The others
// are the model's, except excluded fields. A version is the whole row; that of a delete
// is the row before it.
//
// Nothing in such a table names the model's key. It is that of the live table, which is
// the one named like the table without "historical", or else the one with the same
// columns. Without a live table the key is the column id.
//
// The library orders versions by date and then by id, which may be a UUID. A migration
// fills the old versions with a default, and dropping a column erases it everywhere, so
// there is no older schema.
func simpleHistorySQLite() sqlite.Dialect {
	return sqlite.Dialect{Name: "simple-history", Match: matchSimpleHistory[*sqlite.Probe]}
}

func simpleHistoryPostgres() postgres.Dialect {
	return postgres.Dialect{Name: "simple-history", Match: matchSimpleHistory[*postgres.Probe]}
}

// simpleHistoryOwn are the columns that are not the model's. A history with relations, or
// with an actor of another kind, has more.
var simpleHistoryOwn = []string{
	"history_id", "history_date", "history_change_reason", "history_type",
	"history_user_id", "history_user", "history_relation_id",
}

func matchSimpleHistory[P table.RowProbe](p P) (*table.Layout, error) {
	h := &table.RowHistory{Rows: table.FullRows}
	var names, without []string
	var tables []table.LiveTable
	for _, t := range p.All() {
		if t.Column("m2m_history_id") != nil && t.Column("history_id") != nil {
			h.LeftOut = append(h.LeftOut, table.Counted("version", " of many-to-many relations in "+t.Name, "SELECT count(*) FROM "+p.Name(t)))
			continue
		}
		if err := t.Partly(2, "history_id", "history_date", "history_type"); err != nil {
			return nil, err
		}
		if t.Require("history_id", "history_date", "history_type") != nil {
			continue
		}
		s, live, err := simpleHistorySource(p, t)
		if err != nil {
			return nil, err
		}
		if s == nil {
			without = append(without, t.Name)
			continue
		}
		h.Sources, tables = append(h.Sources, *s), append(tables, live)
		names = append(names, t.Name)
	}
	h.Live = func() ([]table.LiveTable, error) { return tables, nil }
	switch {
	case len(names) == 0 && len(without) > 0:
		return nil, fmt.Errorf("nothing says which columns are the key of the rows in %s", source.Listed(without, 5))
	case len(names) == 0:
		return nil, errors.New(source.NoTable + "with history_id, history_date and history_type")
	}
	for _, name := range without {
		h.LeftOut = append(h.LeftOut, table.Omission{What: "table " + name + ", because nothing says which columns are its key"})
	}
	h.Recognised = "history_id, history_date and history_type in " + source.Listed(names, 5)
	return p.RowHistory(h), nil
}

// simpleHistorySource describes a table of versions, and the live table. It returns nil if
// the key is unknown.
func simpleHistorySource(p table.RowProbe, t *table.Table) (*table.RowSource, table.LiveTable, error) {
	cols := columnsBut(t, simpleHistoryOwn)
	name := strings.Replace(strings.ToLower(t.Name), "historical", "", 1)
	live, key, err := liveTable(p, t, name, cols)
	if err != nil || key == nil {
		return nil, table.LiveTable{}, err
	}
	rows := table.LiveTable{Category: t.Name, Reason: "there is no table " + name + ", and not one other table with its columns"}
	if live != nil {
		if rows, err = table.Live(p, live.Name, live); err != nil {
			return nil, rows, err
		}
	}
	s := &table.RowSource{
		Versions: t, Table: table.QuoteText(rows.Category), Order: t.Ref("v", "history_id"), Time: t.Ref("v", "history_date"),
		Type: table.RowType(t.Ref("v", "history_type"), "+", "~", "-"),
		ID:   p.Key("v", t.Column("history_id")),
	}
	for _, c := range key {
		s.Keys, s.Columns = append(s.Keys, p.Key("v", c)), append(s.Columns, c.Name)
	}
	var names, values []string
	if c := t.Column("history_change_reason"); c != nil {
		names, values = append(names, "reason"), append(values, t.Ref("v", c.Name))
	}
	if c := t.Column("history_user_id"); c != nil {
		names, values = append(names, "user_id"), append(values, t.Ref("v", c.Name))
		s.Actor, s.OwnActor, s.Joins = djangoUser(p, "v", c)
	}
	s.Meta, s.Members = p.Members(names, values), &table.Members{Names: names, Values: values}
	s.Row = cols
	s.Data, err = p.Row("v", t, cols)
	return s, rows, err
}

// columnsBut returns the columns of a table without those of a library.
func columnsBut(t *table.Table, own []string) []*table.Column {
	var cols []*table.Column
	for i := range t.Cols {
		if !slices.Contains(own, strings.ToLower(t.Cols[i].Name)) {
			cols = append(cols, &t.Cols[i])
		}
	}
	return cols
}

// liveTable finds the table whose rows have their versions in t: the one of the given
// name, or else the only one with the given columns. It also returns the columns of the
// key, which are nil if they are unknown.
func liveTable(p table.RowProbe, t *table.Table, name string, cols []*table.Column) (*table.Table, []*table.Column, error) {
	live := p.Table(name)
	if live == t {
		live = nil
	}
	if live == nil {
		live = twinOf(p, t, cols)
	}
	if live == nil {
		if c := t.Column("id"); c != nil {
			return nil, []*table.Column{c}, nil
		}
		return nil, nil, nil
	}
	names, err := p.PrimaryKey(live)
	if err != nil {
		return nil, nil, err
	}
	var key []*table.Column
	for _, n := range names {
		c := t.Column(n)
		if c == nil {
			return live, nil, nil
		}
		key = append(key, c)
	}
	return live, key, nil
}

// twinOf returns the only other table with exactly these columns, or nil.
func twinOf(p table.RowProbe, t *table.Table, cols []*table.Column) *table.Table {
	var found *table.Table
	for _, o := range p.All() {
		same := o != t && len(o.Cols) == len(cols)
		for i := 0; same && i < len(cols); i++ {
			same = o.Column(cols[i].Name) != nil
		}
		if same && found != nil {
			return nil
		}
		if same {
			found = o
		}
	}
	return found
}

// djangoUser returns SQL for the user in a column: the name in Django's own table of
// users, or else the id, which is own if the name is from that table.
func djangoUser(p table.RowProbe, alias string, c *table.Column) (actor, own, join string) {
	id := p.Key(alias, c)
	if !hasDjangoUsers(p) {
		return id, "", ""
	}
	return "coalesce(u.username, " + id + ")", id, " LEFT JOIN " + p.Name(p.Table("auth_user")) + " AS u ON u.id = " + alias + "." + table.QuoteName(c.Name)
}

// hasDjangoUsers reports whether there is Django's own table of users.
func hasDjangoUsers(p table.RowProbe) bool {
	users := p.Table("auth_user")
	return users != nil && users.Require("id", "username") == nil
}

package dialect

import (
	"errors"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// Hibernate Envers 5 to 7 (Java) has a table of versions for each entity, by default
// ENTITY_AUD, and a table of revisions:
//
//	ENTITY_AUD(the entity's columns, REV, REVTYPE, [REVEND, REVEND_TSTMP], [COLUMN_MOD])
//	REVINFO(REV, REVTSTMP, …)
//
// A table of versions has rev and revtype, whose foreign key leads to the
// revisions: 0 add, 1 modify, 2 delete. Its key is the primary key without rev. A version
// is the whole row; that of a delete has only the key, unless store_data_at_delete is set.
// The validity strategy adds the end of a version, and modified flags add COLUMN_MOD:
// both say what the versions say, and are left out.
//
// The table of revisions is REVINFO, or one with the same column rev or id and a column
// for the time, in milliseconds or as a timestamp. A revision is the correlation, and its
// further columns are metadata; the actor is its column username, user_name, user_id,
// modified_by or author. Versions are ordered by revision, then by table and key, and
// positions count them in this order.
//
// The table of a subclass has no revtype. Its versions are those of its parent's table, to
// which its foreign key leads, and its rows are streams of their own.
func enversSQLite() sqlite.Dialect {
	return sqlite.Dialect{Name: "envers", Match: matchEnvers[*sqlite.Probe]}
}

func enversPostgres() postgres.Dialect {
	return postgres.Dialect{Name: "envers", Match: matchEnvers[*postgres.Probe]}
}

var (
	enversOwn    = []string{"rev", "revtype", "revend", "revend_tstmp"}
	enversTimes  = []string{"revtstmp", "timestamp", "rev_timestamp", "revision_timestamp"}
	enversActors = []string{"username", "user_name", "user_id", "modified_by", "author"}
)

// A revisionTable is where Envers records transactions.
type revisionTable struct {
	t      *table.Table
	id, at string
}

func matchEnvers[P table.RowProbe](p P) (*table.Layout, error) {
	versions, subclasses, err := enversTables(p)
	if err != nil {
		return nil, err
	}
	if versions == nil {
		return nil, errors.New(source.NoTable + "with rev and revtype")
	}
	info := enversRevisions(p, versions)
	if info == nil {
		return nil, errors.New("no table of revisions, such as REVINFO, with rev and revtstmp")
	}
	h := &table.RowHistory{Rows: table.FullRows, Transactions: true}
	var names []string
	var tables []table.LiveTable
	for _, t := range append(versions, subclasses...) {
		parents, err := enversParents(p, t)
		if err != nil {
			return nil, err
		}
		if parents == nil {
			h.LeftOut = append(h.LeftOut, table.Omission{What: "table " + t.Name + ", which has no revtype and no foreign key to a table with one"})
			continue
		}
		key, err := p.PrimaryKey(t)
		if err != nil {
			return nil, err
		}
		key = slices.DeleteFunc(key, func(c string) bool { return strings.EqualFold(c, "rev") })
		if len(key) == 0 {
			h.LeftOut = append(h.LeftOut, table.Omission{What: "table " + t.Name + ", which has no primary key"})
			continue
		}
		s, err := enversSource(p, parents, info, key)
		if err != nil {
			return nil, err
		}
		h.Sources, names = append(h.Sources, s), append(names, t.Name)
		live, err := table.Live(p, enversName(t), p.Table(enversName(t)))
		if err != nil {
			return nil, err
		}
		tables = append(tables, live)
	}
	h.Live = func() ([]table.LiveTable, error) { return tables, nil }
	if len(names) == 0 {
		return nil, errors.New("no table with rev and revtype has a primary key")
	}
	h.Recognised = "rev and revtype in " + source.Listed(names, 5) + "; revisions in " + info.t.Name
	if typ := strings.ToLower(info.t.Column(info.at).Type); strings.Contains(typ, "int") {
		h.TimeUnit = cell.UnitNamed("ms")
	}
	return p.RowHistory(h), nil
}

// enversTables finds the tables of versions, and those of the versions of subclasses.
func enversTables(p table.RowProbe) (versions, subclasses []*table.Table, err error) {
	for _, t := range p.All() {
		if isSubclassAudit(t) {
			subclasses = append(subclasses, t)
			continue
		}
		needs := 2
		if t.Column("revtype") != nil || strings.HasSuffix(strings.ToLower(t.Name), "_aud") {
			needs = 1
		}
		if err := t.Partly(needs, "rev", "revtype"); err != nil {
			return nil, nil, err
		}
		if t.Require("rev", "revtype") == nil {
			versions = append(versions, t)
		}
	}
	return versions, subclasses, nil
}

// enversRevisions finds the table of revisions.
func enversRevisions(p table.RowProbe, versions []*table.Table) *revisionTable {
	all := p.All()
	if t := p.Table("revinfo"); t != nil {
		all = append([]*table.Table{t}, all...)
	}
	for _, t := range all {
		if slices.Contains(versions, t) {
			continue
		}
		for _, id := range []string{"rev", "id"} {
			for _, at := range enversTimes {
				isRevision := id == "rev" || strings.Contains(strings.ToLower(t.Name), "rev")
				if isRevision && t.Require(id, at) == nil {
					return &revisionTable{t, id, at}
				}
			}
		}
	}
	return nil
}

// enversName returns the name of the table whose rows have their versions in t.
func enversName(t *table.Table) string {
	if stem := t.Name[:max(0, len(t.Name)-len("_AUD"))]; strings.EqualFold(t.Name[len(stem):], "_AUD") && stem != "" {
		return stem
	}
	return t.Name
}

// isSubclassAudit reports whether a table has the versions of a subclass.
func isSubclassAudit(t *table.Table) bool {
	return strings.HasSuffix(strings.ToLower(t.Name), "_aud") && t.Column("rev") != nil && t.Column("revtype") == nil
}

// enversParents returns the table of versions and those to which its foreign key leads, up
// to the one with revtype. All have the same key. It returns nil if there is none.
func enversParents(p table.RowProbe, t *table.Table) ([]*table.Table, error) {
	line := []*table.Table{t}
	for t.Column("revtype") == nil {
		key, err := p.PrimaryKey(t)
		if err != nil {
			return nil, err
		}
		names, err := p.References(t)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(names, func(name string) bool {
			of := p.Table(name)
			return of != nil && len(key) > 1 && of.Require(key...) == nil && !slices.Contains(line, of) && (of.Column("revtype") != nil || isSubclassAudit(of))
		})
		if i < 0 {
			return nil, nil
		}
		t = p.Table(names[i])
		line = append(line, t)
	}
	return line, nil
}

// enversSource describes the versions in the first of the tables, whose types are in the
// last. The key is that of the rows.
func enversSource(p table.RowProbe, parents []*table.Table, info *revisionTable, key []string) (table.RowSource, error) {
	t, root, types := parents[0], parents[len(parents)-1], "v"
	if root != t {
		types = "b"
	}
	s := table.RowSource{
		Versions: t, Table: table.QuoteText(enversName(t)),
		Joins: " LEFT JOIN " + p.Name(info.t) + " AS r ON " + info.t.Ref("r", info.id) + " = " + t.Ref("v", "rev"),
		Order: t.Ref("v", "rev"), Time: info.t.Ref("r", info.at), Correlation: p.Key("v", t.Column("rev")),
		Type: "CASE " + root.Ref(types, "revtype") + " WHEN 0 THEN 'insert' WHEN 1 THEN 'update' WHEN 2 THEN 'delete' END",
	}
	for _, k := range key {
		s.Keys = append(s.Keys, p.Key("v", t.Column(k)))
	}
	if root != t {
		s.Joins += " LEFT JOIN " + p.Name(root) + " AS b ON " + root.Ref("b", "rev") + " = " + t.Ref("v", "rev")
		for _, k := range key {
			s.Joins += " AND " + root.Ref("b", k) + " = " + t.Ref("v", k)
		}
	}
	own := []string{info.id, info.at}
	for _, name := range enversActors {
		if c := info.t.Column(name); c != nil && s.Actor == "" {
			s.Actor, own = p.Key("r", c), append(own, name)
		}
	}
	var names, values []string
	for _, c := range columnsBut(info.t, own) {
		names, values = append(names, c.Name), append(values, p.Key("r", c))
	}
	s.Meta = p.Members(names, values)
	cols := slices.DeleteFunc(columnsBut(t, enversOwn), func(c *table.Column) bool {
		return isModifiedFlag(t, c)
	})
	var err error
	s.Data, err = p.Row("v", t, cols)
	return s, err
}

// isModifiedFlag reports whether a column says of another whether it was modified. MySQL has
// no type for that.
func isModifiedFlag(t *table.Table, c *table.Column) bool {
	of, ok := strings.CutSuffix(strings.ToLower(c.Name), "_mod")
	typ := strings.ToLower(c.Type)
	return ok && (strings.Contains(typ, "bool") || t.Column(of) != nil && (typ == "bit" || typ == "tinyint"))
}

package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// PaperTrail 4 to 16 (Ruby) has the versions of all models in one table, by default
// versions, which may have any name:
//
//	versions(id, item_type, item_id, event, whodunnit, object, object_changes, created_at, …)
//
// The type of an event is insert, update or delete for create, update and destroy, or any
// other word. object is the row before the event, object_changes is {column: [before,
// after]}; both are YAML, JSON or jsonb, and each may be missing. The payload is the row
// after the event: object with what changed, or else, as in the library's own as-of,
// object of the next version or the live row. A create lists no column that has its
// default, which is taken from there too. So a value that changed without the library's
// back may show up before it happened. touch and update_columns record the row after them as
// object, so the library's as-of shows their values too early, and object_changes is
// preferred. Without object, the payload is what changed.
//
// A stream is ITEM_TYPE/ITEM_ID, and item_type is the base class of a row in a table of
// several. The live table of a type is the one that Rails names after it. Further columns
// of the table are metadata, and transaction_id is the correlation. The order is that of
// id.
func paperTrailSQLite() sqlite.Dialect {
	return sqlite.Dialect{Name: "paper-trail", Match: matchPaperTrail[*sqlite.Probe]}
}

func paperTrailPostgres() postgres.Dialect {
	return postgres.Dialect{Name: "paper-trail", Match: matchPaperTrail[*postgres.Probe]}
}

var paperTrailNeeds = []string{"id", "item_type", "item_id", "event", "whodunnit", "created_at"}

var paperTrailOwn = []string{
	"id", "item_type", "item_id", "event", "whodunnit", "object", "object_changes", "created_at", "transaction_id",
}

func matchPaperTrail[P table.RowProbe](p P) (*table.Layout, error) {
	h := &table.RowHistory{Rows: table.FullRows, Decoder: func() table.Decoder { return &trailDecoder{} }}
	var names []string
	partial := false
	for _, t := range p.All() {
		if err := t.Partly(4, paperTrailNeeds...); err != nil {
			return nil, err
		}
		if t.Require(paperTrailNeeds...) != nil {
			continue
		}
		if t.Column("object") == nil {
			if t.Column("object_changes") == nil {
				return nil, fmt.Errorf("table %s has no column object or object_changes", t.Name)
			}
			h.Rows = table.ChangedColumns
		}
		s, dead, err := paperTrailSource(p, t)
		if err != nil {
			return nil, err
		}
		if dead != nil && t.Column("object_changes") == nil {
			h.LeftOut = append(h.LeftOut, table.Omission{
				What: "the last state of rows of " + source.Listed(dead, 5) + ", which have no live table and no object_changes",
			})
		}
		h.Sources, names = append(h.Sources, *s), append(names, t.Name)
		partial = partial || t.Column("object_changes") == nil
	}
	if len(names) == 0 {
		return nil, errors.New(source.NoTable + "with item_type, item_id, event and whodunnit")
	}
	h.Sequence = len(names) == 1 && h.Sources[0].OrderIsNumber()
	h.Live = func() ([]table.LiveTable, error) {
		all, err := railsLive(p, h.Sources, "item_type")
		for i := range all {
			if partial && all[i].Table != nil {
				all[i].Reason = "without object_changes, the last version is not recorded"
			}
		}
		return all, err
	}
	h.Recognised = "item_type, item_id, event and whodunnit in " + source.Listed(names, 5)
	return p.RowHistory(h), nil
}

// paperTrailSource describes a table of versions, and lists the types without a live
// table.
func paperTrailSource(p table.RowProbe, t *table.Table) (s *table.RowSource, dead []string, err error) {
	s = &table.RowSource{
		Versions: t, Table: t.Ref("v", "item_type"), Keys: []string{p.Key("v", t.Column("item_id"))}, Columns: []string{"item_id"},
		Order: t.Ref("v", "id"), Time: t.Ref("v", "created_at"), ID: p.Key("v", t.Column("id")),
		Type:  table.RowType(t.Ref("v", "event"), "create", "update", "destroy"),
		Actor: p.Key("v", t.Column("whodunnit")),
	}
	if c := t.Column("transaction_id"); c != nil {
		s.Correlation = p.Key("v", c)
	}
	names, values := otherColumns(p, t, paperTrailOwn)
	s.Meta, s.Members = p.Members(names, values), &table.Members{Names: names, Values: values}
	same := t.Ref("n", "item_type") + " = " + t.Ref("v", "item_type") + " AND " + t.Ref("n", "item_id") + " = " + t.Ref("v", "item_id") +
		" AND " + t.Ref("n", "id") + " > " + t.Ref("v", "id")
	live, dead := "NULL", []string(nil)
	if !p.Options().Recorded {
		live, dead, err = paperTrailLive(p, t)
	}
	next := "(SELECT " + p.Array("'"+trailNext+"'", t.Ref("n", "object")) + " FROM " + p.Name(t) + " AS n WHERE " + same + " ORDER BY " + t.Ref("n", "id") + " LIMIT 1)"
	// What changed and the row before it are enough, and so is that for a delete: the next
	// version is not looked up.
	object, changes, event := t.Ref("v", "object"), t.Ref("v", "object_changes"), t.Ref("v", "event")
	after := "coalesce(" + next + ", " + p.Array("'"+trailLive+"'", live) + ")"
	s.Data = p.Array(object, changes, "CASE WHEN "+event+" = 'destroy' THEN NULL WHEN "+needsNext(p, t)+" THEN "+after+" END")
	s.Parts = []string{object, changes, event}
	s.Late = &table.Late{Wanted: trailWants(t), Told: trailTold, SQL: after}
	s.OwnData = p.Array(t.Ref("v", "object"), t.Ref("v", "object_changes"), p.Array("'"+trailOwn+"'", "NULL"))
	return s, dead, err
}

// needsNext returns an SQL condition for versions that may not say the row after them: those
// of a create, without a document, or with one so short that it may have no column.
func needsNext(p table.RowProbe, t *table.Table) string {
	changes, object := t.Column("object_changes"), t.Column("object")
	if changes == nil || object == nil {
		return "1 = 1"
	}
	text := p.Key("v", changes)
	return "(" + t.Ref("v", "event") + " = 'create' OR " + t.Ref("v", "object") + " IS NULL OR " + text + " IS NULL OR substr(" + text + ", 16, 1) = '')"
}

// trailWants returns [table.Late].Wanted for the parts object, object_changes and event: what
// needsNext says, but of no destroy.
func trailWants(t *table.Table) func(parts []cell.Value) bool {
	always := t.Column("object_changes") == nil || t.Column("object") == nil
	return func(parts []cell.Value) bool {
		object, changes, event := &parts[0], &parts[1], &parts[2]
		is := func(word string) bool { return event.Kind == cell.Text && string(event.B) == word }
		switch {
		case is("destroy"):
			return false
		case always, is("create"), object.Kind == cell.Null, changes.Kind == cell.Null:
			return true
		}
		const short = 16 // characters, of which hexadecimal digits of bytes are two
		if changes.Kind == cell.Blob {
			return len(changes.B) < short/2
		}
		return len(changes.B) < short*utf8.UTFMax && utf8.RuneCount(changes.B) < short
	}
}

// trailTold returns [table.Late].Told: the row before the next version.
func trailTold(out []byte, next *cell.Value) []byte {
	out = cell.AppendText(out, trailNext)
	if text := next.OrNil(); text != nil {
		return cell.AppendText(out, text)
	}
	return cell.AppendNoText(out)
}

// otherMembers returns SQL for a JSON object of the columns that are not a library's.
func otherMembers(p table.RowProbe, t *table.Table, own []string) string {
	return p.Members(otherColumns(p, t, own))
}

// otherColumns returns the names of all columns but a library's own, and SQL for them.
func otherColumns(p table.RowProbe, t *table.Table, own []string) (names, values []string) {
	for _, c := range columnsBut(t, own) {
		names = append(names, c.Name)
		values = append(values, p.Key("v", c))
	}
	return names, values
}

// paperTrailLive returns SQL for the live row of a version.
func paperTrailLive(p table.RowProbe, t *table.Table) (live string, dead []string, err error) {
	types, err := p.Steps(t, "item_type")
	if err != nil {
		return "", nil, err
	}
	for _, name := range types {
		l := railsTable(p, name)
		var key []string
		if l != nil {
			if key, err = p.PrimaryKey(l); err != nil {
				return "", nil, err
			}
		}
		if len(key) != 1 {
			dead = append(dead, name)
			continue
		}
		var cols []*table.Column
		for i := range l.Cols {
			cols = append(cols, &l.Cols[i])
		}
		row, err := p.Row("l", l, cols)
		if err != nil {
			return "", nil, err
		}
		live += " WHEN " + table.QuoteText(name) + " THEN (SELECT " + row + " FROM " + p.Name(l) + " AS l WHERE " +
			p.SameKey("l", l.Column(key[0]), "v", t.Column("item_id")) + ")"
	}
	if live == "" {
		return "NULL", dead, nil
	}
	return "CASE " + t.Ref("v", "item_type") + live + " END", dead, nil
}

// railsTable finds the table that Rails names after a class: Admin::UserEntry is in
// admin_user_entries or user_entries.
func railsTable(p table.RowProbe, class string) *table.Table {
	var words strings.Builder
	for i, r := range class {
		if r >= 'A' && r <= 'Z' {
			if before := class[max(0, i-1)]; i > 0 && before != ':' && (before < 'A' || before > 'Z') {
				words.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		words.WriteRune(r)
	}
	full := strings.ReplaceAll(words.String(), "::", "_")
	last := words.String()[strings.LastIndex(words.String(), ":")+1:]
	for _, one := range []string{full, last} {
		for _, name := range plurals(one) {
			if t := p.Table(name); t != nil {
				return t
			}
		}
	}
	return nil
}

// plurals returns the forms that a table for the word may have.
func plurals(word string) []string {
	out := []string{word + "s", word + "es"}
	if stem, ok := strings.CutSuffix(word, "y"); ok {
		out = append(out, stem+"ies")
	}
	if stem, ok := strings.CutSuffix(word, "person"); ok {
		out = append(out, stem+"people")
	}
	if stem, ok := strings.CutSuffix(word, "child"); ok {
		out = append(out, stem+"children")
	}
	return slices.Concat(out, []string{word})
}

package jsonfile

import (
	"asof/replay"
	"asof/replay/store/cell"
)

// wal2json is the output of the PostgreSQL plugin wal2json 2, format version 1, a
// transaction {"change":[…]}, and 2, a record {"action":…} for each change. The key is pk,
// which the option include-pk prints, or else the column id. An update has no columns that
// are stored elsewhere and did not change, so it sets columns. The payload of a delete is
// what identifies the row. xid is the correlation, as far as it is printed.
var wal2json = form{
	dialect: "wal2json", rows: true,
	how:   "the first record has an action, or is in a list of changes; the stream is the table and the key",
	needs: "action, or kind and table",
	fits: func(m []cell.Member) bool {
		if a := cell.MemberNamed(m, "action"); a != nil && len(a.Value) == len(`"I"`) {
			_, known := walActions[string(a.Value)]
			return known || string(a.Value) == `"B"` || string(a.Value) == `"C"` || string(a.Value) == `"T"` || string(a.Value) == `"M"`
		}
		return cell.HasMember(m, "kind") && (cell.HasMember(m, "columnnames") || cell.HasMember(m, "oldkeys") || isWalNote(m))
	},
	read: readWal2JSON,
}

var (
	walActions = map[string]string{`"I"`: changeInsert, `"U"`: changeUpdate, `"D"`: changeDelete}
	walKinds   = map[string]string{`"insert"`: changeInsert, `"update"`: changeUpdate, `"delete"`: changeDelete}
)

func isWalNote(m []cell.Member) bool {
	k := cell.MemberNamed(m, "kind")
	return k != nil && (string(k.Value) == `"message"` || string(k.Value) == `"truncate"`)
}

// A walChange is a change in either format.
type walChange struct {
	typ        string
	row, ident []cell.Member // the columns, and what identifies the row before
	pk         []string
}

func readWal2JSON(members []cell.Member, e *event, skip replay.Fields) *cell.TextError {
	var c walChange
	var f *cell.TextError
	known := false
	if action := cell.MemberNamed(members, "action"); action != nil {
		if c.typ, known = walActions[string(action.Value)]; !known {
			switch string(action.Value) {
			case `"B"`, `"C"`:
				e.leftOut = walMarks
			case `"T"`:
				e.leftOut = truncates
			case `"M"`:
				e.leftOut = messages
			default:
				return action.Fault("I, U, D, T, M, B or C")
			}
			return nil
		}
		f = c.second(members)
	} else {
		kind := cell.MemberNamed(members, "kind")
		if kind == nil {
			return missing("action, and no kind")
		}
		if isWalNote(members) {
			e.leftOut = walTexts
			return nil
		}
		if c.typ, known = walKinds[string(kind.Value)]; !known {
			return kind.Fault("insert, update or delete")
		}
		f = c.first(members)
	}
	if f != nil {
		return f
	}
	return e.walRow(&c, members, skip)
}

// second reads a record of format 2.
func (c *walChange) second(members []cell.Member) *cell.TextError {
	for key, into := range map[string]*[]cell.Member{"columns": &c.row, "identity": &c.ident} {
		m := cell.MemberNamed(members, key)
		if m == nil {
			continue
		}
		for _, el := range elements(m.Value) {
			one := cell.Member{Key: m.Key, Value: el, At: m.At}
			column, f := one.Within()
			if f != nil {
				return f
			}
			name := cell.MemberNamed(column, "name")
			if name == nil {
				return missing("name of a column")
			}
			text, f := name.Text()
			if f != nil {
				return f
			}
			value := cell.NullText
			if v := cell.MemberNamed(column, "value"); v != nil {
				value = v.Value
			}
			*into = append(*into, cell.Member{Key: text, Value: value, At: m.At})
		}
	}
	pk := cell.MemberNamed(members, "pk")
	if pk == nil {
		return nil
	}
	for _, el := range elements(pk.Value) {
		one := cell.Member{Key: pk.Key, Value: el, At: pk.At}
		column, f := one.Within()
		if f != nil {
			return f
		}
		if name := cell.MemberNamed(column, "name"); name != nil {
			text, f := name.Text()
			if f != nil {
				return f
			}
			c.pk = append(c.pk, string(text))
		}
	}
	return nil
}

// first reads a record of format 1.
func (c *walChange) first(members []cell.Member) (f *cell.TextError) {
	if c.row, f = zipped(cell.MemberNamed(members, "columnnames"), cell.MemberNamed(members, "columnvalues")); f != nil {
		return f
	}
	for key, within := range map[string]func([]cell.Member) *cell.TextError{
		"oldkeys": func(m []cell.Member) (f *cell.TextError) {
			c.ident, f = zipped(cell.MemberNamed(m, "keynames"), cell.MemberNamed(m, "keyvalues"))
			return f
		},
		"pk": func(m []cell.Member) (f *cell.TextError) {
			c.pk, f = names(cell.MemberNamed(m, "pknames"))
			return f
		},
	} {
		m := cell.MemberNamed(members, key)
		if m == nil {
			continue
		}
		inner, f := m.Within()
		if f == nil {
			f = within(inner)
		}
		if f != nil {
			return f
		}
	}
	return nil
}

// zipped returns columns of a list of names and one of values.
func zipped(of, values *cell.Member) ([]cell.Member, *cell.TextError) {
	keys, f := names(of)
	if f != nil || of == nil {
		return nil, f
	}
	var all [][]byte
	if values != nil {
		all = elements(values.Value)
	}
	if len(all) != len(keys) {
		return nil, of.Fault("a list with a name for each value")
	}
	var out []cell.Member
	for i, k := range keys {
		out = append(out, cell.Member{Key: []byte(k), Value: all[i], At: of.At})
	}
	return out, nil
}

func (e *event) walRow(c *walChange, members []cell.Member, skip replay.Fields) (f *cell.TextError) {
	var space, table []byte
	if m := cell.MemberNamed(members, "schema"); m != nil {
		if space, f = m.Text(); f != nil {
			return f
		}
	}
	m := cell.MemberNamed(members, "table")
	if m == nil {
		return missing("table")
	}
	if table, f = m.Text(); f != nil {
		return f
	}
	keys := valuesOf(c.pk, c.ident, c.row)
	if keys == nil {
		keys = idOf(c.ident, c.row)
	}
	e.setChange(c.typ, c.typ == changeInsert)
	row := c.row
	if c.typ == changeDelete {
		row = c.ident
	}
	e.data = []byte{'{'}
	for i := range row {
		e.data = appendMember(e.data, string(row[i].Key), row[i].Value)
	}
	e.data = append(e.data, '}')
	if skip&replay.FieldMeta == 0 {
		if m := cell.MemberNamed(members, "xid"); m != nil {
			if e.correlation, f = m.Label(); f != nil {
				return f
			}
		}
		e.raw = unknownMembers(nil, members, isWalKey)
	}
	if m := cell.MemberNamed(members, "timestamp"); m != nil && skip&replay.FieldTime == 0 {
		if f := e.looseTime(m); f != nil {
			return f
		}
	}
	return e.setRow(space, table, keys)
}

// isWalKey reports whether a member of a record is shown elsewhere, or says nothing of the
// change.
func isWalKey(key string) bool {
	switch key {
	case "action", "kind", "schema", "table", "columns", "identity", "pk", "xid", "timestamp",
		"columnnames", "columntypes", "columnvalues", "columntypeoids", "columnoptionals", "oldkeys":
		return true
	}
	return false
}

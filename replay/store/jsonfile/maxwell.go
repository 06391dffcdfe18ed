package jsonfile

import (
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
)

// maxwell is the output of Maxwell 1 for MySQL and MariaDB: a record {database, table,
// type, ts, xid, data, old}. data is the row after the change, or before a delete. The key
// is primary_key_columns if Maxwell prints them, or else the column id. The rows of a
// bootstrap are snapshots. xid is the correlation. Times are in whole seconds.
var maxwell = form{
	dialect: "maxwell", rows: true,
	how:   "the first record has database, table, type and ts; the stream is the table and the key",
	needs: "database, table, type and ts",
	fits: func(m []cell.Member) bool {
		return cell.HasMember(m, "database") && cell.HasMember(m, "type") && cell.HasMember(m, "ts") &&
			(cell.HasMember(m, "table") || cell.HasMember(m, "sql"))
	},
	timeUnit: cell.UnitNamed("s"),
	read:     readMaxwell,
}

var maxwellTypes = map[string]string{
	"insert": changeInsert, "update": changeUpdate, "delete": changeDelete, "bootstrap-insert": changeSnapshot,
}

func readMaxwell(members []cell.Member, e *event, skip replay.Fields) (f *cell.TextError) {
	kind := cell.MemberNamed(members, "type")
	if kind == nil {
		return missing("type")
	}
	word, f := kind.Text()
	if f != nil {
		return f
	}
	typ, ok := maxwellTypes[string(word)]
	switch w := string(word); {
	case ok:
	case strings.HasPrefix(w, "table-"), strings.HasPrefix(w, "database-"), strings.HasPrefix(w, "bootstrap-"), w == "heartbeat":
		e.leftOut = ofMaxwell
		return nil
	default:
		return kind.Fault("insert, update, delete or bootstrap-insert")
	}
	if f := e.maxwellRow(members, typ); f != nil {
		return f
	}
	if skip&replay.FieldMeta == 0 {
		if m := cell.MemberNamed(members, "xid"); m != nil {
			if e.correlation, f = m.Label(); f != nil {
				return f
			}
		}
		e.raw = unknownMembers(nil, members, func(key string) bool {
			switch key {
			case "database", "table", "type", "ts", "xid", "data", "old", "primary_key", "primary_key_columns":
				return true
			}
			return false
		})
	}
	if m := cell.MemberNamed(members, "ts"); m != nil && skip&replay.FieldTime == 0 {
		return e.looseTime(m)
	}
	return nil
}

func (e *event) maxwellRow(members []cell.Member, typ string) *cell.TextError {
	var space, table []byte
	for key, into := range map[string]*[]byte{"database": &space, "table": &table} {
		m := cell.MemberNamed(members, key)
		if m == nil {
			return missing(key)
		}
		var f *cell.TextError
		if *into, f = m.Text(); f != nil {
			return f
		}
	}
	data := cell.MemberNamed(members, "data")
	if data == nil {
		return missing("data")
	}
	row, f := data.Within()
	if f != nil {
		return f
	}
	columns, f := names(cell.MemberNamed(members, "primary_key_columns"))
	if f != nil {
		return f
	}
	old, f := rowOf(cell.MemberNamed(members, "old"))
	if f != nil {
		return f
	}
	keys := idOf(row)
	if columns != nil {
		keys = valuesOf(columns, row)
	} else if columns = []string{"id"}; keys == nil {
		columns = nil
	}
	for i, name := range columns { // a change of the key is in the stream of the old one
		if was := valuesOf([]string{name}, old); was != nil && i < len(keys) {
			keys[i] = was[0]
		}
	}
	e.setChange(typ, true)
	e.data = data.Value
	return e.setRow(space, table, keys)
}

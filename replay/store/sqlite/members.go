package sqlite

import (
	"encoding/hex"
	"fmt"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// membersOf returns SQL for the values of the members of an object, and a function that joins
// them as [Probe.Members] does, in less time. It returns nothing if SQL must.
func (p *Probe) membersOf(t *table.Table, m *table.Members) (values []string, join func(values []cell.Value, into *cell.Value) error) {
	if m == nil || len(m.Names) == 0 {
		return nil, nil
	}
	texts := make([]bool, len(m.Names))
	same := make([]string, len(m.Names)) // SQL for the values, of parameters
	for i, name := range m.Names {
		if !isPlainText([]byte(name)) {
			return nil, nil
		}
		param := fmt.Sprint("?", i+1)
		same[i] = param
		value := m.Values[i]
		for c := range t.Cols {
			if value == p.Key("v", &t.Cols[c]) {
				texts[i], same[i], value = true, ShownID(param), t.Ref("v", t.Cols[c].Name)
				break
			}
		}
		values = append(values, value)
	}
	sql := "SELECT " + p.Members(m.Names, same)
	return values, func(values []cell.Value, into *cell.Value) error {
		if appendPlain(into, m.Names, values, texts) {
			return nil
		}
		stmt, _, err := p.conn.PrepareTransient(sql)
		if err != nil {
			return err
		}
		defer stmt.Finalize() //nolint:errcheck // Step has returned the error
		for i := range values {
			bindValue(stmt, i+1, &values[i])
		}
		if _, err = stmt.Step(); err == nil {
			p.readColumn(stmt, 0, into)
		}
		return err
	}
}

// appendPlain sets a value to an object whose members need no escapes, or to NULL if all values
// are. The numbers that texts has become texts. It returns false for other values.
func appendPlain(into *cell.Value, names []string, values []cell.Value, texts []bool) bool {
	out := append(into.B[:0], '{')
	for i := range values {
		v := &values[i]
		if v.Kind == cell.Null {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), names[i]...), '"', ':')
		switch {
		case v.Kind == cell.Int && !texts[i]:
			out = append(out, v.Text()...)
		case v.Kind == cell.Blob:
			out = append(hex.AppendEncode(append(out, '"'), v.B), '"')
		case v.Kind != cell.Real && isPlainText(v.Text()):
			out = append(append(append(out, '"'), v.B...), '"')
		default:
			return false
		}
	}
	into.Kind, into.B = cell.Text, append(out, '}')
	if len(out) == 1 {
		into.Kind = cell.Null
	}
	return true
}

// isPlainText reports whether a text is ASCII that a string of JSON has as it is.
func isPlainText(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func bindValue(stmt *sqlite.Stmt, param int, v *cell.Value) {
	switch v.Kind {
	case cell.Int:
		stmt.BindInt64(param, v.Num)
	case cell.Real:
		stmt.BindFloat(param, v.Real)
	case cell.Text:
		stmt.BindText(param, string(v.B))
	case cell.Blob:
		stmt.BindBytes(param, v.B)
	default:
		stmt.BindNull(param)
	}
}

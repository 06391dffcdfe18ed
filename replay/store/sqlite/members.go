package sqlite

import (
	"encoding/hex"
	"fmt"
	"unicode/utf8"

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
		stmt, err := p.conn.Prepare(sql) // once for all rows
		if err != nil {
			return err
		}
		defer stmt.Reset() //nolint:errcheck // Step has returned the error
		for i := range values {
			bindValue(stmt, i+1, &values[i])
		}
		if _, err = stmt.Step(); err == nil {
			p.readColumn(stmt, 0, into)
		}
		return err
	}
}

// appendPlain sets a value to an object as SQLite writes it, or to NULL if all values are. The
// numbers that texts has become texts. It returns false for real numbers and for texts that are
// not UTF-8.
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
		case v.Kind != cell.Real && utf8.Valid(v.Text()):
			out = appendQuoted(out, v.B)
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

// appendQuoted appends a string of JSON as SQLite writes it.
func appendQuoted(out, text []byte) []byte {
	const letters, hex = "........btn.fr..", "0123456789abcdef"
	out = append(out, '"')
	done := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		out = append(append(out, text[done:i]...), '\\')
		done = i + 1
		switch {
		case c >= ' ':
			out = append(out, c)
		case int(c) < len(letters) && letters[c] != '.':
			out = append(out, letters[c])
		default:
			out = append(out, 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(out, text[done:]...), '"')
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

package sqlite

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// Name returns SQL that names the table.
func (p *Probe) Name(t *table.Table) string { return table.QuoteName(t.Name) }

// All returns the tables, by name.
func (p *Probe) All() []*table.Table { return table.ByName(p.Tables) }

// PrimaryKey returns the columns of a table's primary key.
func (p *Probe) PrimaryKey(t *table.Table) ([]string, error) {
	var key []string
	for at := 1; ; at++ {
		i := slices.IndexFunc(t.Cols, func(c table.Column) bool { return c.PK == at })
		if i < 0 {
			return key, nil
		}
		key = append(key, t.Cols[i].Name)
	}
}

// References returns the names of the tables to which foreign keys of a table lead.
func (p *Probe) References(t *table.Table) ([]string, error) {
	return p.Texts("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(" + table.QuoteText(t.Name) + ")")
}

// Key returns SQL for a column of a key as text.
func (p *Probe) Key(alias string, c *table.Column) string {
	return ShownID(alias + "." + table.QuoteName(c.Name))
}

// Row returns SQL for a JSON object of the columns.
func (p *Probe) Row(alias string, t *table.Table, cols []*table.Column) (string, error) {
	keys, err := p.rowKeys(t, cols)
	if err != nil {
		return "", err
	}
	if err := p.addRowFunctions(); err != nil {
		return "", err
	}
	const most = 60 // columns per call; a function takes at most 100 arguments
	var calls []string
	for part := range slices.Chunk(keys, most) {
		call := ""
		for _, k := range part {
			call += ", " + alias + "." + table.QuoteName(k.Name)
		}
		b, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		calls = append(calls, "asof_members("+table.QuoteText(string(b))+call+")")
	}
	if calls == nil {
		return "'{}'", nil
	}
	return "'{' || " + strings.Join(calls, " || ',' || ") + " || '}'", nil
}

// Members returns SQL for a JSON object without what is NULL.
func (p *Probe) Members(names, values []string) string {
	if len(names) == 0 {
		return ""
	}
	values = slices.Clone(values)
	for i, e := range values { // JSON cannot hold bytes
		if !strings.HasPrefix(e, "CASE ") { // the others are texts
			values[i] = "CASE typeof(" + e + ") WHEN 'blob' THEN lower(hex(" + e + ")) ELSE " + e + " END"
		}
	}
	return "CASE WHEN coalesce(" + strings.Join(values, ", ") + ", NULL) IS NOT NULL THEN nullif(json_patch('{}', json_object(" + table.Pairs(names, values) + ")), '{}') END"
}

// Array returns SQL for an array of texts, each with its length.
func (p *Probe) Array(values ...string) string {
	return "asof_texts(" + strings.Join(values, ", ") + ")"
}

// SameKey returns an SQL condition for a row whose key is in another table.
func (p *Probe) SameKey(alias string, c *table.Column, other string, o *table.Column) string {
	return alias + "." + table.QuoteName(c.Name) + " = " + other + "." + table.QuoteName(o.Name)
}

// Values returns the first column of a query, without NULL.
func (p *Probe) Values(sql string) ([]string, error) { return p.Texts(sql) }

// Steps returns the different values of a column, by the index that begins with it.
func (p *Probe) Steps(t *table.Table, column string) ([]string, error) {
	return p.Distinct(p.Name(t), table.QuoteName(t.Column(column).Name))
}

// RowHistory orders the versions of rows in a temporary table. Those that are stored in their
// order need none for most questions.
func (p *Probe) RowHistory(h *table.RowHistory) *table.Layout {
	l := p.rowLayout(h)
	if s := &h.Sources[0]; len(h.Sources) == 1 && !h.Sequence && !h.Sequenced && !h.Transactions && s.OrderIsRowID() && s.HasTimes() {
		l.InOrder = func() (*table.Layout, error) { return p.inOrder(h) }
	}
	return l
}

func (p *Probe) rowLayout(h *table.RowHistory) *table.Layout {
	l := h.Layout(p, "temp.asof_rows", "asof_rows")
	l.TimesKey, l.ClockOfTexts = "asof_rows.position", false
	l.Cols[source.Data] = p.ofVersion(h, func(s *table.RowSource) (string, string) { return s.Data, "" })
	for f, own := range h.Owns() {
		l.Own[f] = p.ofVersion(h, func(s *table.RowSource) (string, string) { return own(s), s.Joins })
	}
	l.Cols[source.Type] = h.TypeOf(l.Cols[source.Type], l.Cols[source.Version])
	l.Prepare = func() error { return p.orderRows(h) }
	l.Texts = source.FieldsOf(source.Category, source.Type, source.ID, source.Actor, source.Correlation, source.Meta)
	of := p.rowsOf(h.Sources[0])
	if h.Sequence && len(h.Sources[0].Columns) > 0 {
		p.singly(l, h, of)
	}
	p.straight(l, h, of)
	return l
}

// ofVersion returns SQL for what of returns of a source, an expression over v and the joins
// that it needs, for the version that is in asof_rows.
func (p *Probe) ofVersion(h *table.RowHistory, of func(*table.RowSource) (e, joins string)) string {
	sql := "CASE asof_rows.src"
	for i := range h.Sources {
		s := &h.Sources[i]
		e, joins := of(s)
		sql += " WHEN " + strconv.Itoa(i) + " THEN (SELECT " + e + " FROM " + p.Name(s.Versions) +
			" AS v" + joins + " WHERE v." + table.QuoteName(s.Versions.RowID()) + " = asof_rows.row)"
	}
	return sql + " END"
}

// orderRows sorts the versions once, and counts those of each row on the way. The limit keeps
// SQLite from dropping the order.
func (p *Probe) orderRows(h *table.RowHistory) error {
	if err := addCounter(p.conn, "asof_version"); err != nil {
		return err
	}
	var all []string
	for i := range h.Sources {
		t := h.Sources[i].Versions
		all = append(all, h.Select(i, p.Name(t), rowTypes, "v."+table.QuoteName(t.RowID())+" AS row"))
	}
	position := "NULL" // the next number
	if h.Sequence {
		position = "r.seq"
	}
	return p.Exec(
		`CREATE TEMP TABLE asof_rows(position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
			src INTEGER NOT NULL, row INTEGER NOT NULL, category TEXT NOT NULL, time, type TEXT, id TEXT, actor TEXT, correlation TEXT, meta TEXT)`,
		"INSERT INTO temp.asof_rows SELECT "+position+", stream, asof_version(stream), src, row, category, time, type, id, actor, correlation, meta FROM ("+
			"SELECT x.* FROM ("+strings.Join(all, " UNION ALL ")+") AS x ORDER BY "+h.Order("x", clockOrder)+" LIMIT -1) AS r",
		"CREATE UNIQUE INDEX temp.asof_rows_stream ON asof_rows(stream, version)",
	)
}

// A rowKey is a member of a row.
type rowKey struct {
	Name string  `json:"n"`
	Form rowKind `json:"f"`
}

type rowKind uint8

const (
	rowPlain rowKind = iota
	rowBool          // 0 and 1 are false and true
	rowJSON          // text is JSON
)

// rowForm tells the form of a column from its declaration. Django declares JSON as text
// with a CHECK.
func rowForm(c *table.Column, ddl string) rowKind {
	typ := strings.ToUpper(c.Type)
	switch {
	case strings.Contains(typ, "BOOL"):
		return rowBool
	case strings.Contains(typ, "JSON"), strings.Contains(strings.ToUpper(ddl), strings.ToUpper("json_valid("+table.QuoteName(c.Name)+")")):
		return rowJSON
	}
	return rowPlain
}

// rowKeys returns the keys of the members of a row with these columns.
func (p *Probe) rowKeys(t *table.Table, cols []*table.Column) ([]rowKey, error) {
	ddl, err := p.Texts("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = " + table.QuoteText(t.Name))
	keys := make([]rowKey, len(cols))
	for i, c := range cols {
		keys[i] = rowKey{Name: c.Name, Form: rowForm(c, strings.Join(ddl, ""))}
	}
	return keys, err
}

func (p *Probe) addRowFunctions() error {
	known := map[string][]rowKey{}
	var values []cell.Value
	var out []byte
	var scan cell.Scanner
	return p.conn.CreateFunction("asof_members", &sqlite.FunctionImpl{
		NArgs: -1, Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			text := args[0].Text()
			keys, ok := known[text]
			if !ok {
				if err := json.Unmarshal([]byte(text), &keys); err != nil {
					return sqlite.Value{}, err
				}
				known[text] = quotedKeys(keys)
				keys = known[text]
			}
			values = values[:0]
			for _, v := range args[1:] {
				values = append(values, *valueOf(v))
			}
			out = appendMembers(out[:0], keys, values, &scan)
			return sqlite.TextValue(string(out)), nil
		},
	})
}

// quotedKeys makes the names of keys JSON.
func quotedKeys(keys []rowKey) []rowKey {
	for i := range keys {
		keys[i].Name = string(cell.AppendJSON(nil, keys[i].Name))
	}
	return keys
}

// appendMembers appends the members of an object, whose keys are JSON already.
func appendMembers(out []byte, keys []rowKey, values []cell.Value, scan *cell.Scanner) []byte {
	for i := range values {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, keys[i].Name...), ':')
		out = appendColumn(out, &values[i], keys[i].Form, scan)
	}
	return out
}

func appendColumn(out []byte, v *cell.Value, form rowKind, scan *cell.Scanner) []byte {
	switch v.Kind {
	case cell.Int:
		if form == rowBool && (v.Num == 0 || v.Num == 1) {
			return strconv.AppendBool(out, v.Num == 1)
		}
		return strconv.AppendInt(out, v.Num, 10)
	case cell.Real:
		if math.IsInf(v.Real, 0) {
			return cell.AppendJSON(out, strconv.FormatFloat(v.Real, 'g', -1, 64))
		}
		return cell.AppendReal(out, v.Real)
	case cell.Text:
		switch {
		case !utf8.Valid(v.B) && !cell.WellFormed(string(v.B)):
		case form == rowJSON && scan.Valid(v.B):
			return append(out, v.B...)
		default:
			return appendString(out, v.B)
		}
	case cell.Null:
		return append(out, "null"...)
	}
	return append(base64.StdEncoding.AppendEncode(append(out, '"'), v.B), '"')
}

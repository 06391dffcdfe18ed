package dialect

import (
	"strconv"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/table"
)

// A pghTrigger is what a trigger of django-pghistory records.
type pghTrigger struct {
	table, op, label string
	before           bool // the row before the statement
}

// The bits of tgtype in PostgreSQL's catalog.
const (
	pgInsertTrigger = 1 << 2
	pgDeleteTrigger = 1 << 3
	pgUpdateTrigger = 1 << 4
)

// pghTriggers reads the triggers of a schema's tables, by the table that they write.
func pghTriggers(p *postgres.Probe) (map[string][]pghTrigger, error) {
	out := map[string][]pghTrigger{}
	err := p.EachRow(`SELECT c.relname::text, t.tgtype::int::text, f.prosrc::text
		FROM pg_trigger t
		JOIN pg_class c ON c.oid = t.tgrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_proc f ON f.oid = t.tgfoid
		WHERE NOT t.tgisinternal AND f.prosrc LIKE '%pgh_label%' AND n.nspname = `+table.QuoteText(p.Schema)+`
		ORDER BY c.relname, t.tgname`, func(cells [][]byte) error {
		into, label, before, ok := pghInsert(string(cells[2]))
		bits, err := strconv.Atoi(string(cells[1]))
		if !ok || err != nil {
			return nil // a trigger of somebody else
		}
		for _, one := range []struct {
			bit int
			op  string
		}{{pgInsertTrigger, table.RowInsert}, {pgUpdateTrigger, table.RowUpdate}, {pgDeleteTrigger, table.RowDelete}} {
			if bits&one.bit != 0 {
				out[into] = append(out[into], pghTrigger{table: string(cells[0]), op: one.op, label: label, before: before})
			}
		}
		return nil
	})
	return out, err
}

// pghInsert reads the table, the label and the row of the INSERT in a trigger's function:
//
//	INSERT INTO "shop_cartevent" ("id", …, "pgh_label", …) VALUES (NEW."id", …, 'update', …);
//
// A trigger for statements has SELECT and new_values instead.
func pghInsert(body string) (into, label string, before, ok bool) {
	_, rest, found := strings.Cut(body, "INSERT INTO ")
	if !found {
		return "", "", false, false
	}
	name, rest, found := strings.Cut(rest, "(")
	if !found {
		return "", "", false, false
	}
	parts := strings.Split(strings.TrimSpace(name), ".") // of SCHEMA.TABLE
	into = strings.ReplaceAll(strings.Trim(parts[len(parts)-1], `"`), `""`, `"`)
	columns, rest, found := strings.Cut(rest, ")")
	if !found {
		return "", "", false, false
	}
	rest = strings.TrimSpace(rest)
	values, found := strings.CutPrefix(rest, "VALUES (")
	if !found {
		if values, found = strings.CutPrefix(rest, "SELECT "); !found {
			return "", "", false, false
		}
	}
	terms := sqlTerms(values)
	for i, column := range strings.Split(columns, ",") {
		if i >= len(terms) {
			break
		}
		switch c := strings.Trim(strings.TrimSpace(column), `"`); {
		case c == "pgh_label":
			if label, ok = strings.CutPrefix(terms[i], "'"); !ok {
				return "", "", false, false
			}
			label = strings.ReplaceAll(strings.TrimSuffix(label, "'"), "''", "'")
		case !strings.HasPrefix(c, "pgh_") || c == "pgh_obj_id":
			row := strings.ToLower(terms[i])
			before = before || strings.HasPrefix(row, "old.") || strings.HasPrefix(row, "old_values.")
		}
	}
	return into, label, before, ok
}

// sqlTerms splits a list of SQL terms at its commas, up to the parenthesis that closes it.
func sqlTerms(sql string) []string {
	var out []string
	depth, from := 0, 0
	var quote byte
	for i := range len(sql) {
		switch c := sql[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')' && depth == 0, c == ';':
			return append(out, strings.TrimSpace(sql[from:i]))
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(sql[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(sql[from:]))
}

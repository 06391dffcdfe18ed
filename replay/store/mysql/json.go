package mysql

import (
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// JSON returns SQL for the value of a pointer in a column. What is not JSON has none.
func (p *Probe) JSON(_ *table.Table, c *table.Column, at cell.Pointer, f source.Field) string {
	doc := p.Ref(c)
	if classOf(c.Type) != isJSON {
		doc = "CAST(" + doc + " AS CHAR)"
		doc = "CASE WHEN json_valid(" + doc + ") THEN " + doc + " END"
	}
	found := make([]string, 0, 2)
	for _, path := range paths(at) {
		found = append(found, "json_extract("+doc+", "+table.QuoteText(path)+")")
	}
	value := found[0]
	if len(found) > 1 {
		value = "coalesce(" + strings.Join(found, ", ") + ")"
	}
	if f == source.Data || f == source.Meta {
		return value
	}
	// A JSON null is NULL, and the text "null" is text.
	text := "CASE WHEN CAST(" + value + " AS CHAR) <> 'null' THEN CAST(json_unquote(" + value + ") AS CHAR) END"
	switch f {
	case source.Version, source.Position, source.Revision:
		return "(CASE WHEN (" + text + ") REGEXP '^-?[0-9]{1,18}$' THEN CAST((" + text + ") AS SIGNED) END)"
	}
	return "(" + text + ")"
}

// maxNumbers is how many parts of a pointer are tried as the index of an array as well.
const maxNumbers = 3

// paths returns the paths that a pointer may mean: a number is a name or an index.
func paths(at cell.Pointer) []string {
	out := []string{"$"}
	numbers := 0
	for _, name := range at {
		member := `."` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
		index := ""
		if name != "" && strings.Trim(name, "0123456789") == "" && len(name) < 10 && numbers < maxNumbers {
			numbers++
			index = "[" + name + "]"
		}
		var next []string
		for _, path := range out {
			next = append(next, path+member)
			if index != "" {
				next = append(next, path+index)
			}
		}
		out = next
	}
	return out
}

// Object returns SQL for a JSON object of columns.
func (p *Probe) Object(_ *table.Table, cols []*table.Column) string { return object("e", cols) }

// object returns SQL for a JSON object of columns, written out: the functions of the
// engines change numbers, or do not know which columns are JSON.
func object(alias string, cols []*table.Column) string {
	parts := []string{"'{'"}
	for i, c := range cols {
		name := string(cell.AppendJSON(nil, c.Name)) + ":"
		if i > 0 {
			name = "," + name
		}
		parts = append(parts, table.QuoteText(name), "coalesce("+member(alias+"."+table.QuoteName(c.Name), c.Type)+", 'null')")
	}
	return "concat(" + strings.Join(append(parts, "'}'"), ", ") + ")"
}

// member returns SQL for the value of a column as JSON.
func member(e, typ string) string {
	text := "CAST(" + e + " AS CHAR)"
	switch classOf(typ) {
	case isInteger: // + 0: without the zeros of ZEROFILL, and of BIT the number
		return "CAST(" + e + " + 0 AS CHAR)"
	case isNumber:
		if strings.HasPrefix(typ, "decimal") {
			return "CAST(" + e + " + 0 AS CHAR)"
		}
		return text
	case isJSON:
		return text
	case isStamp:
		return "concat('\"', replace(" + text + ", ' ', 'T'), 'Z\"')"
	case isBytes:
		return "concat('\"', replace(to_base64(" + e + "), char(10), ''), '\"')"
	case isShape:
		return "CAST(json_quote(CAST(st_astext(" + e + ") AS CHAR)) AS CHAR)"
	}
	if strings.HasPrefix(typ, "datetime") {
		text = "replace(" + text + ", ' ', 'T')"
	}
	return "CAST(json_quote(" + text + ") AS CHAR)"
}

package render

import (
	"encoding/base64"
	"iter"
	"strconv"
	"strings"

	"asof/inspect/parquetfile"
	"asof/inspect/query"
	"asof/inspect/wire"
	"asof/replay/state"
)

// A RowForm is how the rows of an answer to SQL are printed.
type RowForm string

// The forms of rows.
const (
	RowTable    RowForm = "table"
	RowCSV      RowForm = "csv"
	RowJSON     RowForm = "json"   // an array of objects
	RowNDJSON   RowForm = "ndjson" // an object a line
	RowMarkdown RowForm = "md"
	RowParquet  RowForm = "parquet" // a file
)

// RowForms lists them.
var RowForms = []RowForm{RowTable, RowCSV, RowJSON, RowNDJSON, RowMarkdown, RowParquet}

// A Row is a row of an answer to SQL. The first has only the names of the columns.
type Row struct {
	Columns []string
	Values  []any // nil, int64, float64, string or []byte
}

// mostCell is the width of a text in a table on a terminal.
const mostCell = 60

// Rows prints rows as they arrive. It returns the error of seq, after printing the rows
// before it, or a write error.
func (p *Printer) Rows(seq iter.Seq2[Row, error], form RowForm) error {
	switch form {
	case RowCSV:
		return each(p, seq, p.csvRow)
	case RowMarkdown:
		return each(p, seq, p.markdownRow)
	case RowNDJSON:
		return each(p, seq, func(r Row) {
			if r.Values != nil {
				p.raw(string(state.AppendJSON(nil, wire.RowOf(r.Columns, r.Values))) + "\n")
			}
		})
	case RowJSON:
		return p.jsonRows(seq)
	case RowParquet:
		return p.parquetRows(seq)
	}
	return p.rowTable(seq)
}

// rowTable prints rows as a table, whose columns the first row names.
func (p *Printer) rowTable(seq iter.Seq2[Row, error]) error {
	t := &table{p: p, heads: true, lookahead: logAhead}
	n := 0
	err := each(p, seq, func(r Row) {
		if r.Values == nil {
			for _, name := range r.Columns {
				t.cols = append(t.cols, column{head: clean(name), most: mostCell})
				t.widths = append(t.widths, 1) // it was asked for: it is shown without a text, too
			}
			return
		}
		n++
		t.add(row{cells: t.valueCells(r.Values)})
	})
	t.end()
	if n == 0 && err == nil {
		for i, c := range t.cols {
			if i > 0 {
				p.text("  ")
			}
			p.dim(c.head)
		}
		p.newline()
	}
	return err
}

func (t *table) valueCells(values []any) []cell {
	cells := make([]cell, len(values))
	for i, v := range values {
		cells[i] = cell{{paint{}, clean(text(v))}}
		switch v.(type) {
		case nil:
			cells[i] = cell{{t.p.st.dim, "NULL"}}
		case int64, float64:
			t.cols[i].right = true
		}
	}
	return cells
}

// text is a value as SQL prints it, of no value empty.
func text(v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return state.PrintFloat(v)
	case string:
		return v
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	}
	return ""
}

// raw writes text that is safe where it goes to: a file, or a program.
func (p *Printer) raw(s string) {
	p.b = append(p.b, s...)
	if len(p.b) >= spillAt {
		_ = p.Flush() // the error is kept
	}
}

func (p *Printer) jsonRows(seq iter.Seq2[Row, error]) error {
	before := "["
	err := each(p, seq, func(r Row) {
		if r.Values != nil {
			p.raw(before + string(state.AppendJSON(nil, wire.RowOf(r.Columns, r.Values))))
			before = ",\n"
		}
	})
	if err != nil {
		return err
	}
	if before == "[" {
		p.raw(before)
	}
	p.raw("]\n")
	return nil
}

// parquetRows prints rows as a Parquet file, after the last of them.
func (p *Printer) parquetRows(seq iter.Seq2[Row, error]) error {
	rows, err := parquetfile.NewRows()
	if err != nil {
		return err
	}
	defer rows.Close()
	var cols []parquetfile.Column
	for r, err := range seq {
		if err == nil && r.Values != nil {
			err = rows.Add(r.Values)
		}
		if err != nil {
			return err
		}
		if cols == nil {
			for i, name := range r.Columns {
				cols = append(cols, parquetfile.Column{Name: name, From: i})
			}
		}
	}
	if err := p.Flush(); err != nil {
		return err
	}
	p.err = rows.WriteTo(p.w, cols, nil)
	return p.err
}

// csvRow prints a line of CSV (RFC 4180, with the line ends of Unix). A text that a spreadsheet would take for a
// formula has an apostrophe before it.
func (p *Printer) csvRow(r Row) {
	var line strings.Builder
	cells := r.Values
	if cells == nil {
		for _, name := range r.Columns {
			cells = append(cells, name)
		}
	}
	for i, v := range cells {
		if i > 0 {
			line.WriteByte(',')
		}
		s := text(v)
		if _, isText := v.(string); isText && strings.IndexAny(strings.TrimLeft(s, " \t\r\n\"'"), "=+-@|%＝＋－＠") == 0 {
			s = "'" + s
		}
		if s == "" && v != nil || strings.ContainsAny(s, ",\"\r\n") || strings.TrimSpace(s) != s {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		line.WriteString(s)
	}
	p.raw(line.String() + "\n")
}

// markdownRow prints a line of a Markdown table.
func (p *Printer) markdownRow(r Row) {
	var line strings.Builder
	line.WriteByte('|')
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "&", "&amp;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`)
	if r.Values == nil {
		for _, name := range r.Columns {
			line.WriteString(" " + escape.Replace(Safe(name)) + " |")
		}
		line.WriteString("\n|" + strings.Repeat(" --- |", len(r.Columns)))
	}
	for _, v := range r.Values {
		line.WriteString(" " + escape.Replace(Safe(text(v))) + " |")
	}
	p.raw(line.String() + "\n")
}

// Tables prints what SQL can ask: each table with its columns, and a row of it.
func (p *Printer) Tables(s *query.Schema) {
	for i, t := range s.Tables {
		if i > 0 {
			p.newline()
		}
		p.put(p.st.strong, clean(t.Name))
		p.text("  ")
		p.dim(clean(t.About))
		p.newline()
		wide := 0
		for _, c := range t.Columns {
			wide = max(wide, width(clean(c)))
		}
		for j, c := range t.Columns {
			p.text("  " + clean(c))
			if t.Row != nil && t.Row[j] != nil {
				p.pad(wide + 4)
				p.dim(cut(clean(text(t.Row[j])), mostCell))
			}
			p.newline()
		}
	}
}

package render

import (
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// A grid is a table that is complete before it is printed. Rows that are printed while
// they are read, such as a log, use a [table].
type grid struct {
	heads []string
	right []bool // align right, for numbers
	rows  [][]string
}

// add adds a row of safe text.
func (g *grid) add(cells ...safe) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = string(c)
	}
	g.rows = append(g.rows, row)
}

// print prints the grid without borders, indented.
func (p *Printer) grid(g grid, indent int) error {
	var b strings.Builder
	align := make(tw.Alignment, len(g.right))
	for i, right := range g.right {
		if align[i] = tw.AlignLeft; right {
			align[i] = tw.AlignRight
		}
	}
	t := tablewriter.NewTable(
		&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off), // otherwise eventType becomes EVENT TYPE
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithPadding(tw.Padding{Right: "  ", Overwrite: true}),
		tablewriter.WithTrimSpace(tw.Off),
	)
	t.Header(g.heads)
	if err := t.Bulk(g.rows); err != nil {
		return err
	}
	if err := t.Render(); err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		p.pad(indent)
		line := safe(strings.TrimRight(line, " ")) // the library pads the last column
		if i == 0 {
			p.dim(line)
		} else {
			p.text(line)
		}
		p.newline()
	}
	return nil
}

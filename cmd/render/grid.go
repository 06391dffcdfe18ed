package render

import "strings"

// A grid is a table that is complete before it is printed. Rows that are printed while
// they are read, such as a log, use a [table].
type grid struct {
	heads []safe
	right []bool // align right, for numbers
	rows  [][]safe
}

// add adds a row.
func (g *grid) add(cells ...safe) { g.rows = append(g.rows, cells) }

// widths are the widths of the columns.
func (g *grid) widths() []int {
	out := make([]int, len(g.heads))
	for i, head := range g.heads {
		out[i] = width(head)
		for _, row := range g.rows {
			out[i] = max(out[i], width(row[i]))
		}
	}
	return out
}

// grid prints the grid without borders, indented. Unlike a [table], it never breaks a row.
func (p *Printer) grid(g grid, indent int) {
	widths := g.widths()
	line := func(cells []safe) safe {
		var b strings.Builder
		for i, c := range cells {
			gap := strings.Repeat(" ", widths[i]-width(c))
			if g.right[i] {
				b.WriteString(gap + string(c))
			} else {
				b.WriteString(string(c) + gap)
			}
			b.WriteString(strings.Repeat(" ", tableGap))
		}
		return safe(strings.TrimRight(b.String(), " "))
	}
	p.pad(indent)
	p.dim(line(g.heads))
	p.newline()
	for _, row := range g.rows {
		p.pad(indent)
		p.text(line(row))
		p.newline()
	}
}

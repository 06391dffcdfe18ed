package render

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestGrid prints random grids. What stands below a head, as wide as the widest cell of the
// column, is the cell, at its side of the column.
func TestGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]safe{"", "a", "two words", "12", "1,234,567", "größe", "注文", "🙂", "é"})
		g := grid{}
		for range rapid.IntRange(1, 5).Draw(t, "columns") {
			g.heads, g.right = append(g.heads, "h"+text.Draw(t, "head")), append(g.right, rapid.Bool().Draw(t, "right"))
		}
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			var row []safe
			for range g.heads {
				row = append(row, text.Draw(t, "cell"))
			}
			g.add(row...)
		}
		indent := rapid.IntRange(0, 3).Draw(t, "indent")
		var out bytes.Buffer
		p := New(&out, Options{})
		p.grid(g, indent)
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != len(g.rows)+1 {
			t.Fatalf("%d rows are %d lines:\n%s", len(g.rows), len(lines), out.String())
		}
		for i, line := range lines {
			cells := g.heads
			if i > 0 {
				cells = g.rows[i-1]
			}
			checkGridLine(t, line, cells, g, indent)
		}
	})
}

func checkGridLine(t *rapid.T, line string, cells []safe, g grid, indent int) {
	if strings.TrimRight(line[min(indent, len(line)):], " ") != line[min(indent, len(line)):] {
		t.Fatalf("%q ends with spaces", line)
	}
	rest, ok := strings.CutPrefix(line, strings.Repeat(" ", indent))
	for i, c := range cells {
		most := width(g.heads[i])
		for _, row := range g.rows {
			most = max(most, width(row[i]))
		}
		gap := strings.Repeat(" ", most-width(c))
		want := string(c) + gap + "  "
		if g.right[i] {
			want = gap + string(c) + "  "
		}
		if !strings.HasPrefix(rest, want) { // the line may end here
			ok = ok && strings.TrimRight(want, " ") == rest
			want = rest
		}
		rest = rest[len(want):]
	}
	if !ok || rest != "" {
		t.Fatalf("%q has not the cells %q", line, cells)
	}
}

package render

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Filled text fits any terminal and keeps its characters, also where a character has
// several bytes or takes two columns.
func TestFillFits(t *testing.T) {
	word := rapid.StringMatching(`[a-z{}:←→…é日]{1,9}`)
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for range rapid.IntRange(1, 5).Draw(t, "lines") {
			line := strings.Repeat(" ", rapid.IntRange(0, 6).Draw(t, "indent"))
			line += strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "name"), " ")
			if rapid.Bool().Draw(t, "item") {
				line += strings.Repeat(" ", rapid.IntRange(2, 9).Draw(t, "gap"))
				line += strings.Join(rapid.SliceOfN(word, 1, 9).Draw(t, "words"), " ")
			}
			lines = append(lines, line)
		}
		text, cols := strings.Join(lines, "\n"), rapid.IntRange(20, 90).Draw(t, "cols")
		got := fill(text, cols)
		for _, line := range got {
			if columns(line) > cols {
				t.Fatalf("%q takes %d columns of %d", line, columns(line), cols)
			}
		}
		a, b := strings.Fields(text), strings.Fields(strings.Join(got, "\n"))
		if strings.Join(a, "") != strings.Join(b, "") {
			t.Fatalf("%q became %q", a, b)
		}
	})
}

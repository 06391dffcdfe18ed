package render

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// A paint is the text written before and after styled text. The zero paint has no style.
type paint struct{ on, off string }

// styles are all the styles. They use the 16 colors of the terminal's theme.
type styles struct {
	strong  paint // the line with the answer
	dim     paint // labels, times, what was left out
	added   paint
	removed paint
	edited  paint
	failed  paint // the program's name before an error
	json    palette
}

// A palette is the styles of JSON text.
type palette struct{ key, str, num, word, punct paint }

// mono returns a palette with one style for everything.
func mono(p paint) palette { return palette{p, p, p, p, p} }

func newStyles(color bool) styles {
	if !color {
		return styles{}
	}
	// Set the profile, or the renderer queries the terminal.
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(termenv.ANSI))
	r.SetColorProfile(termenv.ANSI)
	r.SetHasDarkBackground(true)
	style := r.NewStyle
	fore := func(c string) lipgloss.Style { return style().Foreground(lipgloss.Color(c)) }
	return styles{
		strong:  paintOf(style().Bold(true)),
		dim:     paintOf(style().Faint(true)),
		added:   paintOf(fore("2")),
		removed: paintOf(fore("1")),
		edited:  paintOf(fore("3")),
		failed:  paintOf(fore("1").Bold(true)),
		json: palette{
			key: paintOf(fore("6")), str: paintOf(fore("2")), word: paintOf(fore("5")),
		},
	}
}

// paintOf splits a style once, which makes painting two appends.
func paintOf(s lipgloss.Style) paint {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return paint{on, off}
}

// mark is the sign of a change and its style.
type mark struct {
	sign  safe
	paint paint
}

func (s *styles) plus() mark    { return mark{"+", s.added} }
func (s *styles) minus() mark   { return mark{"-", s.removed} }
func (s *styles) unknown() mark { return mark{"?", s.edited} }
func (s *styles) tilde() mark   { return mark{"~", s.edited} }

package render

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// A paint is what is written before and after text to style it. The zero paint
// is none.
type paint struct{ on, off string }

// styles are all the styles there are, of the 16 colours that a user's terminal
// theme defines.
type styles struct {
	strong  paint // the line that answers
	dim     paint // labels, times, what was left out
	added   paint
	removed paint
	edited  paint
	failed  paint // the program's name before an error
	json    palette
}

// A palette is the styles of JSON text.
type palette struct{ key, str, num, word, punct paint }

// mono is the palette that paints all alike.
func mono(p paint) palette { return palette{p, p, p, p, p} }

func newStyles(color bool) styles {
	if !color {
		return styles{}
	}
	// The profile is given: a renderer that has to find out asks the terminal.
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

// paintOf takes a style apart once, so that painting is two appends.
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
